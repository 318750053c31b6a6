import os
import signal
import sys
from dataclasses import replace

import numpy as np
import optuna
import pandas as pd
import pytest

from cartelera.errors import CarteleraError, ConfigError, InputError
from cartelera.search import identity, study
from cartelera.search.observers import FinishedTrial, ProgressBar
from cartelera.search.plots import plot_search
from cartelera.search.storage import journal, open_storage
from cartelera.search.study import run_search, study_name


class Log:
    """Writes down what it is told, and may do something in the middle of a trial."""

    def __init__(self, in_trial=None, do=None):
        self.opened = []
        self.started = []
        self.finished: list[FinishedTrial] = []
        self._in_trial, self._do = in_trial, do

    def study_opened(self, _study, n_finished, n_trials):
        self.opened.append((n_finished, n_trials))

    def trial_started(self, number):
        self.started.append(number)

    def step(self, number, step, _value):
        if number == self._in_trial and step == 2:
            self._do()

    def trial_finished(self, trial):
        self.finished.append(trial)


def kill_this_process():
    os.kill(os.getpid(), signal.SIGKILL)


def search_and_be_killed(ratings, settings, storage, in_trial):
    child = os.fork()
    if child == 0:
        try:
            run_search(ratings, settings, storage, [Log(in_trial, kill_this_process)])
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def states(storage):
    with journal(storage) as opened:
        (study,) = optuna.get_all_study_summaries(opened)
        loaded = optuna.load_study(study_name=study.study_name, storage=opened)
        return [trial.state.name for trial in loaded.trials]


def assert_same(ours, theirs):
    assert (ours.params, ours.value, ours.best_trial) == (
        theirs.params, theirs.value, theirs.best_trial,
    )  # fmt: skip
    pd.testing.assert_frame_equal(ours.trials, theirs.trials)
    pd.testing.assert_frame_equal(ours.curves, theirs.curves)
    assert ours.importances == theirs.importances


def test_the_best_trial_wins(fit, ratings, settings, tmp_path):
    log = Log()

    result = run_search(ratings, settings, tmp_path / "journal", [log, ProgressBar()])

    complete = result.trials[result.trials["state"] == "complete"]
    best = complete.loc[complete["valid_rmse"].idxmin()]
    assert result.value == best["valid_rmse"]
    assert result.best_trial == best["trial"]
    assert result.params == {
        "reg_all": 0.02,
        "random_state": 0,
        "n_factors": best["n_factors"],
        "lr_all": best["lr_all"],
        "n_epochs": best["best_epoch"],
    }
    assert list(result.trials.columns) == [
        "trial", "state", "valid_rmse", "best_epoch", "n_factors", "lr_all",
    ]  # fmt: skip
    assert sum(result.importances.values()) == pytest.approx(1)
    assert log.started == [trial.number for trial in log.finished] == list(range(8))


def test_two_searches_end_alike(fit, ratings, settings, tmp_path):
    assert_same(*(run_search(ratings, settings, tmp_path / name) for name in ("one", "two")))


@pytest.mark.parametrize("sampler", ["TPESampler", "RandomSampler"])
def test_a_search_killed_twice_ends_as_an_undisturbed_one(
    fit, ratings, settings, tmp_path, sampler
):
    settings = replace(settings, sampler={"_target_": f"optuna.samplers.{sampler}"})
    undisturbed = run_search(ratings, settings, tmp_path / "undisturbed")
    killed = tmp_path / "killed"
    search_and_be_killed(ratings, settings, killed, in_trial=2)
    search_and_be_killed(ratings, settings, killed, in_trial=5)
    assert states(killed).count("RUNNING") == 1, "the second search buried the first one's trial"
    log = Log()

    resumed = run_search(ratings, settings, killed, [log])

    assert_same(resumed, undisturbed)
    assert log.opened == [(5, 8)]
    assert log.started == [5, 6, 7]
    assert [trial.number for trial in log.finished] == list(range(8)), (
        "finished ones are told again"
    )
    assert states(killed).count("FAIL") == 2
    assert len(states(killed)) == 10


def test_a_trial_that_failed_is_drawn_again(fit, ratings, settings, tmp_path):
    def fail():
        raise ConnectionError

    with pytest.raises(ConnectionError):
        run_search(ratings, settings, tmp_path / "failed", [Log(4, fail)])

    assert "RUNNING" not in states(tmp_path / "failed")
    assert_same(
        run_search(ratings, settings, tmp_path / "failed"),
        run_search(ratings, settings, tmp_path / "undisturbed"),
    )


