"""The entry points of MLproject, run as `mlflow run` runs them."""

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("real_data")]

SMALL = """\
# @package _global_
defaults:
  - override /search: quick
data:
  n_titles: 200
  n_users: 60
  n_ratings: 4000
search:
  n_trials: 2
"""


@pytest.fixture(scope="module")
def small(start_project):
    project = start_project("mlproject")
    local = project.root / "conf" / "local"
    local.mkdir()
    (local / "default.yaml").write_text(SMALL)
    return project


def mlflow_run(project, *arguments: str) -> str:
    status, said = project.run("mlflow", "run", ".", "--env-manager", "local", *arguments)
    assert status == 0, said
    return said


def test_main_runs_the_whole_pipeline(small):
    mlflow_run(small, "-P", "overrides=split=random search.seed=5")

    params = (small.root / "params.yaml").read_text()
    assert "method: random" in params
    assert "seed: 5" in params
    assert (small.root / "data/bento/bento.yaml").is_file()


@pytest.mark.parametrize(
    ("entry", "made"),
    [
        (["etl"], "data/clean/titles.csv"),
        (["eda"], "data/reports/eda.html"),
        (["search", "-P", "n_trials=3"], "data/model/trials.csv"),
        (["train"], "data/model/learning_curve.csv"),
        (["recommend", "-P", "k=3"], "data/recommendations/users-1-60.parquet"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_an_entry_point_runs_its_stage_on_what_is_there(small, entry, made):
    if not (small.root / "data" / "clean").exists():
        small.repro()
    (small.root / made).unlink()

    mlflow_run(small, "-e", *entry)

    assert (small.root / made).is_file()
