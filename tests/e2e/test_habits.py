"""The commands of docs/habits.md do what the page says; experiments share the project's store."""

import shutil
import sqlite3

import pytest

from .habits import habits

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]

QUICK = [
    "search.n_trials=1",
    "search.ranking.n_trials=1",
    "search.warm_start=false",
    "evaluate.n_bootstrap=100",
]


def commit(project) -> None:
    for words in (["add", "-A"], ["commit", "-q", "-m", "as it is"]):
        author = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        status, said = project.run("git", *author, *words)
        assert status == 0, said


def follow(project, section: str) -> None:
    wrong = []
    for habit in habits(section):
        status, said = project.run("sh", "-c", habit.command)
        plain = " ".join(said.replace("`", "").split())
        is_said = habit.says in plain if habit.says else not plain
        if status != habit.status or not is_said:
            wrong.append(f"{habit.command} ended with {status}:\n{said}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def committed(small, tmp_path):
    """A copy of a finished project, with what its run wrote in git."""
    project = small.copy(tmp_path / "cartelera")
    store = "BENTOML_HOME"
    shutil.copytree(small.environment[store], project.environment[store])
    commit(project)
    return project


def test_habits_in_a_fresh_clone(fresh):
    commit(fresh)
    follow(fresh, "In a fresh clone")


def test_habits_after_a_run(committed):
    follow(committed, "After a run")


def test_an_experiment_in_a_temporary_folder_meets_the_champion(committed):
    local = committed.root / "conf" / "local" / "default.yaml"
    local.write_text(local.read_text().replace("  n_trials: 2\n", "  n_trials: 2\n  seed: 9\n", 1))
    committed.run("cartelera", "compose")
    settings = [word for setting in QUICK for word in ("-S", setting)]

    status, said = committed.run("dvc", "exp", "run", "--temp", *settings)

    assert status == 0, said
    assert "search.n_trials=1" in said
    assert "beside the recipe of the champion, version 1" in " ".join(said.lower().split())
    with sqlite3.connect(committed.root / "mlflow.db") as store:
        (n_versions,) = store.execute("select count(*) from model_versions").fetchone()
    assert n_versions == 2
