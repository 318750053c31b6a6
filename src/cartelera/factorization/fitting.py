"""The result of a fit, and its validation epoch by epoch, whichever implementation runs it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import CarteleraError
from cartelera.factorization.factors import Factors
from cartelera.factorization.gradient_descent import Model
from cartelera.factorization.kernels import Codes
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.recommender import UNKNOWN, shrunken_means

logger = logging.getLogger(__name__)


class DivergedError(CarteleraError):
    """A fit whose numbers grew beyond all bounds: its learning rate is too high for the data."""


@dataclass(frozen=True)
class Fitted:
    """The outcome of a fit.

    Attributes:
        factors: The model after the last epoch that ran.
        curve: One row an epoch that ran, with columns `epoch` (from 1), `train_rmse` and
            `valid_rmse`, in stars. `train_rmse` is the running error of the epoch: each rating's
            error just before the update it causes, not clipped. `valid_rmse` is that of
            `factors.predict` after the epoch (but for the rounding of float32), clipping and
            fallbacks included; NaN without validation ratings. `surprise_svd` does not show its
            epochs, so its curve has only the last one, and `train_rmse` is that of
            `factors.predict` on the training ratings.
    """

    factors: Factors
    curve: pd.DataFrame


@dataclass(frozen=True, eq=False)
class EpochState:
    """A running fit after one of its epochs; good until the next one begins.

    Attributes:
        epoch: From 1.
        train_rmse: The running error of the epoch, in stars: each rating's error just before the
            update it causes, not clipped.
        valid_rmse: The error of what `SVD.test` would predict for the validation ratings, in stars;
            NaN without validation ratings.
        model: Predicts, and gives its arrays. In the default mode these are a copy of the whole
            model; predicting copies nothing.
    """

    epoch: int
    train_rmse: float
    valid_rmse: float
    model: Model


@dataclass(frozen=True, eq=False)
class Validation:
    """Ratings that a model is measured with again and again.

    Attributes:
        users: The model's user codes, or -1 for unknown users; shape (n,).
        titles: The model's title codes, or -1 for unknown titles; shape (n,).
        values: Ratings in stars; shape (n,).
        scale: Lowest and highest rating, in stars: predictions are clipped into it.
        stand_ins: What is predicted in the model's place, NaN where the model is asked; shape (n,).
    """

    users: Codes
    titles: Codes
    values: NDArray[np.floating]
    scale: tuple[float, float]
    stand_ins: NDArray[np.float64]

    def rmse(self, model: Model) -> float:
        """Return the root mean squared error of a model's predictions, in stars."""
        estimates = model.predict(self.users, self.titles)
        is_asked = np.isnan(self.stand_ins)
        estimates = np.clip(np.where(is_asked, estimates, self.stand_ins), *self.scale)
        return float(np.sqrt(np.mean(np.square(estimates - self.values))))


def stand_ins(
    users: Codes, titles: Codes, *, biased: bool, global_mean: float
) -> NDArray[np.float64]:
    """Return what Surprise predicts where its SVD cannot: the mean, if there are no biases."""
    is_impossible = (users == UNKNOWN) | (titles == UNKNOWN)
    return np.where(is_impossible & (not biased), global_mean, np.nan)


def title_means(matrix: RatingMatrix) -> NDArray[np.float32]:
    """Return what stands in for an unknown user's taste: each title's shrunken mean, in stars."""
    means = shrunken_means(matrix.title_codes, matrix.values, matrix.n_titles)
    return _as_float32(means)


def validation(
    train: RatingMatrix,
    valid: RatingMatrix,
    codes: tuple[Codes, Codes],
    means: NDArray[np.float32],
    *,
    biased: bool,
) -> Validation:
    """Measure a model as `Factors.predict` predicts, fallbacks included.

    Args:
        train: The training ratings.
        valid: The ratings to validate with.
        codes: Their users' and titles' codes in `train`, or -1 (`RatingMatrix.codes_in`).
        means: The titles' means (`title_means`).
        biased: Whether the model has biases.
    """
    users, titles = codes
    instead = stand_ins(users, titles, biased=biased, global_mean=train.global_mean)
    is_new_user = (users == UNKNOWN) & (titles != UNKNOWN)
    instead[is_new_user] = means[titles[is_new_user]]
    return Validation(users, titles, valid.values, train.scale, instead)


