from pathlib import Path

import pytest

from cartelera.config import compose
from cartelera.stages.places import ROOT_VARIABLE, in_project, located, project_root

CONF = Path(__file__).parents[2] / "conf"
RELATIVE = ["data=folder", "data.path=incoming", "recommend.database=sqlite:///lists.db"]


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    """The folder that DVC makes of a project to run an experiment in."""
    folder = tmp_path / ".dvc" / "tmp" / "exps" / "tmp1"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv(ROOT_VARIABLE, str(tmp_path))
    return folder


def test_an_experiment_in_a_temporary_folder_shares_what_lasts_with_its_project(
    experiment, tmp_path
):
    config = in_project(compose(RELATIVE, CONF))

    assert project_root() == tmp_path
    assert config.tracking.uri == f"sqlite:///{tmp_path}/mlflow.db"
    assert config.search.storage == f"{tmp_path}/optuna.journal"
    assert config.recommend.database == f"sqlite:///{tmp_path}/lists.db"
    assert config.serve.feedback == f"{tmp_path}/feedback"
    assert config.data.path == f"{tmp_path}/incoming"


@pytest.mark.parametrize(
    "place",
    [
        "/srv/films",
        "sqlite:////srv/mlflow.db",
        "http://localhost:5000",
        "postgresql+psycopg://me@host/studies",
        "s3://bucket/films",
    ],
)
@pytest.mark.usefixtures("experiment")
def test_what_is_not_relative_stays(place):
    assert located(place) == place


@pytest.mark.parametrize("root", [None, "the project's", "another's"])
def test_anywhere_else_everything_stays_relative(root, tmp_path, monkeypatch):
    (tmp_path / "project" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    if root is not None:
        folder = Path.cwd() if root == "the project's" else tmp_path
        monkeypatch.setenv(ROOT_VARIABLE, str(folder))
    config = compose(RELATIVE, CONF)

    assert in_project(config) == config
    assert config.tracking.uri == "sqlite:///mlflow.db"