def test_a_finished_search_fits_nothing_more_and_a_longer_one_goes_on(
    fit, ratings, settings, tmp_path
):
    first = run_search(ratings, settings, tmp_path / "journal")
    n_fits = len(fit.calls)

    assert_same(run_search(ratings, settings, tmp_path / "journal"), first)
    assert len(fit.calls) == n_fits

    longer = replace(settings, n_trials=10)
    assert_same(
        run_search(ratings, longer, tmp_path / "journal"),
        run_search(ratings, longer, tmp_path / "fresh"),
    )
    assert_same(run_search(ratings, settings, tmp_path / "journal"), first)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 4},
        {"model": "surprise_svd"},
        {"params": {"reg_all": 0.03}},
        {"objective": "kfold"},
        {"split_method": "chronological"},
        {"space": {"n_epochs": 5, "lr_all": {"type": "float", "low": 0.1, "high": 0.2}}},
    ],
)
def test_other_settings_are_another_study(ratings, settings, changes):
    assert study_name(ratings, replace(settings, **changes)) != study_name(ratings, settings)


def test_other_ratings_are_another_study_and_more_trials_are_not(ratings, settings):
    name = study_name(ratings, settings)

    assert name.startswith("test-")
    assert (
        study_name(ratings.assign(rating=ratings["rating"].iloc[::-1].to_numpy()), settings) != name
    )
    assert study_name(ratings, replace(settings, n_trials=99)) == name


def test_wrong_settings_are_refused_before_anything_is_written(ratings, settings, tmp_path):
    for changes in (
        {"space": {"n_factor": 1}},
        {"sampler": {"_target_": "os.system"}},
        {"pruner": {"_target_": "optuna.samplers.TPESampler"}},
    ):
        with pytest.raises(ConfigError):
            run_search(ratings, replace(settings, **changes), tmp_path / "journal")
    assert not (tmp_path / "journal").exists()


def test_a_search_in_which_everything_diverges_says_so(fit, ratings, settings, tmp_path):
    space = {**settings.space, "lr_all": {"type": "float", "low": 2, "high": 3}}
    log = Log()

    with pytest.raises(CarteleraError, match="None of the 8 trials completed"):
        run_search(ratings, replace(settings, space=space), tmp_path / "journal", [log])
    assert {trial.state for trial in log.finished} == {"diverged"}


def test_two_searches_at_once_on_one_journal_are_refused(tmp_path):
    with (
        journal(tmp_path / "journal"),
        pytest.raises(CarteleraError, match="Another search"),
        journal(tmp_path / "journal"),
    ):
        pass


@pytest.mark.parametrize("there", ["folder", "file in its way"])
def test_a_journal_that_cannot_be_written_to_is_named_with_the_way_out(tmp_path, there):
    path = tmp_path / "journal"
    if there == "folder":
        path.mkdir()
    else:
        path.write_text("")
        path /= "journal"

    with pytest.raises(CarteleraError, match=r"search\.storage") as raised, journal(path):
        pass
    assert str(path) in str(raised.value)


def test_a_journal_cut_short_and_a_left_lock_do_not_matter(fit, ratings, settings, tmp_path):
    path = tmp_path / "journal"
    whole = run_search(ratings, settings, path)
    path.write_bytes(path.read_bytes() + b'{"op_code":4,"wor')
    (tmp_path / "journal.lock").symlink_to(path)

    assert_same(run_search(ratings, settings, path), whole)


def test_a_file_that_is_no_journal_is_refused(fit, ratings, settings, tmp_path):
    (tmp_path / "journal").write_text("dear diary\n")

    with pytest.raises(InputError, match="not a journal"):
        run_search(ratings, settings, tmp_path / "journal")


def test_pictures_are_the_same_bytes_each_time(fit, ratings, settings, tmp_path):
    space = {
        **settings.space,
        "biased": {"type": "categorical", "choices": [True, False]},
        "reg_bu": {"type": "float", "low": 0, "high": 1, "when": {"biased": [True]}},
        "reg_bi": {"type": "float", "low": 0.5, "high": 0.5},
    }
    result = run_search(ratings, replace(settings, space=space), tmp_path / "journal")

    for folder in ("one", "two"):
        plot_search(result, tmp_path / folder)

    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == [
        "curves.png", "history.png", "importances.png", "parallel_coordinates.png", "slices.png",
    ]  # fmt: skip
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_importances_need_four_complete_trials(fit, ratings, settings, tmp_path):
    result = run_search(ratings, replace(settings, n_trials=3), tmp_path / "journal")
    plot_search(result, tmp_path / "plots")

    assert result.importances == {}
    assert not (tmp_path / "plots" / "importances.png").exists()