def require_finite(epoch: int, rmse: float) -> None:
    """Check an epoch's error.

    Raises:
        DivergedError: If it is not a finite number.
    """
    if not np.isfinite(rmse):
        raise _diverged(epoch)


class Watcher:
    """Follows a fit: exports its states, keeps the curve, asks the caller whether to stop.

    Args:
        matrix: The training ratings.
        biased: Whether the model has biases.
        valid: Ratings to validate with after each epoch.
        on_epoch: Gets the epoch, from 1, and `valid_rmse`; True ends the fit.
    """

    def __init__(
        self,
        matrix: RatingMatrix,
        *,
        biased: bool,
        valid: pd.DataFrame | None,
        on_epoch: Callable[[int, float], bool] | None,
    ):
        self._matrix = matrix
        self._biased = biased
        self._on_epoch = on_epoch
        self._title_means = title_means(matrix)
        self._validation = None if valid is None else self._validation_of(valid)
        self._curve: list[tuple[int, float, float]] = []

    @property
    def curve(self) -> pd.DataFrame:
        """The curve so far; see `Fitted`."""
        return pd.DataFrame(self._curve, columns=list(c.CURVE_COLUMNS))

    def record(self, epoch: int, train_rmse: float, model: Model) -> bool:
        """Add an epoch to the curve and say whether the fit should stop.

        Raises:
            DivergedError: If the fit has left the finite numbers.
        """
        require_finite(epoch, train_rmse)
        valid_rmse = np.nan
        if self._validation is not None:
            valid_rmse = self._validation.rmse(model)
            require_finite(epoch, valid_rmse)
        self._curve.append((epoch, train_rmse, valid_rmse))
        logger.debug("epoch %d: train %.4f, valid %.4f", epoch, train_rmse, valid_rmse)
        return self._on_epoch is not None and self._on_epoch(epoch, valid_rmse)

    def export(self, epoch: int, model: Model) -> Factors:
        """Make the exported model of what a fit has come to.

        Raises:
            DivergedError: If a number is not finite as float32.
        """
        fitted = model.arrays()
        arrays = [_as_float32(a) for a in (fitted.bu, fitted.bi, fitted.pu, fitted.qi)]
        if not all(np.isfinite(array).all() for array in arrays):
            raise _diverged(epoch)
        user_bias, title_bias, user_factors, title_factors = arrays

        return Factors(
            global_mean=self._matrix.global_mean,
            user_bias=user_bias,
            title_bias=title_bias,
            user_factors=user_factors,
            title_factors=title_factors,
            user_ids=self._matrix.user_ids,
            title_ids=self._matrix.title_ids,
            title_means=self._title_means,
            scale=self._matrix.scale,
            biased=self._biased,
        )

    def train_rmse(self, model: Model) -> float:
        """Return the error of a model's predictions of the training ratings, in stars."""
        matrix = self._matrix
        codes = (matrix.user_codes, matrix.title_codes)
        none = np.full(len(matrix.values), np.nan)
        return Validation(*codes, matrix.values, matrix.scale, none).rmse(model)

    def _validation_of(self, ratings: pd.DataFrame) -> Validation:
        matrix = self._matrix
        valid = RatingMatrix.from_frame(ratings, scale=matrix.scale)
        codes = valid.codes_in(matrix)
        return validation(matrix, valid, codes, self._title_means, biased=self._biased)


def _as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what overflows is infinite, which `export` reports
        return array.astype(np.float32, copy=False)


def _diverged(epoch: int) -> DivergedError:
    return DivergedError(
        f"the fit diverged in epoch {epoch}: lower the learning rates (lr_all and the like) "
        "or raise the regularisation (reg_all)."
    )
