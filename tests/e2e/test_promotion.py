"""New ratings arrive: the pipeline retrains, compares with the champion, and people overrule it."""

import json
import os
import re
import signal
import socket
import time

import pandas as pd
import pytest
import requests

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("promotion")]

SAMPLE = ["data.n_titles=100", "data.n_users=80", "data.n_ratings=6000", "data.noise=0.3"]
SETTINGS = """\
# @package _global_
defaults:
  - override /data: folder
  - override /search: quick
data:
  path: incoming
search:
  n_trials: 2
tracking:
  gate_min_users: 20
"""
PAIRS = {"dataframe_split": {"columns": ["user_id", "title_id"], "data": [[1, "ns1"], [2, "xx"]]}}


def read(project, path: str) -> dict:
    return json.loads((project.root / path).read_text())


def must(project, *command: str) -> str:
    status, said = project.run(*command)
    assert status == 0, said
    return said


def stages_run(said: str) -> list[str]:
    return re.findall(r"Running stage '(\w+)'", said)


@pytest.fixture(scope="module")
def later(start_project):
    """A project that reads a folder: the earlier ratings are there, the later ones come."""
    project = start_project("promotion")
    return project, project.hold_back(0.3, SAMPLE, SETTINGS)


def test_new_ratings_are_learnt_and_a_rollback_holds(later):
    project, late_ratings = later
    must(project, "dvc", "repro", "register")
    first = read(project, "data/reports/gate.json")
    assert (first["version"], first["is_champion"]) == (1, True)
    assert "There is no champion to compare it with" in first["decision"]["reason"]

    late_ratings.to_csv(project.root / "incoming" / "ratings" / "2.csv", index=False)
    said = must(project, "dvc", "repro", "register")

    second = read(project, "data/reports/gate.json")
    ships = read(project, "data/model/champion/registered.json")
    train, test = (
        pd.read_parquet(project.root / f"data/features/{part}.parquet")
        for part in ("train", "test")
    )
    assert "This model is version 2" in said
    assert second["version"] == 2
    if not second["is_champion"]:
        assert second["decision"]["champion"] == 1
        assert second["decision"]["contest"]["n_ratings"] == len(test)
        assert ships["refit_of"] == 1
    card = read(project, "data/model/champion/shipped/model_card.json")
    assert card["reference"]["n_ratings"] == len(train) + len(test), "whoever won"

    listed = must(project, "cartelera", "models")
    assert "champion" in listed
    if ships["version"] != 2:
        must(project, "cartelera", "promote", "2", "--reason", "the editors prefer it")
    must(project, "cartelera", "rollback", "--reason", "the editors miss the old lists")
    must(project, "cartelera", "repro")
    refused = read(project, "data/reports/gate.json")
    assert not refused["is_champion"]
    assert "the editors miss the old lists" in refused["decision"]["reason"]
    ships = read(project, "data/model/champion/registered.json")
    (bundled,) = (project.root / "data/bento").rglob("registered.json")
    assert json.loads(bundled.read_text())["version"] == ships["version"]

    before = project.contents("data/model/champion", "data/reports/gate.json")
    assert stages_run(must(project, "cartelera", "repro")) == ["compose", "register"]
    assert project.contents("data/model/champion", "data/reports/gate.json") == before

    listed = must(project, "cartelera", "models")
    assert "withdrawn" in listed
    assert "the editors miss the old lists" in " ".join(listed.split())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_mlflow_serves_the_champion_without_pickle(later, tmp_path):
    project, _ = later
    port = free_port()
    uri = f"sqlite:///{project.root / 'mlflow.db'}"
    os_environment = {"MLFLOW_TRACKING_URI": uri, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false"}
    process = project.start(
        "env", *(f"{key}={value}" for key, value in os_environment.items()),
        "mlflow", "models", "serve", "-m", "models:/cartelera-svd@champion",
        "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port),
    )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while True:
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < until
            try:
                if requests.get(f"http://127.0.0.1:{port}/ping", timeout=5).ok:
                    break
            except requests.ConnectionError:
                time.sleep(0.3)
        answer = requests.post(f"http://127.0.0.1:{port}/invocations", json=PAIRS, timeout=30)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    assert answer.status_code == 200, answer.text
    stars = [line["prediction"] for line in answer.json()["predictions"]]
    assert len(stars) == 2
    assert all(0.5 <= rating <= 5 for rating in stars)
