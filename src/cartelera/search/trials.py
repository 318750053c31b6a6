"""The trials of a study: drawn, pruned, written and told of here, fitted by an executor.

A trial's number says which draw it is; one that a killed search did not finish is drawn again under
its number. Where trials run side by side, they finish in another order than they began in.
"""

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import Any, Final

import optuna
from optuna.trial import FrozenTrial, TrialState

from cartelera.errors import ConfigError
from cartelera.search.components import build_sampler
from cartelera.search.early_stopping import n_worthwhile, promises_too_little
from cartelera.search.execution import Outcome
from cartelera.search.observers import FinishedTrial, Observer
from cartelera.search.settings import SearchSettings
from cartelera.search.star_objective import BEST_EPOCH, DIVERGED
from cartelera.search.warm_start import Draw

logger = logging.getLogger(__name__)

NUMBER: Final = "cartelera.number"
"""User attribute of a trial: its number."""

_EXHAUSTED: Final = "cartelera.exhausted"
"""User attribute of a study: that its sampler has nothing left to draw."""

_FINISHED: Final = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass
class _OpenTrial:
    trial: optuna.Trial
    steps: set[int] = field(default_factory=set[int])


class StudyTrials:
    """The trials of one study, see `executors.Trials`.

    Args:
        study: The study.
        settings: How to search.
        draws: What the first trials draw.
        draw: Draws all parameters of a trial.
        observers: Told of every event.
    """

    def __init__(
        self,
        study: optuna.Study,
        settings: SearchSettings,
        draws: Sequence[Draw],
        draw: Callable[[optuna.Trial], object],
        observers: Sequence[Observer],
    ) -> None:
        self._study = study
        self._settings = settings
        self._draws = draws
        self._draw = draw
        self._observers = observers
        self._open: dict[int, _OpenTrial] = {}
        self._is_exhausted = bool(study.user_attrs.get(_EXHAUSTED))
        study.stop = self._exhaust  # Optuna's own takes no call outside `optimize`

    def open(self) -> None:
        """Clear up after a killed search, and tell the observers what there is."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._study.tell(trial.number, state=TrialState.FAIL)
        so_far = self.worthwhile()
        is_over = promises_too_little(self._losses(so_far), self._settings.min_gain)
        known = dict(enumerate(so_far)) if is_over else self._finished()
        if known:
            logger.info("Study %s goes on after %d trials.", self._study.study_name, len(known))
        for observer in self._observers:
            observer.study_opened(self._study.study_name, len(known), self._settings.n_trials)
        for number, trial in sorted(known.items()):
            self._tell_finished(number, trial)

    def numbers(self) -> Iterator[int]:
        """Yield the number of one missing trial after the other, as long as the study goes on."""
        for number in range(self._settings.n_trials):
            if number in self._finished():
                continue

            if self._is_exhausted:
                logger.info("The study ends before trial %d: all there is was drawn.", number)
                return

            so_far = self.worthwhile()
            if promises_too_little(self._losses(so_far), self._settings.min_gain):
                logger.info(
                    "The study ends after %d of %d trials: as many again would not be expected to "
                    "gain min_gain=%g %s.",
                    *(len(so_far), self._settings.n_trials),
                    *(self._settings.min_gain, self._settings.measure.unit),
                )
                return
            yield number

    def start(self, number: int) -> dict[str, Any]:
        """Draw the parameters of a trial.

        Raises:
            ConfigError: If the sampler needs what is not installed.
        """
        try:
            trial = self._ask(number)
            self._open[number] = _OpenTrial(trial)
            trial.set_user_attr(NUMBER, number)
            self._draw(trial)
        except ImportError as error:
            raise ConfigError(
                f"search.sampler needs a package that is not installed: {error}"
            ) from error

        for observer in self._observers:
            observer.trial_started(number)
        return trial.params

    def report(self, number: int, step: int, value: float) -> bool:
        """Take a point of a trial's curve, known points too; say whether to prune it."""
        opened = self._open[number]
        if step not in opened.steps:
            opened.steps.add(step)
            opened.trial.report(value, step)
            for observer in self._observers:
                observer.step(number, step, value)
        return opened.trial.should_prune()

    def finish(self, number: int, outcome: Outcome) -> None:
        """Take what a trial came to."""
        opened = self._open[number]
        for step, value in outcome.curve.items():
            if step not in opened.steps:
                self.report(number, step, value)
        for key, attr in outcome.attrs.items():
            opened.trial.set_user_attr(key, attr)
        state = TrialState.PRUNED if outcome.value is None else TrialState.COMPLETE
        self._study.tell(opened.trial, outcome.value, state)
        if self._is_exhausted:
            self._study.set_user_attr(_EXHAUSTED, True)
        del self._open[number]
        finished = self._finished()
        self._log(number, finished)
        self._tell_finished(number, finished[number])

    def abandon(self) -> None:
        """Mark the trials under way as failed; their numbers are drawn again."""
        for opened in self._open.values():
            self._study.tell(opened.trial, state=TrialState.FAIL, skip_if_finished=True)
        self._open.clear()

    def worthwhile(self) -> list[FrozenTrial]:
        """Return the trials that a study of these settings ends with, were there even more."""
        finished = self._finished()
        without_gap = takewhile(finished.__contains__, count())
        trials = [finished[number] for number in without_gap]
        return trials[: n_worthwhile(self._losses(trials), self._settings.min_gain)]

    def _ask(self, number: int) -> optuna.Trial:
        """Make the next trial that is asked for the one of a number, whatever happened before."""
        self._study.sampler = build_sampler(self._settings.sampler, self._settings.seed, number)
        is_waiting = self._study.get_trials(False, states=(TrialState.WAITING,))
        if number < len(self._draws) and not is_waiting:
            self._study.enqueue_trial(dict(self._draws[number]))
        return self._study.ask()

    def _exhaust(self) -> None:
        """Take the word of a sampler that the trial that ends now was the last there is."""
        self._is_exhausted = True

    def _finished(self) -> dict[int, FrozenTrial]:
        """Return the finished trials by number, without those above the number there are to be."""
        trials = self._study.get_trials(deepcopy=False, states=_FINISHED)
        by_number = {trial.user_attrs[NUMBER]: trial for trial in trials}
        return {n: trial for n, trial in by_number.items() if n < self._settings.n_trials}

    def _log(self, number: int, finished: Mapping[int, FrozenTrial]) -> None:
        trial = finished[number]
        where = f"Trial {number} of {self._settings.n_trials}"
        if trial.state != TrialState.COMPLETE:
            logger.info("%s: pruned after step %s.", where, trial.last_step or 0)
            return

        measure, value = self._settings.measure, trial.values[0]
        losses = [
            measure.loss(other.values[0])
            for other in finished.values()
            if other.state == TrialState.COMPLETE and other is not trial
        ]

        epoch = trial.user_attrs.get(BEST_EPOCH)
        logger.info(
            "%s: %.4f %s%s%s.",
            *(where, value, measure.unit, "" if epoch is None else f" at epoch {epoch}"),
            ", the best so far" if measure.loss(value) < min(losses, default=math.inf) else "",
        )

    def _tell_finished(self, number: int, trial: FrozenTrial) -> None:
        finished = FinishedTrial(
            number=number,
            state=DIVERGED if DIVERGED in trial.user_attrs else trial.state.name.lower(),
            value=trial.value,
            best_epoch=trial.user_attrs.get(BEST_EPOCH),
            params=trial.params,
            curve=trial.intermediate_values,
        )
        for observer in self._observers:
            observer.trial_finished(finished)

    def _losses(self, trials: Sequence[FrozenTrial]) -> list[float | None]:
        """Return what is known of trials' values, lower is better in any case."""
        loss = self._settings.measure.loss
        return [None if trial.value is None else loss(trial.value) for trial in trials]
