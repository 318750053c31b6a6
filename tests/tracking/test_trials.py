from dataclasses import dataclass, field

import pytest

from cartelera.tracking import trials
from cartelera.tracking.provenance import PROCESS
from cartelera.tracking.runs import PARENT_RUN
from cartelera.tracking.trials import CURVE, STUDY, TRIAL, TrialRuns, find_study_run


@dataclass(frozen=True)
class Trial:
    number: int
    state: str = "complete"
    valid_rmse: float | None = 0.9
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
        observer.epoch(trial.number, step, rmse)
    observer.trial_finished(trial)


def curve(tracker, child):
    history = tracker.client.get_metric_history(child.info.run_id, CURVE)
    return {point.step: point.value for point in history}


@pytest.mark.parametrize("flush_every_s", [0, 99])
def test_each_trial_is_a_run_nested_in_the_study(tracker, monkeypatch, flush_every_s):
    monkeypatch.setattr(trials, "_FLUSH_EVERY_S", flush_every_s)
    with tracker.run("search", tags={STUDY: "svd-1"}) as run:
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 2)
        run_trial(observer, Trial(0))
        run_trial(observer, Trial(1, "pruned", 1.0, None, curve={1: 1.0}))

    (_, complete), (_, pruned) = children(tracker, run)
    assert complete.data.params == {"n_factors": "8"}
    assert complete.data.metrics == {"valid_rmse": 0.9, "best_epoch": 2, CURVE: 0.9}
    assert curve(tracker, complete) == {1: 1.0, 2: 0.9}
    assert pruned.data.metrics == {"valid_rmse": 1.0, CURVE: 1.0}
    assert pruned.data.tags["cartelera.trial_state"] == "pruned"
    assert complete.info.status == pruned.info.status == "FINISHED"
    assert find_study_run(tracker, "svd-1") == run.run_id
    assert find_study_run(tracker, "svd-2") is None


def test_a_study_that_goes_on_fills_in_what_was_not_logged(tracker):
    with tracker.run("search") as run:
        observer = TrialRuns(tracker, run)
        observer.study_opened("svd-1", 0, 3)
        run_trial(observer, Trial(0))
        dead = tracker.start(
            "search.trial", parent=run, tags={TRIAL: "1", PROCESS: "another:1:1.00"}
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
