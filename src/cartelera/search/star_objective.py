"""The objective of a model of stars: the lowest validation RMSE on a trial's curve."""

import math
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

import optuna
from optuna.trial import BaseTrial

from cartelera.factorization.fitting import DivergedError
from cartelera.models.model_parameters import N_EPOCHS
from cartelera.search.fits import Fits
from cartelera.search.space import Space

BEST_EPOCH: Final = "best_epoch"
PARAMS: Final = "params"
DIVERGED: Final = "diverged"


def params_of(trial: BaseTrial) -> dict[str, Any]:
    """Return all parameters of a complete trial, with the number of epochs that was read off."""
    params = dict(trial.user_attrs[PARAMS])
    if BEST_EPOCH in trial.user_attrs:
        params[N_EPOCHS] = trial.user_attrs[BEST_EPOCH]
    return params


@dataclass(frozen=True)
class Objective:
    """The validation RMSE of a trial's parameters, lower is better.

    One fit runs to the highest `n_epochs` and gives the curve of all of them, so `n_epochs` is read
    off at the lowest point instead of being drawn. Surprise's own SVD gives no curve: there it is
    drawn like the rest. With several folds the curve is their mean.

    Attributes:
        fits: What to fit on and to validate with.
        space: The checked search space.
        patience: Epochs without a new lowest point after which a fit ends.
    """

    fits: Fits
    space: Space
    patience: int

    def __call__(self, trial: BaseTrial) -> float:
        """Fit a trial's parameters and give the lowest point of the curve.

        Raises:
            optuna.TrialPruned: If the pruner ends the trial, or the fit diverges.
        """
        not_drawn = N_EPOCHS if self.fits.has_curve else None

        # One fit tells the curve of all epochs, so that their number is read off, not drawn.
        params: dict[str, Any] = self.space.draw(trial, without=not_drawn)
        epochs = self._epochs(params)
        params[N_EPOCHS] = epochs[-1]
        trial.set_user_attr(PARAMS, params)

        try:
            value, best_epoch = self._lowest(trial, params, frozenset(epochs))
        except DivergedError as error:
            trial.set_user_attr(DIVERGED, str(error))
            raise optuna.TrialPruned(str(error)) from error

        trial.set_user_attr(BEST_EPOCH, best_epoch)
        return value

    def _lowest(
        self, trial: BaseTrial, params: dict[str, Any], eligible: frozenset[int]
    ) -> tuple[float, int]:
        """Follow the curve to its end; give its lowest point and the epoch, the first of equals."""
        lowest = (math.inf, 0)
        with closing(self.fits.points(params)) as points:
            for step, valid_rmse in points:
                trial.report(valid_rmse, step)
                if trial.should_prune():
                    raise optuna.TrialPruned
                if not self.fits.has_curve:
                    lowest = (valid_rmse, params[N_EPOCHS])
                elif step in eligible:
                    lowest = min(lowest, (valid_rmse, step))
                    if step - lowest[1] >= self.patience:
                        break
        return lowest

    def _epochs(self, params: dict[str, Any]) -> tuple[int, ...]:
        """List the values `n_epochs` may take in a trial, ascending."""
        if N_EPOCHS in params:
            return (int(params[N_EPOCHS]),)
        return self.space.drawn[N_EPOCHS].whole_numbers()
