"""Surprise's SVD, compiled; and one door to both implementations of the model."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
import surprise
import surprise.utils
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.factorization.fitting import EpochState, Fitted, Watcher, rmse
from cartelera.factorization.kernels import sgd_epoch
from cartelera.factorization.parameters import BIASED, check_params
from cartelera.factorization.rating_matrix import RatingMatrix

logger = logging.getLogger(__name__)

OnEpoch = Callable[[EpochState], bool]


class SVD(surprise.SVD):  # pyright: ignore[reportUntypedBaseClass]
    """Surprise's SVD with a compiled inner loop: the same arguments, the same numbers.

    `mu + b_u + b_i + q_i . p_u`, fitted by stochastic gradient descent (Koren, Bell and Volinsky,
    Matrix factorization techniques for recommender systems, 2009). Wherever `surprise.SVD` works,
    this one does, and `pu`, `qi`, `bu` and `bi` are equal to the last bit for the same trainset and
    `random_state` (on x86-64, where compilers do not merge multiplications and additions unasked).
    """

    def fit(self, trainset: surprise.Trainset, on_epoch: OnEpoch | None = None) -> Self:
        """Fit to a Surprise trainset.

        Args:
            trainset: As Surprise builds it.
            on_epoch: Called after each epoch; True ends the fit.
        """
        surprise.AlgoBase.fit(self, trainset)
        rows = np.fromiter(
            trainset.all_ratings(),
            dtype=[("user", np.int32), ("title", np.int32), ("value", np.float64)],
            count=trainset.n_ratings,
        )
        ratings = tuple(np.ascontiguousarray(rows[name]) for name in ("user", "title", "value"))
        shape = (trainset.n_users, trainset.n_items)
        return self._descend(ratings, shape, float(trainset.global_mean), on_epoch)

    def fit_matrix(self, matrix: RatingMatrix, on_epoch: OnEpoch | None = None) -> Self:
        """Fit without a Surprise trainset, to the same numbers.

        Row n of `pu` and `bu` is the user `matrix.user_ids[n]`, row n of `qi` and `bi` the title
        `matrix.title_ids[n]`. Surprise's `predict` needs a trainset; export the arrays as `Factors`
        to predict.

        Args:
            matrix: The training ratings.
            on_epoch: Called after each epoch; True ends the fit.
        """
        ratings = (matrix.user_codes, matrix.title_codes, matrix.values)
        shape = (matrix.n_users, matrix.n_titles)
        return self._descend(ratings, shape, matrix.global_mean, on_epoch)

    def _descend(
        self,
        ratings: tuple[NDArray[Any], ...],
        shape: tuple[int, int],
        global_mean: float,
        on_epoch: OnEpoch | None,
    ) -> Self:
        rng = surprise.utils.get_rng(self.random_state)
        n_users, n_titles = shape
        self.bu = np.zeros(n_users)
        self.bi = np.zeros(n_titles)
        self.pu = rng.normal(self.init_mean, self.init_std_dev, size=(n_users, self.n_factors))
        self.qi = rng.normal(self.init_mean, self.init_std_dev, size=(n_titles, self.n_factors))
        arrays = (self.bu, self.bi, self.pu, self.qi)
        offset = global_mean if self.biased else 0.0
        lr = tuple(float(rate) for rate in (self.lr_bu, self.lr_bi, self.lr_pu, self.lr_qi))
        reg = tuple(float(term) for term in (self.reg_bu, self.reg_bi, self.reg_pu, self.reg_qi))
        for epoch in range(1, self.n_epochs + 1):
            squared_errors = sgd_epoch(*ratings, offset, *arrays, bool(self.biased), lr, reg)
            train_rmse = float(np.sqrt(squared_errors / len(ratings[0])))
            if self.verbose:
                logger.info("epoch %d: running RMSE %.4f", epoch, train_rmse)
            if on_epoch is not None and on_epoch(EpochState(epoch, train_rmse, *arrays)):
                break
        return self


def fit_factors(
    name: str,
    train: pd.DataFrame,
    params: Mapping[str, Any],
    *,
    scale: tuple[float, float],
    valid: pd.DataFrame | None = None,
    on_epoch: Callable[[int, float], bool] | None = None,
) -> Fitted:
    """Fit a model and export it.

    Args:
        name: `svd`, the compiled implementation, or `surprise_svd`, Surprise's own; for the same
            ratings and parameters both give the same model.
        train: Ratings to learn from: columns `user_id`, `title_id`, `rating`.
        params: Surprise's parameters (`parameters.PARAMETER_NAMES`).
        scale: Lowest and highest rating, in stars.
        valid: Ratings to validate with after each epoch.
        on_epoch: Called with the epoch, from 1, and `valid_rmse` (NaN without `valid`); True ends
            the fit after this epoch. `surprise_svd` calls it once, at its end.

    Raises:
        ConfigError: If the name or a parameter is unknown, or a parameter's value is wrong.
        InputError: If the ratings are.
        DivergedError: If the fit leaves the finite numbers.
    """
    if name not in _FITS:
        raise ConfigError(f"unknown model {name}: allowed are {', '.join(_FITS)}.")
    checked = check_params(params)
    matrix = RatingMatrix.from_frame(train, scale=scale)
    watcher = Watcher(matrix, biased=checked.get(BIASED, True), valid=valid, on_epoch=on_epoch)
    return _FITS[name](train, matrix, checked, watcher)


def _fit_svd(
    _train: pd.DataFrame, matrix: RatingMatrix, params: dict[str, Any], watcher: Watcher
) -> Fitted:
    last: list[EpochState] = []

    def on_epoch(state: EpochState) -> bool:
        last[:] = [state]
        return watcher.record(state)

    SVD(**params).fit_matrix(matrix, on_epoch)
    return Fitted(watcher.export(last[0]), watcher.curve)


def _fit_surprise_svd(
    train: pd.DataFrame, matrix: RatingMatrix, params: dict[str, Any], watcher: Watcher
) -> Fitted:
    reader = surprise.Reader(rating_scale=matrix.scale)
    columns = train[[c.USER_ID, c.TITLE_ID, c.RATING]]
    trainset = surprise.Dataset.load_from_df(columns, reader).build_full_trainset()
    fitted = surprise.SVD(**params).fit(trainset)
    arrays = (fitted.bu, fitted.bi, fitted.pu, fitted.qi)
    factors = watcher.export(EpochState(fitted.n_epochs, np.nan, *arrays))
    codes = (matrix.user_codes.astype(np.intp), matrix.title_codes.astype(np.intp))
    train_rmse = rmse(factors.predict_codes(*codes), matrix.values)
    watcher.record(EpochState(fitted.n_epochs, train_rmse, *arrays))
    return Fitted(factors, watcher.curve)


_FITS = {"svd": _fit_svd, "surprise_svd": _fit_surprise_svd}
