"""The interfaces between a search and the executors that fit its trials.

The study stays with the search: it alone draws, prunes and writes trials. An executor gets drawn
parameters and gives back what the fit came to.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import optuna
import pandas as pd


class DrawnTrial(optuna.trial.FixedTrial):
    """Stands in for an Optuna trial where it is fitted: its parameters are drawn already.

    Args:
        number: The trial's number.
        params: What was drawn.
        tell: Takes a step and its value; says whether the trial should be pruned.
    """

    def __init__(
        self, number: int, params: Mapping[str, Any], tell: Callable[[int, float], bool]
    ) -> None:
        super().__init__(dict(params), number)
        self.curve: dict[int, float] = {}
        self._tell = tell
        self._is_pruned = False

    def report(self, value: float, step: int) -> None:
        """Take the next point of the curve."""
        self.curve[step] = value
        self._is_pruned = self._tell(step, value)

    def should_prune(self) -> bool:
        """Say what became known with the last point."""
        return self._is_pruned


@dataclass(frozen=True)
class Outcome:
    """What the fit of a trial came to.

    Attributes:
        value: The objective; None if the trial was pruned.
        attrs: What the objective noted of the trial.
        curve: All points, step to value.
    """

    value: float | None
    attrs: Mapping[str, Any]
    curve: Mapping[int, float]


Fit = Callable[[DrawnTrial], float]


class Job(Protocol):
    """How trials are fitted; travels to workers, the ratings apart."""

    @property
    def name(self) -> str:
        """The study's name."""
        ...

    def check(self, train: pd.DataFrame) -> None:
        """Check that a worker's ratings and code are those of the search.

        Raises:
            CarteleraError: If they are not.
        """
        ...

    def prepare(self, train: pd.DataFrame, n_threads: int | None) -> Fit:
        """Do once what the fits of all trials share.

        Args:
            train: The ratings.
            n_threads: The most threads of a fit; None for as many as there are processors.
        """
        ...


class Trials(Protocol):
    """The trials of a study, as an executor sees them; of one thread only."""

    def numbers(self) -> Iterator[int]:
        """Yield the number of one missing trial after the other, as long as the study goes on."""
        ...

    def start(self, number: int) -> Mapping[str, Any]:
        """Draw the parameters of a trial."""
        ...

    def report(self, number: int, step: int, value: float) -> bool:
        """Take a point of a trial's curve, known points too; say whether to prune it."""
        ...

    def finish(self, number: int, outcome: Outcome) -> None:
        """Take what a trial came to."""
        ...


class Executor(Protocol):
    """Fits the missing trials of a study."""

    def run(self, trials: Trials, job: Job, train: pd.DataFrame) -> None:
        """Fit until no trial is missing.

        Raises:
            CarteleraError: If that is not possible.
        """
        ...


def outcome_of(fit: Fit, trial: DrawnTrial) -> Outcome:
    """Fit a trial to its end."""
    try:
        value = fit(trial)
    except optuna.TrialPruned:
        value = None
    return Outcome(value, dict(trial.user_attrs), trial.curve)
