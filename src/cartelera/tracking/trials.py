"""A search in MLflow: the study is a run, each trial a run nested in it."""

import time
from collections.abc import Mapping
from typing import Any, Final, Protocol

from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import FINISHED, PARENT_RUN, Tracker

STUDY: Final = "cartelera.study"
TRIAL: Final = "cartelera.trial"
TRIAL_STATE: Final = "cartelera.trial_state"
TRIAL_STAGE: Final = "search.trial"

VALID_RMSE: Final = "valid_rmse"
CURVE: Final = "valid_rmse_by_epoch"
BEST_EPOCH: Final = "best_epoch"

_FLUSH_EVERY_S: Final = 5.0


class Trial(Protocol):
    """What is read of a finished trial."""

    @property
    def number(self) -> int:
        """Its place in the order of finishing, from 0."""
        ...

    @property
    def state(self) -> str:
        """How it ended: `complete` or `pruned`."""
        ...

    @property
    def valid_rmse(self) -> float | None:
        """Its value, in stars."""
        ...

    @property
    def best_epoch(self) -> int | None:
        """Where its curve is lowest."""
        ...

    @property
    def params(self) -> Mapping[str, Any]:
        """What was drawn."""
        ...

    @property
    def curve(self) -> Mapping[int, float]:
        """Step to validation RMSE, in stars."""
        ...


def find_study_run(tracker: Tracker, study: str) -> str | None:
    """Find the run of a study that was begun before, if there is one; gives its id."""
    found = tracker.search({STUDY: study})
    return found[0].info.run_id if found else None


class TrialRuns:
    """Logs each trial of a search as a run nested in the study's.

    It observes a search. A trial's curve is written every few seconds and when it finishes. A trial
    that finished in a killed search before it was logged is logged when the study goes on.

    Args:
        tracker: The experiment.
        study_run: The study's run.
    """

    def __init__(self, tracker: Tracker, study_run: RunLog) -> None:
        self._tracker = tracker
        self._study_run = study_run
        self._logged: set[int] = set()
        self._open: RunLog | None = None
        self._waiting: dict[int, float] = {}
        self._last_flush = 0.0

    def study_opened(self, study: str, n_finished: int, n_trials: int) -> None:  # noqa: ARG002
        """Close what a killed search left open, and learn which trials are logged already."""
        self._tracker.bury_dead_runs(TRIAL_STAGE)
        children = self._tracker.search({PARENT_RUN: self._study_run.run_id}, FINISHED)
        self._logged = {int(run.data.tags[TRIAL]) for run in children}

    def trial_started(self, number: int) -> None:
        """Open the trial's run, unless a search before lost Optuna's journal but logged it."""
        if number in self._logged:
            return
        self._open = self._tracker.start(
            TRIAL_STAGE,
            name=f"trial {number}",
            parent=self._study_run,
            tags={TRIAL: str(number)},
        )
        self._waiting = {}
        self._last_flush = time.monotonic()

    def epoch(self, number: int, step: int, valid_rmse: float) -> None:  # noqa: ARG002
        """Keep the point, and write all points kept if the last time is long ago."""
        if self._open is None:
            return
        self._waiting[step] = valid_rmse
        if time.monotonic() - self._last_flush >= _FLUSH_EVERY_S:
            self._flush(self._open)

    def trial_finished(self, trial: Trial) -> None:
        """Write what is known of the trial and close its run, unless that was done before."""
        if trial.number in self._logged:
            return
        if self._open is None:
            self.trial_started(trial.number)
            self._waiting = dict(trial.curve)
        run, self._open = self._open, None
        if run is None:
            return
        self._flush(run)
        run.params(trial.params)
        run.metrics({VALID_RMSE: trial.valid_rmse, BEST_EPOCH: trial.best_epoch})
        run.tags({TRIAL_STATE: trial.state})
        self._tracker.close(run)

    def _flush(self, run: RunLog) -> None:
        run.curves({CURVE: self._waiting})
        self._waiting = {}
        self._last_flush = time.monotonic()
