import shutil
import sqlite3
from pathlib import Path

import pytest

from cartelera.tracking.gate import Measured
from cartelera.tracking.registration import register
from cartelera.tracking.runs import Kind, Tracker
from cartelera.tracking.versions import Versions

from .conftest import RULES, Night, make_recipe, save_models


@pytest.fixture
def project(new_store, tmp_path, models_without_code) -> Path:
    """A folder with a database and a champion in it."""
    folder = tmp_path / "former"
    folder.mkdir()
    new_store(folder)
    register_in(folder, 0.15)
    return folder


def register_in(folder: Path, ndcg: float):
    tracker = Tracker(f"sqlite:///{folder / 'mlflow.db'}", "moving")
    versions = Versions(tracker, "films")
    content = save_models(make_recipe(ndcg), "a", folder / f"models-{ndcg}")
    measured = Measured(0.9, 1.0, split_digest="a")
    with tracker.run("train") as run:
        run.text("hello", "hello.txt")
        return versions, register(versions, run, content, measured, Night("a", ndcg), RULES)


def contents(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


@pytest.mark.parametrize("move", [shutil.move, shutil.copytree])
def test_in_a_moved_or_copied_folder_the_champion_is_found_and_nothing_goes_elsewhere(
    move, project, tmp_path
):
    before = contents(project)
    now = tmp_path / "now"
    move(project, now)

    versions, registered = register_in(now, 0.14)

    assert registered.decision.champion == 1
    assert "0.1400 against 0.1500" in registered.decision.reason
    versions.fetch(versions.get(1), tmp_path / "fetched")
    former = contents(project) if project.exists() else set()
    assert former == (before if move is shutil.copytree else set())
    with sqlite3.connect(now / "mlflow.db") as database:
        for table, column in (
            ("experiments", "artifact_location"),
            ("runs", "artifact_uri"),
            ("logged_models", "artifact_location"),
            ("model_versions", "storage_location"),
        ):
            paths = [path for (path,) in database.execute(f"SELECT {column} FROM {table}")]
            in_folder = f"file://{now}/mlartifacts"
            assert sum(path.startswith(in_folder) for path in paths) >= 1
            assert not any(path.startswith(f"file://{project}/mlartifacts") for path in paths)


def test_it_is_so_when_the_next_run_is_of_another_kind(project, tmp_path):
    now = tmp_path / "now"
    project.rename(now)

    tracker = Tracker(f"sqlite:///{now / 'mlflow.db'}", "moving", kind=Kind.search)

    (run,) = tracker.search({"cartelera.stage": "train"})
    assert run.info.artifact_uri.startswith(f"file://{now}/mlartifacts")


def test_a_place_that_somebody_chose_is_kept(new_store, tmp_path):
    uri = new_store(tmp_path)
    chosen = (tmp_path / "elsewhere").as_uri()
    Tracker(uri, "other").client.create_experiment("chosen/models", artifact_location=chosen)

    with Tracker(uri, "chosen").run("train") as run:
        run.text("hello", "hello.txt")

    assert list((tmp_path / "elsewhere").rglob("hello.txt"))
