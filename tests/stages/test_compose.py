"""What becomes of a `params.yaml` that somebody edited: by hand, or by `dvc exp run -S`."""

import shutil
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides

from cartelera.config import load
from cartelera.errors import ConfigError
from cartelera.stages import compose, params_file
from cartelera.stages.places import ROOT_VARIABLE

REPOSITORY = Path(__file__).parents[2]
PARAMS = Path("params.yaml")


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A folder with the settings, in which `compose` ran once."""
    shutil.copytree(REPOSITORY / "conf", tmp_path / "conf", ignore=shutil.ignore_patterns("local"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    run(monkeypatch)
    return tmp_path


@pytest.fixture
def again(monkeypatch):
    return lambda overrides="": run(monkeypatch, overrides)


def run(monkeypatch, overrides: str = "") -> None:
    monkeypatch.setenv(compose.OVERRIDES_VARIABLE, overrides)
    compose.run()


def edit(former: str, now: str, path: Path = PARAMS) -> None:
    text = path.read_text()
    assert former in text
    path.write_text(text.replace(former, now, 1))


def test_the_committed_file_is_what_conf_says(project):
    committed = (REPOSITORY / "params.yaml").read_text()
    assert committed == PARAMS.read_text(), "`cartelera compose` makes it anew"


def test_what_nobody_edited_follows_conf_and_the_overrides(again):
    again("search=quick")
    assert load().search.n_trials == 8
    edit("n_trials: 30", "n_trials: 40", Path("conf/search/default.yaml"))
    again()
    assert load().search.n_trials == 40


def test_what_dvc_sets_stands_in_every_later_run(again):
    apply_overrides(PARAMS, ["search.n_trials=5"])
    again()
    assert load().search.n_trials == 5
    edited = PARAMS.read_bytes()
    again()
    assert PARAMS.read_bytes() == edited


def test_an_edit_of_a_run_with_overrides_keeps_them(again):
    again("search=quick")
    apply_overrides(PARAMS, ["search.seed=3"])
    again()
    assert (load().search.n_trials, load().search.seed) == (8, 3)


def test_received_ratings_are_looked_at_anew_beside_an_edit(again):
    edit("n_trials: 30", "n_trials: 5")
    Path("feedback").mkdir()
    Path("feedback/ratings.csv").write_text("userId,rating,timestamp,movieId\n1,4,1,ns1\n")
    again()
    assert [one.name for one in load().serve.feedback_files] == ["ratings.csv"]


def test_an_edit_and_overrides_are_refused_together(again):
    edit("n_trials: 30", "n_trials: 5")
    with pytest.raises(ConfigError, match=r"says search.n_trials=5: .* not both"):
        again("search.seed=3")
    assert load().search.n_trials == 5


def test_an_edit_elsewhere_is_no_matter_of_a_section():
    edit("n_trials: 30", "n_trials: 5")
    overridden = params_file.settings(["serve.port=8080"], "serve.")
    assert overridden.config.serve.port == 8080
    edit("port: 3000", "port: 4000")
    assert params_file.settings(section="serve.").config.serve.port == 4000


def test_an_edit_does_not_hide_a_change_of_conf(again):
    edit("n_trials: 30", "n_trials: 5")
    edit("n_folds: 3", "n_folds: 4", Path("conf/search/default.yaml"))
    with pytest.raises(ConfigError, match=r"says search.n_folds=3 search.n_trials=5, but conf/"):
        again()


def test_an_edit_that_conf_says_too_is_none(again):
    edit("n_trials: 30", "n_trials: 5")
    edit("n_trials: 30", "n_trials: 5", Path("conf/search/default.yaml"))
    again()
    again("search.seed=3")
    assert (load().search.n_trials, load().search.seed) == (5, 3)


def test_a_wrong_edit_is_named(again):
    edit("n_trials: 30", "n_trials: many")
    with pytest.raises(ConfigError, match=r"params.yaml: .*many"):
        again()


def test_local_settings_count_in_a_temporary_folder_of_dvc(project, monkeypatch, again):
    local = project / "conf" / "local" / "default.yaml"
    local.parent.mkdir()
    local.write_text("# @package _global_\nsearch:\n  seed: 9\n")
    experiment = project / ".dvc" / "tmp" / "exps" / "tmp1"
    ignored = shutil.ignore_patterns("local")
    shutil.copytree(project / "conf", experiment / "conf", ignore=ignored)
    monkeypatch.setenv(ROOT_VARIABLE, str(project))
    again()
    edit("n_trials: 30", "n_trials: 5")
    shutil.copy(PARAMS, experiment)
    monkeypatch.chdir(experiment)

    again()

    assert (load().search.n_trials, load().search.seed) == (5, 9)
