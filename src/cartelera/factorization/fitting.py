"""What a fit gives and how it is watched, whichever implementation runs it."""

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
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.recommender import shrunken_means

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
            `factors.predict` after the epoch, clipping and fallbacks included; NaN without
            validation ratings. `surprise_svd` does not show its epochs, so its curve has only the
            last one, and `train_rmse` is that of `factors.predict` on the training ratings.
    """

    factors: Factors
    curve: pd.DataFrame


@dataclass(frozen=True)
class EpochState:
    """A running fit after one of its epochs.

    The arrays are the ones the fit goes on with: read them now or copy them, never change them.

    Attributes:
        epoch: From 1.
        train_rmse: The running error of the epoch, in stars.
        bu: User biases, float64; shape (n_users,).
        bi: Title biases, float64; shape (n_titles,).
        pu: User factors, float64; shape (n_users, n_factors).
        qi: Title factors, float64; shape (n_titles, n_factors).
    """

    epoch: int
    train_rmse: float
    bu: NDArray[np.float64]
    bi: NDArray[np.float64]
    pu: NDArray[np.float64]
    qi: NDArray[np.float64]


def rmse(predictions: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Give the root mean squared error, in stars."""
    return float(np.sqrt(np.mean(np.square(predictions - truth))))


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
        self._valid = None if valid is None else RatingMatrix.from_frame(valid, scale=matrix.scale)
        self._valid_codes: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None
        self._title_means = _as_float32(
            shrunken_means(matrix.title_codes, matrix.values, matrix.n_titles)
        )
        self._curve: list[tuple[int, float, float]] = []

    @property
    def curve(self) -> pd.DataFrame:
        """The curve so far; see `Fitted`."""
        return pd.DataFrame(self._curve, columns=list(c.CURVE_COLUMNS))

    def record(self, state: EpochState) -> bool:
        """Add an epoch to the curve and say whether the fit should stop.

        Raises:
            DivergedError: If the fit has left the finite numbers.
        """
        if not np.isfinite(state.train_rmse):
            raise _diverged(state.epoch)
        valid_rmse = np.nan if self._valid is None else self._valid_rmse(state, self._valid)
        self._curve.append((state.epoch, state.train_rmse, valid_rmse))
        logger.debug("epoch %d: train %.4f, valid %.4f", state.epoch, state.train_rmse, valid_rmse)
        return self._on_epoch is not None and self._on_epoch(state.epoch, valid_rmse)

    def export(self, state: EpochState) -> Factors:
        """Make the model of a state.

        Raises:
            DivergedError: If a number is not finite as float32.
        """
        arrays = [_as_float32(array) for array in (state.bu, state.bi, state.pu, state.qi)]
        if not all(np.isfinite(array).all() for array in arrays):
            raise _diverged(state.epoch)
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

    def _valid_rmse(self, state: EpochState, valid: RatingMatrix) -> float:
        factors = self.export(state)
        if self._valid_codes is None:
            self._valid_codes = factors.codes(
                valid.user_ids[valid.user_codes], valid.title_ids[valid.title_codes]
            )
        return rmse(factors.predict_codes(*self._valid_codes), valid.values)


def _as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what overflows is infinite, which `export` reports
        return array.astype(np.float32)


def _diverged(epoch: int) -> DivergedError:
    return DivergedError(
        f"the fit diverged in epoch {epoch}: lower the learning rates (lr_all and the like) "
        "or raise the regularisation (reg_all)."
    )
