import os
import signal
from dataclasses import replace

import optuna
import pandas as pd
import pytest

from cartelera.models.registry import SVD_PARAMETERS
from cartelera.search.space import parse_space
from cartelera.search.storage import journal
from cartelera.search.study import run_search, study_name
from cartelera.search.warm_start import MOST_REPEATED, translated

EPOCHS = {"n_epochs": {"type": "int", "low": 1, "high": 9}}
RATE = {"type": "float", "low": 0.001, "high": 0.1, "log": True}
FACTORS = {"type": "int", "low": 2, "high": 32}


def draw_of(params, space):
    return translated(params, parse_space({**EPOCHS, **space}, {}, SVD_PARAMETERS), "n_epochs")


@pytest.mark.parametrize(
    ("params", "space", "draw"),
    [
        ({"lr_all": 0.01, "n_factors": 8}, {"lr_all": RATE}, {"lr_all": 0.01}),
        ({"lr_all": 0.5}, {"lr_all": RATE}, None),
        ({"lr_all": 0.01, "n_factors": 64}, {"lr_all": RATE, "n_factors": FACTORS}, None),
        ({"lr_all": 0.01}, {"lr_all": RATE, "n_factors": FACTORS}, {"lr_all": 0.01}),
        ({"lr_all": 0.01}, {"lr_pu": RATE, "lr_qi": RATE}, {"lr_pu": 0.01, "lr_qi": 0.01}),
        ({"lr_all": 0.01, "lr_pu": 0.02}, {"lr_pu": RATE}, {"lr_pu": 0.02}),
        ({"lr_pu": 0.02}, {"lr_all": RATE}, {}),
        ({"lr_all": 0.01, "lr_pu": 0.02}, {"lr_all": RATE}, {}),
        ({"lr_all": 0.01, "lr_pu": None}, {"lr_all": RATE}, {"lr_all": 0.01}),
        ({"lr_all": 0.01, "lr_pu": None}, {"lr_pu": RATE}, {"lr_pu": 0.01}),
        ({"lr_all": 0.01, "reg_pu": 0.02}, {"lr_all": RATE}, {"lr_all": 0.01}),
        ({"n_epochs": 5}, {"lr_all": RATE}, {}),
        (
            {"biased": False, "lr_bu": 0.01},
            {
                "biased": {"type": "categorical", "choices": [True, False]},
                "lr_bu": {**RATE, "when": {"biased": [True]}},
            },
            {"biased": False},
        ),
        ({"n_factors": 5}, {"n_factors": {**FACTORS, "step": 2}}, None),
        ({"n_factors": 6}, {"n_factors": {**FACTORS, "step": 2}}, {"n_factors": 6}),
        ({"n_factors": 6}, {"n_factors": {"type": "categorical", "choices": [4, 8]}}, None),
    ],
)
def test_what_a_trial_draws_to_come_to_other_parameters(params, space, draw):
    assert draw_of(params, space) == draw


def first(result, n):
    return result.trials[["n_factors", "lr_all"]].head(n).to_dict("records")


def best(result, n):
    complete = result.trials[result.trials["state"] == "complete"]
    return first(replace(result, trials=complete.sort_values(["valid_rmse", "trial"])), n)


@pytest.fixture
def earlier(fit, ratings, settings, tmp_path):
    return run_search(ratings, replace(settings, n_trials=12), tmp_path / "journal")


@pytest.fixture
def other(settings):
    return replace(settings, seed=4)


def test_the_first_trials_repeat_the_best_of_an_earlier_study(
    earlier, ratings, other, tmp_path, caplog
):
    caplog.set_level("INFO", logger="cartelera")

    result = run_search(ratings, other, tmp_path / "journal")

    assert first(result, MOST_REPEATED) == best(earlier, MOST_REPEATED)
    assert result.value <= earlier.value
    assert caplog.text.count("Warm start: trial") == MOST_REPEATED


def test_without_a_warm_start_or_for_other_ratings_nothing_is_repeated(
    earlier, ratings, other, tmp_path
):
    cold = replace(other, warm_start=False)
    fresh = run_search(ratings, cold, tmp_path / "fresh")
    assert first(run_search(ratings, cold, tmp_path / "journal"), 8) == first(fresh, 8)

    elsewhere = run_search(ratings.iloc[1:], other, tmp_path / "journal")
    assert first(elsewhere, 5) == first(run_search(ratings.iloc[1:], other, tmp_path / "b"), 5)


