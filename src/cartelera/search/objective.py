"""What a trial is measured on: the validation curve of one fit, or the mean of several."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import optuna
import pandas as pd

from cartelera.factorization.fitting import DivergedError
from cartelera.factorization.svd import fit_factors
from cartelera.ratings.split import split
from cartelera.search.space import N_EPOCHS, Space

BEST_EPOCH: Final = "best_epoch"

_ONE_ROW_MODEL: Final = "surprise_svd"


@dataclass(frozen=True)
class Part:
    """Ratings to fit on and ratings to validate with."""

    train: pd.DataFrame
    valid: pd.DataFrame


def hold_out(
    ratings: pd.DataFrame, *, method: str, valid_fraction: float, n_last: int, seed: int
) -> Part:
    """Part ratings once, the way train and test were parted.

    Args:
        ratings: Clean ratings to learn from, never the test part.
        method: Name of the split.
        valid_fraction: Share to validate with (chronological, random).
        n_last: Ratings of each user to validate with (leave_last_n).
        seed: Seed of the split.
    """
    train, valid = split(
        ratings, method=method, test_fraction=valid_fraction, n_last=n_last, seed=seed
    )
    return Part(train, valid)


def folds(ratings: pd.DataFrame, *, n_folds: int, seed: int) -> tuple[Part, ...]:
    """Part ratings into random folds of equal size; each validates once."""
    fold = np.random.default_rng(seed).permutation(len(ratings)) % n_folds
    return tuple(
        Part(ratings[fold != number], ratings[fold == number]) for number in range(n_folds)
    )


@dataclass(frozen=True)
class Objective:
    """The validation RMSE of a trial's parameters, lower is better.

    One fit runs to the highest `n_epochs` and gives the curve of all of them, so `n_epochs` is read
    off at the lowest point instead of being drawn. Surprise's own SVD gives no curve: there it is
    drawn like the rest. With several parts the curve is their mean, over the epochs all reached.

    Attributes:
        parts: One part (hold-out) or several (folds).
        space: The checked search space.
        model: Which implementation fits: `svd` or `surprise_svd`.
        scale: Lowest and highest rating, in stars.
        patience: Epochs without a new lowest point after which a fit ends.
        on_epoch: Told the step (counted on over the parts) and the validation RMSE, in stars.
    """

    parts: Sequence[Part]
    space: Space
    model: str
    scale: tuple[float, float]
    patience: int
    on_epoch: Callable[[int, float], None]

    def __call__(self, trial: optuna.Trial) -> float:
        """Fit a trial's parameters on every part and give the lowest point of the mean curve.

        Raises:
            optuna.TrialPruned: If the pruner ends the trial, or the fit diverges.
        """
        has_curve = self.model != _ONE_ROW_MODEL
        params: dict[str, Any] = {
            **self.space.fixed,
            **self.space.draw(trial, without=N_EPOCHS if has_curve else None),
        }
        epochs = self._epochs(params)
        params[N_EPOCHS] = epochs[-1]
        curves: list[dict[int, float]] = []
        for number, part in enumerate(self.parts):
            reporter = _Reporter(
                trial=trial,
                first_step=number * (epochs[-1] if has_curve else 1),
                steps_are_epochs=has_curve,
                eligible=frozenset(epochs),
                patience=self.patience,
                on_epoch=self.on_epoch,
            )
            self._fit(params, part, reporter)
            curves.append(reporter.curve)
        best_epoch, value = _lowest(curves, epochs)
        trial.set_user_attr(BEST_EPOCH, best_epoch)
        return value

    def _fit(self, params: dict[str, Any], part: Part, reporter: "_Reporter") -> None:
        try:
            fit_factors(
                self.model,
                part.train,
                params,
                scale=self.scale,
                valid=part.valid,
                on_epoch=reporter.report,
            )
        except DivergedError as error:
            raise optuna.TrialPruned(str(error)) from error

    def _epochs(self, params: dict[str, Any]) -> tuple[int, ...]:
        """List the values `n_epochs` may take in a trial, ascending."""
        if N_EPOCHS in params:
            return (int(params[N_EPOCHS]),)
        return self.space.drawn[N_EPOCHS].whole_numbers()


class _Reporter:
    """Takes one fit's validation curve, tells Optuna, and decides when the fit ends."""

    def __init__(
        self,
        *,
        trial: optuna.Trial,
        first_step: int,
        steps_are_epochs: bool,
        eligible: frozenset[int],
        patience: int,
        on_epoch: Callable[[int, float], None],
    ) -> None:
        self.curve: dict[int, float] = {}
        self._trial = trial
        self._first_step = first_step
        self._steps_are_epochs = steps_are_epochs
        self._eligible = eligible
        self._patience = patience
        self._on_epoch = on_epoch
        self._lowest = (math.inf, 0)

    def report(self, epoch: int, valid_rmse: float) -> bool:
        """Take the curve's next point; True ends the fit."""
        step = self._first_step + (epoch if self._steps_are_epochs else 1)
        self.curve[epoch] = valid_rmse
        self._trial.report(valid_rmse, step)
        self._on_epoch(step, valid_rmse)
        if self._trial.should_prune():
            raise optuna.TrialPruned
        if epoch not in self._eligible:
            return False
        self._lowest = min(self._lowest, (valid_rmse, epoch))
        return epoch - self._lowest[1] >= self._patience


def _lowest(curves: Sequence[dict[int, float]], epochs: Sequence[int]) -> tuple[int, float]:
    """Find the lowest point of the mean curve: its epoch, the first of equals, and its height."""
    reached = [epoch for epoch in epochs if all(epoch in curve for curve in curves)]
    means = {epoch: float(np.mean([curve[epoch] for curve in curves])) for epoch in reached}
    best_epoch = min(reached, key=lambda epoch: (means[epoch], epoch))
    return best_epoch, means[best_epoch]