def test_trials_that_are_all_alike_have_no_importances(
    fit, ratings, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr(fit, "valley", lambda _: lambda _epoch: 1.0)

    assert run_search(ratings, settings, tmp_path / "journal").importances == {}


GRID = {"n_factors": [2, 4, 8], "lr_all": [0.001, 0.01]}
SAMPLERS = "optuna.samplers."


@pytest.mark.parametrize(
    "sampler",
    [
        {"_target_": SAMPLERS + "GridSampler", "search_space": GRID},
        {"_target_": SAMPLERS + "BruteForceSampler"},
    ],
)
def test_a_study_ends_when_there_is_nothing_left_to_draw(fit, ratings, settings, tmp_path, sampler):
    choices = {name: {"type": "categorical", "choices": some} for name, some in GRID.items()}
    settings = replace(settings, sampler=sampler, space={**choices, "n_epochs": 4})

    result = run_search(ratings, settings, tmp_path / "journal")
    n_fits = len(fit.calls)

    assert len(result.trials) == len(result.trials[list(GRID)].drop_duplicates()) == 6
    assert_same(run_search(ratings, settings, tmp_path / "journal"), result)
    assert len(fit.calls) == n_fits


def test_samplers_inside_samplers_have_the_seed_too(fit, ratings, settings, tmp_path):
    sampler = {
        "_target_": SAMPLERS + "PartialFixedSampler",
        "fixed_params": {"n_factors": 4},
        "base_sampler": {"_target_": SAMPLERS + "RandomSampler"},
    }
    settings = replace(settings, sampler=sampler)

    one, two = (run_search(ratings, settings, tmp_path / name) for name in ("one", "two"))

    assert_same(one, two)
    assert one.trials["lr_all"].nunique() == len(one.trials)


def test_a_sampler_whose_package_is_missing_says_so(fit, ratings, settings, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cmaes", None)
    settings = replace(settings, sampler={"_target_": SAMPLERS + "CmaEsSampler"})

    with pytest.raises(ConfigError, match=r"search\.sampler needs a package"):
        run_search(ratings, settings, tmp_path / "journal")


def test_the_ratings_are_digested_once(fit, ratings, settings, tmp_path, monkeypatch):
    name = study_name(ratings, settings)
    digested = []

    def digest(of):
        digested.append(of)
        return identity.digest_of_ratings(of)

    monkeypatch.setattr(study, "digest_of_ratings", digest)
    search = study.Search(ratings, settings)
    with journal(tmp_path / "journal") as storage:
        search.run(storage)

    assert search.name == name
    assert len(digested) == 1


@pytest.mark.parametrize("objective", ["holdout", "kfold"])
@pytest.mark.parametrize("model", ["svd", "surprise_svd"])
def test_real_fits(ratings, settings, tmp_path, objective, model):
    settings = replace(settings, n_trials=2, objective=objective, model=model)

    result = run_search(ratings, settings, tmp_path / "journal")

    assert np.isfinite(result.value)
    assert result.curves["step"].max() <= (12 if model == "svd" else 3)
    assert result.step == ("epoch" if model == "svd" else "fold")
    assert 3 <= result.params["n_epochs"] <= 12


def test_folds_side_by_side_or_one_after_the_other_give_the_same_trials(
    ratings, settings, tmp_path
):
    settings = replace(settings, n_trials=4, objective="kfold")

    one, three = (
        run_search(
            ratings,
            replace(settings, params={**settings.params, "n_threads": n}),
            tmp_path / f"journal-{n}",
        )
        for n in (1, 3)
    )

    pd.testing.assert_frame_equal(one.trials, three.trials)
    pd.testing.assert_frame_equal(one.curves, three.curves)


def test_the_winner_on_some_users_is_fitted_on_all(ratings, settings, tmp_path):
    some = ratings[ratings["user_id"] <= 20].reset_index(drop=True)
    found = run_search(some, settings, tmp_path / "some.journal")
    search = study.Search(some, settings, ratings)

    with open_storage(tmp_path / "confirmed.journal", search.name) as opened:
        confirmed = search.run(opened)

    assert confirmed.best_trial == found.best_trial
    pd.testing.assert_frame_equal(confirmed.trials, found.trials)
    epochs = found.params["n_epochs"]
    alone = replace(
        settings, n_trials=1, space={"n_epochs": settings.space["n_epochs"]},
        params={**found.params, "n_epochs": epochs},
    )  # fmt: skip
    full = run_search(ratings, alone, tmp_path / "full.journal")
    assert confirmed.value == full.value != found.value
    assert confirmed.params == full.params
