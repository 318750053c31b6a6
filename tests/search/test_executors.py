import sys

import optuna
import pandas as pd
import pytest

from cartelera.errors import ConfigError
from cartelera.search.execution import DrawnTrial, Outcome, outcome_of
from cartelera.search.executors import LocalExecutor, build_executor
from cartelera.search.fits import ThreadedFits

EMPTY = pd.DataFrame()


class Trials:
    """The search's side: hands out some numbers, prunes at a step, keeps what comes back."""

    def __init__(self, missing, prune_at=None):
        self.missing, self.prune_at = missing, prune_at
        self.points = []
        self.outcomes = {}

    def numbers(self):
        for number in self.missing:
            assert set(self.outcomes) == set(self.missing[: len(self.outcomes)])
            yield number

    def start(self, number):
        return {"x": number / 10}

    def report(self, number, step, value):
        self.points.append((number, step, value))
        return step == self.prune_at

    def finish(self, number, outcome):
        self.outcomes[number] = outcome


class Job:
    """The fitter's side: three steps a trial."""

    name = "job"

    def __init__(self):
        self.n_prepared = 0

    def prepare(self, _train, n_threads):
        assert n_threads is None
        self.n_prepared += 1
        return self.fit

    def fit(self, trial):
        x = trial.suggest_float("x", 0, 1)
        for step in (1, 2, 3):
            trial.report(x * step, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        trial.set_user_attr("best_epoch", 3)
        return x


def test_one_after_the_other_what_all_share_is_prepared_once():
    trials, job = Trials([1, 4]), Job()

    LocalExecutor().run(trials, job, EMPTY)

    assert job.n_prepared == 1
    assert trials.outcomes == {
        1: Outcome(0.1, {"best_epoch": 3}, {1: 0.1, 2: 0.2, 3: pytest.approx(0.3)}),
        4: Outcome(0.4, {"best_epoch": 3}, {1: 0.4, 2: 0.8, 3: pytest.approx(1.2)}),
    }
    assert [point[:2] for point in trials.points] == [
        (n, step) for n in (1, 4) for step in (1, 2, 3)
    ]


def test_a_pruned_trial_has_no_value_and_ends_where_it_was_pruned():
    trials = Trials([2], prune_at=2)

    LocalExecutor().run(trials, Job(), EMPTY)

    assert trials.outcomes == {2: Outcome(None, {}, {1: 0.2, 2: 0.4})}


def test_where_nothing_is_missing_nothing_is_prepared():
    job = Job()

    LocalExecutor().run(Trials([]), job, EMPTY)

    assert job.n_prepared == 0


def test_a_drawn_trial_repeats_what_was_drawn():
    def fit(trial):
        return trial.suggest_int("n", 1, 9) + trial.suggest_categorical("c", (0.5, None))

    drawn = DrawnTrial(7, {"n": 3, "c": 0.5}, lambda _step, _value: False)

    assert outcome_of(fit, drawn) == Outcome(3.5, {}, {})
    assert drawn.number == 7


def test_an_unknown_executor_is_refused():
    with pytest.raises(ConfigError, match="allowed are local, dask"):
        build_executor("spark", address=None, n_workers=None)


def test_without_dask_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    for module in ("cluster", "cluster_worker"):
        monkeypatch.delitem(sys.modules, f"cartelera.search.{module}", raising=False)

    with pytest.raises(ConfigError, match=r"pip install 'cartelera\[cluster\]'"):
        build_executor("dask", address=None, n_workers=None)
    assert isinstance(build_executor("local", address=None, n_workers=None), LocalExecutor)


class Fits:
    has_curve = True

    def points(self, params):
        yield 1, params


@pytest.mark.parametrize(
    ("own", "used"), [({}, 2), ({"n_threads": None}, 2), ({"n_threads": 5}, 5)]
)
def test_a_worker_fits_with_its_own_threads_unless_the_model_names_a_number(own, used):
    ((_, params),) = ThreadedFits(Fits(), 2).points({"n_factors": 3, **own})

    assert params == {"n_factors": 3, "n_threads": used}
