from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cartelera.tracking import trial_runs as trials
from cartelera.tracking.provenance import PROCESS
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import PARENT_RUN, Tracker
from cartelera.tracking.trial_runs import BEST, STUDY, TRIAL, TrialRuns, find_study_run

CURVE = "valid_rmse_by_epoch"


@dataclass(frozen=True)
class Trial:
    number: int
    state: str = "complete"
    value: float | None = 0.9
    best_epoch: int | None = 2
    params: dict = field(default_factory=lambda: {"n_factors": 8})
    curve: dict = field(default_factory=lambda: {1: 1.0, 2: 0.9})


def children(tracker, run):
    found = tracker.search({PARENT_RUN: run.run_id})
    numbered = [(int(child.data.tags[TRIAL]), child) for child in found]
    return sorted(numbered, key=lambda entry: entry[0])


def run_trial(observer, trial):
    observer.trial_started(trial.number)
    for step, rmse in trial.curve.items():
        observer.step(trial.number, step, rmse)
    observer.trial_finished(trial)


def curve(tracker, child):
    history = tracker.client.get_metric_history(child.info.run_id, CURVE)
    return {point.step: point.value for point in history}


@pytest.mark.parametrize("flush_every_s", [0, 99])
def test_each_trial_is_a_run_nested_in_the_study(tracker, monkeypatch, flush_every_s):
    monkeypatch.setattr(trials, "_FLUSH_EVERY_S", flush_every_s)
    with (
        tracker.run("train", tags={STUDY: "svd-1"}),
        tracker.run("search", tags={STUDY: "svd-1"}) as run,
    ):
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 2)
        run_trial(observer, Trial(0))
        run_trial(observer, Trial(1, "pruned", 1.1, None, curve={1: 1.0, 2: 1.1}))

    (_, complete), (_, pruned) = children(tracker, run)
    assert complete.data.params == {"n_factors": "8"}
    assert complete.data.metrics == {"valid_rmse": 0.9, "n_epochs": 2, CURVE: 0.9}
    assert curve(tracker, complete) == {1: 1.0, 2: 0.9}
    assert pruned.data.metrics == {"valid_rmse": 1.0, "n_epochs": 1, CURVE: 1.1}, "the best"
    names = [child.info.run_name for child in (complete, pruned)]
    assert names == ["trial 0: 0.9000", "trial 1: pruned"]
    assert pruned.data.tags["cartelera.trial_state"] == "pruned"
    assert complete.data.tags[STUDY] == "svd-1"
    assert complete.info.status == pruned.info.status == "FINISHED"
    assert find_study_run(tracker, "svd-1") == run.run_id
    assert find_study_run(tracker, "svd-2") is None


def test_a_trial_says_what_it_learnt_from(tracker):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run, dataset=(Path("train.parquet"), "ab" * 32))
        observer.study_opened("svd-1", 0, 1)
        run_trial(observer, Trial(0))

    ((_, trial),) = children(tracker, run)
    (dataset,) = trial.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.dataset.digest) == ("train.parquet", "ab" * 18)


def test_a_study_that_goes_on_fills_in_what_was_not_logged(tracker):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 3)
        run_trial(observer, Trial(0))
        dead = tracker.start(
            "search.trial", parent=run, tags={TRIAL: "1", PROCESS: "another-machine:1:1.00"}
        )

        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 2, 3)
        observer.trial_finished(Trial(0))
        observer.trial_finished(Trial(1))
        run_trial(observer, Trial(2))

        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 3)
        run_trial(observer, Trial(0))

    finished = [
        (number, curve(tracker, child))
        for number, child in children(tracker, run)
        if child.info.run_id != dead.run_id
    ]
    assert finished == [(number, {1: 1.0, 2: 0.9}) for number in range(3)]
    assert tracker.client.get_run(dead.run_id).info.status == "KILLED", "whatever machine it was on"


def test_trials_may_be_open_side_by_side(tracker):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 2)
        for number in (0, 1):
            observer.trial_started(number)
        for step, rmse in {1: 1.0, 2: 0.9}.items():
            for number in (1, 0):
                observer.step(number, step, rmse + number)
        observer.trial_finished(Trial(1, value=1.9))
        observer.trial_finished(Trial(0))

    assert [(number, curve(tracker, child)) for number, child in children(tracker, run)] == [
        (0, {1: 1.0, 2: 0.9}),
        (1, {1: 2.0, 2: 1.9}),
    ]


@pytest.mark.parametrize("state", ["pruned", "diverged"])
def test_a_trial_that_ended_early_says_how_and_is_never_the_best(tracker, state):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 2)
        run_trial(observer, Trial(0, state, 0.1, None))

    ((_, early),) = children(tracker, run)
    assert early.data.tags["cartelera.trial_state"] == state
    assert early.info.status == "FINISHED"
    assert BEST not in early.data.tags


@pytest.mark.parametrize("step", ["start", "curves", "params", "tags"])
def test_an_error_in_the_middle_of_a_trial_leaves_no_open_run(tracker, monkeypatch, step):
    owner = Tracker if step == "start" else RunLog
    real = getattr(owner, step)

    def interrupted(*arguments: object, **named: object) -> None:
        real(*arguments, **named)
        raise KeyboardInterrupt

    with (
        tracker.run("search") as run,
        monkeypatch.context() as patch,
        pytest.raises(KeyboardInterrupt),
        TrialRuns(tracker, run) as observer,
    ):
        observer.study_opened("svd-1", 0, 2)
        patch.setattr(owner, step, interrupted)
        run_trial(observer, Trial(0))

    ((_, trial),) = children(tracker, run)
    assert trial.info.status == "KILLED"


def test_a_curve_over_folds_is_not_called_one_over_epochs(tracker):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run, "fold")
        observer.study_opened("svd-1", 0, 1)
        run_trial(observer, Trial(0))

    ((_, trial),) = children(tracker, run)
    assert trial.data.metrics["valid_rmse_by_fold"] == 0.9
    assert CURVE not in trial.data.metrics


def best_of(tracker, run) -> list[int]:
    return [number for number, child in children(tracker, run) if BEST in child.data.tags]


def test_the_best_trial_carries_a_tag_also_when_the_study_goes_on(tracker):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 3)
        seen = []
        for trial in (Trial(0, value=0.9), Trial(1, value=0.8), Trial(2, value=0.8)):
            run_trial(observer, trial)
            seen.append(best_of(tracker, run))
        assert seen == [[0], [1], [1]], "the first of equals"

        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 3, 4)
        run_trial(observer, Trial(3, value=0.7))
        assert best_of(tracker, run) == [3]

        TrialRuns(tracker, run).study_opened("svd-1", 3, 1)
        assert best_of(tracker, run) == [0], "of the trials that count"


def test_a_run_somebody_nested_by_hand_is_left_alone(tracker):
    with tracker.run("search") as run:
        tracker.close(tracker.start("notes", parent=run))
        TrialRuns(tracker, run).study_opened("svd-1", 0, 1)