def test_the_best_of_several_studies_take_turns_and_none_comes_twice(
    earlier, ratings, settings, other, tmp_path
):
    second = run_search(ratings, replace(other, warm_start=False), tmp_path / "journal")

    third = run_search(ratings, replace(settings, seed=5), tmp_path / "journal")

    turns = [best(second, 2)[0], best(earlier, 2)[0], best(second, 2)[1], best(earlier, 2)[1]]
    assert first(third, 4) == turns
    fourth = run_search(ratings, replace(settings, seed=6), tmp_path / "journal")
    repeated = [tuple(draw.values()) for draw in first(fourth, MOST_REPEATED)]
    assert len(set(repeated)) == MOST_REPEATED


def test_trials_outside_the_present_space_are_left_out(earlier, ratings, other, tmp_path):
    by_n_factors = earlier.trials["n_factors"].sort_values()
    low = int(by_n_factors.iloc[3])
    space = {**other.space, "n_factors": {"type": "int", "low": low, "high": 40}}

    result = run_search(ratings, replace(other, space=space), tmp_path / "journal")

    inside = earlier.trials[earlier.trials["n_factors"] >= low]
    expected = best(replace(earlier, trials=inside), MOST_REPEATED)
    assert first(result, len(expected)) == expected


class KillIn:
    def __init__(self, number):
        self._number = number

    def study_opened(self, *_):
        pass

    trial_started = trial_finished = study_opened

    def step(self, number, step, _value):
        if number == self._number and step == 2:
            os.kill(os.getpid(), signal.SIGKILL)


def search_and_be_killed(ratings, settings, storage, number):
    child = os.fork()
    if child == 0:
        try:
            run_search(ratings, settings, storage, [KillIn(number)])
        finally:
            os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def test_killed_ten_times_a_warm_search_with_folds_and_an_early_end_ends_as_an_undisturbed_one(
    fit, ratings, settings, tmp_path
):
    settings = replace(settings, objective="kfold", n_trials=14, min_gain=1e-9)
    results = []
    for name, kills in (("undisturbed", ()), ("killed", (0, 0, 1, 3, 3, 4, 5, 8, 8, 12))):
        run_search(ratings, replace(settings, seed=9), tmp_path / name)
        for number in kills:
            search_and_be_killed(ratings, settings, tmp_path / name, number)
        results.append(run_search(ratings, settings, tmp_path / name))

    undisturbed, killed = results
    pd.testing.assert_frame_equal(killed.trials, undisturbed.trials)
    pd.testing.assert_frame_equal(killed.curves, undisturbed.curves)
    assert killed.params == undisturbed.params
    with journal(tmp_path / "killed") as storage:
        study = optuna.load_study(study_name=study_name(ratings, settings), storage=storage)
        states = [trial.state.name for trial in study.trials]
    assert states.count("FAIL") == 10
    assert not {"RUNNING", "WAITING"} & set(states)


def test_what_a_killed_study_began_with_stays_whatever_was_found_since(
    earlier, ratings, settings, other, tmp_path
):
    search_and_be_killed(ratings, other, tmp_path / "journal", 1)
    run_search(ratings, replace(settings, seed=7, n_trials=20), tmp_path / "journal")

    result = run_search(ratings, other, tmp_path / "journal")

    assert first(result, MOST_REPEATED) == best(earlier, MOST_REPEATED)


@pytest.mark.parametrize("objective", ["holdout", "kfold"])
def test_an_early_end_holds_whether_or_not_there_are_more_trials(
    fit, ratings, settings, tmp_path, objective, caplog
):
    caplog.set_level("INFO", logger="cartelera")
    settings = replace(settings, objective=objective, n_trials=25, warm_start=False)
    short = replace(settings, min_gain=0.02)

    ended = run_search(ratings, short, tmp_path / "a")

    assert 10 <= len(ended.trials) < 25
    assert f"The study ends after {len(ended.trials)} of 25 trials" in caplog.text
    whole = run_search(ratings, settings, tmp_path / "a")
    assert len(whole.trials) == 25
    again = run_search(ratings, short, tmp_path / "a")
    pd.testing.assert_frame_equal(again.trials, ended.trials)
    pd.testing.assert_frame_equal(whole.trials.head(len(ended.trials)), ended.trials)
