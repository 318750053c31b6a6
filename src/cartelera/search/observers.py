"""Observers of a search: the interface, and the progress bar."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from cartelera.search.measures import VALID_RMSE, Measure


@dataclass(frozen=True)
class FinishedTrial:
    """A trial that needs no more work.

    Attributes:
        number: Its place in the order of draws, from 0.
        state: `complete`, `pruned` or `diverged`.
        value: What it is measured by; of a pruned one the last point, none if there is no point.
        best_epoch: Where a complete trial's curve is lowest.
        params: What was drawn.
        curve: All points, step to value.
    """

    number: int
    state: str
    value: float | None
    best_epoch: int | None
    params: Mapping[str, Any]
    curve: Mapping[int, float]


class Observer(Protocol):
    """Told of every event of a search, in order; of trials side by side, in turns.

    Trials are numbered from 0 in the order they begin; one that a killed search did not finish has
    the number of the one that takes its place.
    """

    def study_opened(self, study: str, n_finished: int, n_trials: int) -> None:
        """A search starts, or goes on after `n_finished` of `n_trials` trials.

        `trial_finished` follows for each of the finished ones, too: what is known of them may have
        been lost together with the search.
        """
        ...

    def trial_started(self, number: int) -> None:
        """A trial starts."""
        ...

    def step(self, number: int, step: int, value: float) -> None:
        """A trial's curve has a new point: the mean over the folds."""
        ...

    def trial_finished(self, trial: FinishedTrial) -> None:
        """A trial is complete, was pruned or diverged."""
        ...


class ProgressBar:
    """A line for people: trials done, the best so far, the time left.

    Args:
        measure: What trials are compared by.
        console: Where the line goes; standard error by default.
    """

    def __init__(self, measure: Measure = VALID_RMSE, console: Console | None = None) -> None:
        self._measure = measure
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("trials, {task.fields[pruned]} pruned, best {task.fields[best]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
        )
        self._task: TaskID | None = None
        self._best: float | None = None
        self._pruned = 0
        self._n_before = 0
        self._n_told = 0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def study_opened(self, study: str, n_finished: int, n_trials: int) -> None:
        """Show the bar."""
        self._n_before = n_finished
        self._task = self._progress.add_task(
            study, total=n_trials, completed=n_finished, best="-", pruned=0
        )

    def trial_started(self, number: int) -> None:
        """Show nothing new."""

    def step(self, number: int, step: int, value: float) -> None:
        """Show nothing new."""

    def trial_finished(self, trial: FinishedTrial) -> None:
        """Move the bar on."""
        if self._task is None:
            return
        if trial.state == "complete" and trial.value is not None:
            values = [trial.value] if self._best is None else [self._best, trial.value]
            self._best = min(values, key=self._measure.loss)
        self._pruned += trial.state != "complete"
        best = "-" if self._best is None else f"{self._best:.4f}"
        self._n_told += 1
        done = max(self._n_told, self._n_before)
        self._progress.update(self._task, completed=done, best=best, pruned=self._pruned)
