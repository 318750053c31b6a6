"""A search in MLflow: the study is a run, each trial a run nested in it."""

import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

from mlflow.entities import Run

from cartelera import columns as c
from cartelera.tracking.provenance import STAGE
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import FINISHED, KILLED, PARENT_RUN, RUNNING, Tracker

STUDY: Final = "cartelera.study"
TRIAL: Final = "cartelera.trial"
TRIAL_STATE: Final = "cartelera.trial_state"
BEST: Final = "cartelera.best"
STUDY_STAGE: Final = "search"
TRIAL_STAGE: Final = "search.trial"

N_EPOCHS: Final = "n_epochs"

_COMPLETE: Final = "complete"
_FLUSH_EVERY_S: Final = 5.0


class Trial(Protocol):
    """What is read of a finished trial."""

    @property
    def number(self) -> int:
        """Its place in the order of the draws, from 0."""
        ...

    @property
    def state(self) -> str:
        """How it ended: `complete`, `pruned` or `diverged`."""
        ...

    @property
    def value(self) -> float | None:
        """What it is measured by."""
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
        """Step to value."""
        ...


@dataclass
class _OpenTrial:
    """A trial's run, and the points of its curve that wait to be written to it."""

    run: RunLog
    curve: str
    waiting: dict[int, float] = field(default_factory=dict[int, float])
    last_flush: float = field(default_factory=time.monotonic)

    def flush(self) -> None:
        self.run.curves({self.curve: self.waiting})
        self.waiting = {}
        self.last_flush = time.monotonic()


class _Best(NamedTuple):
    """The best complete trial so far; compares as better ones should."""

    loss: float
    number: int
    run_id: str


def find_study_run(tracker: Tracker, study: str) -> str | None:
    """Find the run of a study that was begun before, if there is one; gives its id."""
    found = tracker.search({STUDY: study, STAGE: STUDY_STAGE})
    return found[0].info.run_id if found else None


class TrialRuns:
    """Logs each trial of a search as a run nested in the study's.

    It observes a search, whose trials may be open side by side. A trial's curve is written every
    few seconds and when it finishes. A trial that finished in a killed search before it was logged
    is logged when the study goes on. An error closes the runs of the trials it interrupts; what a
    killed search left open the next one closes. The run of the best complete trial carries the tag
    `BEST`.

    Args:
        tracker: The experiment.
        study_run: The study's run.
        step: What a step of a curve is; the curve becomes the metric `<measure>_by_<step>`.
        measure: What a trial's value is called: the best of its curve, where that is by epoch.
        higher_is_better: Whether a better trial has a higher value.
        dataset: The file trials learn from, and its digest.
    """

    def __init__(
        self,
        tracker: Tracker,
        study_run: RunLog,
        step: str = c.EPOCH,
        measure: str = c.VALID_RMSE,
        *,
        higher_is_better: bool = False,
        dataset: tuple[Path, str] | None = None,
    ) -> None:
        self._dataset = dataset
        self._has_epochs = step == c.EPOCH
        self._measure = measure
        self._sign = -1 if higher_is_better else 1
        self._curve = f"{measure}_by_{step}"
        self._tracker = tracker
        self._study_run = study_run
        self._study = ""
        self._logged: Set[int] = frozenset()
        self._open: dict[int, _OpenTrial] = {}
        self._best: _Best | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._close_open()

    def study_opened(self, study: str, n_finished: int, n_trials: int) -> None:  # noqa: ARG002
        """Close what a killed search left open, and learn which trials are logged already."""
        self._study = study
        self._close_open()
        children = {int(run.data.tags[TRIAL]): run for run in self._trials(FINISHED)}
        self._logged = children.keys()
        for number, child in children.items():
            value = child.data.metrics.get(self._measure)
            if child.data.tags.get(TRIAL_STATE) == _COMPLETE and number < n_trials:
                self._take_if_best(number, value, child.info.run_id)
        for child in children.values():
            is_best = self._best is not None and child.info.run_id == self._best.run_id
            if is_best != (BEST in child.data.tags):
                self._mark(child.info.run_id, is_best)

    def trial_started(self, number: int) -> None:
        """Open the trial's run, unless a search before lost Optuna's journal but logged it."""
        if number in self._logged:
            return
        run = self._tracker.start(
            TRIAL_STAGE,
            name=f"trial {number}",
            parent=self._study_run,
            tags={TRIAL: str(number), STUDY: self._study},
        )
        self._open[number] = _OpenTrial(run, self._curve)
        if self._dataset is not None:
            run.dataset(*self._dataset, context="training")

    def step(self, number: int, step: int, value: float) -> None:
        """Keep the point, and write all points kept if the last time is long ago."""
        trial = self._open.get(number)
        if trial is None:
            return
        trial.waiting[step] = value
        if time.monotonic() - trial.last_flush >= _FLUSH_EVERY_S:
            trial.flush()

    def trial_finished(self, trial: Trial) -> None:
        """Write what is known of the trial and close its run, unless that was done before."""
        if trial.number in self._logged:
            return
        if trial.number not in self._open:
            self.trial_started(trial.number)
            self._open[trial.number].waiting = dict(trial.curve)
        opened = self._open.pop(trial.number)
        opened.flush()
        value, epoch = self._best_of(trial)
        opened.run.params(trial.params)
        opened.run.metrics({self._measure: value, N_EPOCHS: epoch})
        opened.run.tags({TRIAL_STATE: trial.state})
        said = trial.state if trial.state != _COMPLETE or value is None else f"{value:.4f}"
        opened.run.rename(f"trial {trial.number}: {said}")
        self._tracker.close(opened.run)
        self._logged = self._logged | {trial.number}
        former = self._best
        if trial.state == _COMPLETE and self._take_if_best(
            trial.number, trial.value, opened.run.run_id
        ):
            if former is not None:
                self._mark(former.run_id, False)
            self._mark(opened.run.run_id, True)

    def _best_of(self, trial: Trial) -> tuple[float | None, int | None]:
        """Return a trial's best value and, where it has epochs, the epoch; of a pruned one too."""
        if trial.state == _COMPLETE or not self._has_epochs or not trial.curve:
            return trial.value, trial.best_epoch
        epoch = min(trial.curve, key=lambda step: self._sign * trial.curve[step])
        return trial.curve[epoch], epoch

    def _close_open(self) -> None:
        """Close what no search goes on with: one alone has the study, whatever machine it is on."""
        for run in self._trials(RUNNING):
            self._tracker.close(self._log_of(run.info.run_id), KILLED)

    def _trials(self, status: str) -> list[Run]:
        """Find runs of the study's trials; other runs nested by hand are left alone."""
        children = self._tracker.search({PARENT_RUN: self._study_run.run_id}, status)
        return [run for run in children if TRIAL in run.data.tags]

    def _take_if_best(self, number: int, value: float | None, run_id: str) -> bool:
        """Keep a complete trial that is the best so far, the first of equals."""
        if value is None:
            return False
        new = _Best(self._sign * value, number, run_id)
        if self._best is not None and self._best <= new:
            return False
        self._best = new
        return True

    def _mark(self, run_id: str, is_best: bool) -> None:
        run = self._log_of(run_id)
        if is_best:
            run.tags({BEST: "true"})
        else:
            run.remove_tag(BEST)

    def _log_of(self, run_id: str) -> RunLog:
        return RunLog(run_id, self._tracker.uri, self._tracker.client)
