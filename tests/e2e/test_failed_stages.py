"""A stage that fails or is killed leaves what was there, and the service never misses its folder."""

import random
import shlex
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cartelera.service.bundle.layout import FOLDER_NAME, Bundle
from cartelera.service.bundle.loading import load

from .warm import PRELUDE

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("failed-stages")]

SAMPLE = ["data.n_titles=150", "data.n_users=120", "data.n_ratings=6000"]
SEARCH = ["search=quick", "search.n_trials=2", "search.ranking.n_trials=3"]
TINY = [*SAMPLE, *SEARCH, "evaluate.n_bootstrap=100"]

STAGES = [
    "compose",
    "acquire",
    "etl",
    "eda",
    "split",
    "search",
    "train",
    "evaluate",
    "register",
    "recommend",
    "package",
]

FULL_DISK = """
import sys
from cartelera import files


def fail(draft, target):
    raise OSError(28, "No space left on device", str(target))


if "-m" in sys.argv:
    files._put_in_place = fail
"""
"""What a stage does last is to put results in place; everything before has been done then."""


@pytest.fixture(scope="module")
def made(start_project):
    """A project with everything made, of a tiny sample."""
    project = start_project("failed-stages")
    project.repro(*TINY)
    return project


@pytest.fixture
def project(made, tmp_path):
    """A copy of it, somewhere else."""
    return made.copy(tmp_path / "cartelera")


def test_a_failed_stage_leaves_every_file_as_it_was(made, tmp_path, monkeypatch):
    (tmp_path / "full_disk.py").write_text(FULL_DISK)
    monkeypatch.setenv(PRELUDE, str(tmp_path / "full_disk.py"))
    monkeypatch.setenv("CARTELERA_OVERRIDES", shlex.join(TINY))
    before = made.contents("data") | files_beside(made)
    for stage in STAGES:
        status, said = made.run("dvc", "repro", "--force", "--single-item", stage)

        assert status != 0, stage
        assert "No space left on device" in said
        assert made.contents("data") | files_beside(made) == before, stage


def files_beside(project) -> dict[str, bytes]:
    return {name: (project.root / name).read_bytes() for name in ("params.yaml", "dvc.lock")}


def test_ratings_without_titles_leave_the_clean_tables(project):
    incoming = project.root / "incoming"
    shutil.copytree(project.root / "data" / "raw", incoming)
    ratings = next((incoming / "ratings").iterdir())
    ratings.write_text(ratings.read_text().replace("movieId", "film", 1))
    before = project.contents("data/clean", "data/features", "data/reports", "data/bento")

    status, said = project.run("cartelera", "repro", "data=folder", "data.path=incoming")

    assert status != 0
    assert "movieId" in said
    assert project.contents("data/clean", "data/features", "data/reports", "data/bento") == before


@contextmanager
def asked_all_the_time(url: str, bento: Path) -> Iterator[list[str]]:
    """Ask the service, and start as a new worker of it would, over and over; note what fails."""
    failures: list[str] = []
    stop = threading.Event()
    bundle = Bundle(bento / "src" / FOLDER_NAME)

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=30) as client:
            while not stop.wait(0.02):
                try:
                    client.get("/api/users/7/recommendations?k=3").raise_for_status()
                except httpx.HTTPError as error:
                    failures.append(repr(error))

    def start() -> None:
        while not stop.wait(0.1):
            try:
                load(bundle)
            except Exception as error:  # noqa: BLE001 - whatever it is, no worker would have started
                failures.append(repr(error))

    threads = [threading.Thread(target=work) for work in (ask, start)]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def served(project) -> Iterator[str]:
    """Let `cartelera serve` run; give its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    options = [f"serve.port={port}", "serve.request_log=false", "serve.reload_every_s=0.5"]
    process = project.start("cartelera", "serve", *options)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 120
        while not is_ready(url):
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=60)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False


def test_runs_killed_in_every_stage_cost_the_service_nothing(project, start_project):
    other = [*TINY, "data.seed=8"]
    undisturbed = start_project("undisturbed")
    undisturbed.repro(*other)
    chance = random.Random(4)
    with (
        served(project) as url,
        asked_all_the_time(url, project.root / "data" / "bento") as failures,
    ):
        for stage in STAGES:
            project.repro_killed_in(stage, *other, after_s=chance.uniform(0.2, 2.5))
        project.repro(*other)

    assert not failures
    folders = ("data/raw", "data/clean", "data/features", "data/model/factors")
    assert project.contents(*folders) == undisturbed.contents(*folders)
    metrics = "data/reports/metrics.json"
    assert (
        project.contents("data/reports")[metrics] == undisturbed.contents("data/reports")[metrics]
    )
    assert not list((project.root / "data").rglob(".draft-*"))
