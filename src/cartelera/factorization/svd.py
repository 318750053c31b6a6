"""Surprise's SVD, compiled and fast, and the fits of it and of Surprise's own."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import surprise
import surprise.utils
from numpy.typing import NDArray
from surprise.prediction_algorithms.predictions import Prediction

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.factorization.fitting import EpochState, Fitted, Validation, Watcher, stand_ins
from cartelera.factorization.gradient_descent import (
    Arrays,
    BlockDescent,
    Descent,
    ExactDescent,
    FactorInit,
    FixedModel,
    Model,
    Ratings,
    SgdHyperparameters,
)
from cartelera.factorization.kernels import Codes
from cartelera.factorization.parameters import BIASED, OWN_PARAMETER_NAMES, check_params
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.recommender import UNKNOWN
from cartelera.factorization.trainsets import MatrixTrainset, inner_codes, trainset_rows

logger = logging.getLogger(__name__)

OnEpoch = Callable[[EpochState], bool]


class SVD(surprise.SVD):  # pyright: ignore[reportUntypedBaseClass]
    """Surprise's SVD, many times as fast; with `exact`, Surprise's very numbers.

    `mu + b_u + b_i + q_i . p_u`, fitted by stochastic gradient descent (Koren, Bell and Volinsky,
    Matrix factorization techniques for recommender systems, 2009). Wherever `surprise.SVD` works,
    this one does.

    The default mode computes in float32 and works on several blocks of ratings at a time; a seed
    gives the same model every time, whatever the number of threads. It starts from the factors that
    Surprise draws for the seed, and its errors differ from Surprise's in the fourth decimal at
    most. With `exact`, `pu`, `qi`, `bu` and `bi` are equal to Surprise's to the last bit for the
    same trainset and `random_state` (on x86-64, where compilers do not merge multiplications and
    additions unasked); that runs on one thread.

    Args:
        *args: As for `surprise.SVD`.
        exact: Whether to give Surprise's numbers to the last bit.
        n_threads: The most blocks to work on at a time; as many as there are processors if None.
            It makes a fit faster, not different.
        **options: As for `surprise.SVD`.
    """

    def __init__(
        self, *args: Any, exact: bool = False, n_threads: int | None = None, **options: Any
    ):
        super().__init__(*args, **options)
        if n_threads is not None and n_threads < 1:
            raise ValueError(f"n_threads={n_threads}: allowed is a whole number from 1, or None.")
        self.exact = exact
        self.n_threads = n_threads

    def fit(
        self,
        trainset: surprise.Trainset,
        on_epoch: OnEpoch | None = None,
        valid: Sequence[tuple[Any, Any, float]] | None = None,
    ) -> Self:
        """Fit to a Surprise trainset.

        Args:
            trainset: As Surprise builds it.
            on_epoch: Called after each epoch; True ends the fit.
            valid: A Surprise testset to validate with after each epoch.
        """
        surprise.AlgoBase.fit(self, trainset)
        users, titles, values = trainset_rows(trainset)
        shape, global_mean = (trainset.n_users, trainset.n_items), float(trainset.global_mean)
        validation = None
        if valid is not None:
            truth = np.array([rating for _, _, rating in valid], dtype=np.float64)
            validation = self._validation(*self._codes(valid), truth)
        ratings = Ratings(users, titles, values, shape, global_mean)
        return self._descend(ratings, on_epoch, validation)

    def fit_matrix(
        self,
        matrix: RatingMatrix,
        on_epoch: OnEpoch | None = None,
        valid: RatingMatrix | None = None,
    ) -> Self:
        """Fit without a Surprise trainset, to the same numbers.

        Row n of `pu` and `bu` is the user `matrix.user_ids[n]`, row n of `qi` and `bi` the title
        `matrix.title_ids[n]`. `predict` and `test` work as ever.

        Args:
            matrix: The training ratings.
            on_epoch: Called after each epoch; True ends the fit.
            valid: Ratings to validate with after each epoch.
        """
        surprise.AlgoBase.fit(
            self,
            MatrixTrainset(
                matrix.user_ids,
                matrix.title_ids,
                global_mean=matrix.global_mean,
                rating_scale=matrix.scale,
            ),
        )
        validation = None
        if valid is not None:
            validation = self._validation(*valid.codes_in(matrix), valid.values)
        return self._descend(Ratings.of(matrix), on_epoch, validation)

    def estimate(self, u: Any, i: Any) -> float:
        """Predict one rating from inner ids, as `test` does; `predict` calls this.

        Raises:
            PredictionImpossible: If there are no biases and the user or the title is unknown.
        """
        known = (self.trainset.knows_user(u), self.trainset.knows_item(i))
        if self.pu.dtype != np.float32 or not (self.biased or all(known)):
            return super().estimate(u, i)
        codes = (
            code if is_known else UNKNOWN for code, is_known in zip((u, i), known, strict=True)
        )
        users, titles = (np.array([code], dtype=np.int32) for code in codes)
        return float(self.model.predict(users, titles)[0])

    def test(
        self, testset: Sequence[tuple[Any, Any, float]], verbose: bool = False
    ) -> list[Prediction]:
        """Predict all ratings of a testset, in one go unless `exact`.

        Args:
            testset: Raw user id, raw item id and rating of each pair.
            verbose: Whether to print each prediction, as Surprise does.

        Returns:
            What `predict` gives for each pair.
        """
        if self.pu.dtype != np.float32 or verbose:
            return super().test(testset, verbose=verbose)
        users, titles = self._codes(testset)
        estimates = np.clip(self.model.predict(users, titles), *self.trainset.rating_scale)
        is_possible = self.biased | ((users != UNKNOWN) & (titles != UNKNOWN))
        return [
            Prediction(user, title, rating, estimate, {"was_impossible": False})
            if possible
            else self.predict(user, title, rating)
            for (user, title, rating), estimate, possible in zip(
                testset, estimates.tolist(), is_possible.tolist(), strict=True
            )
        ]

    @property
    def model(self) -> Model:
        """What was fitted, by code instead of by raw id."""
        offset = float(self.trainset.global_mean) if self.biased else 0.0
        return FixedModel(Arrays(self.bu, self.bi, self.pu, self.qi), offset)

    def _descend(
        self, ratings: Ratings, on_epoch: OnEpoch | None, validation: Validation | None
    ) -> Self:
        descent = self.descent(ratings)
        for epoch in range(1, self.n_epochs + 1):
            train_rmse = float(np.sqrt(descent.epoch() / len(ratings.values)))
            if self.verbose:
                logger.info("epoch %d: running RMSE %.4f", epoch, train_rmse)
            if on_epoch is not None:
                valid_rmse = np.nan if validation is None else validation.rmse(descent)
                if on_epoch(EpochState(epoch, train_rmse, valid_rmse, descent)):
                    break
        arrays = descent.arrays()
        self.bu, self.bi, self.pu, self.qi = arrays.bu, arrays.bi, arrays.pu, arrays.qi
        return self

    def descent(self, ratings: Ratings) -> Descent:
        """Return a fit whose epochs the caller runs, as many as it likes.

        Args:
            ratings: What to learn from; a second descent on them starts faster.
        """
        rng = surprise.utils.get_rng(self.random_state)
        start = FactorInit(rng, self.init_mean, self.init_std_dev, self.n_factors)
        rule = SgdHyperparameters(
            biased=bool(self.biased),
            lr=(float(self.lr_bu), float(self.lr_bi), float(self.lr_pu), float(self.lr_qi)),
            reg=(float(self.reg_bu), float(self.reg_bi), float(self.reg_pu), float(self.reg_qi)),
        )
        if self.exact:
            return ExactDescent(ratings, start, rule)
        return BlockDescent(ratings, start, rule, self.n_threads)

    def _codes(self, testset: Sequence[tuple[Any, Any, float]]) -> tuple[Codes, Codes]:
        users = inner_codes((pair[0] for pair in testset), self.trainset.to_inner_uid)
        return users, inner_codes((pair[1] for pair in testset), self.trainset.to_inner_iid)

    def _validation(self, users: Codes, titles: Codes, values: NDArray[np.floating]) -> Validation:
        mean = float(self.trainset.global_mean)
        instead = stand_ins(users, titles, biased=bool(self.biased), global_mean=mean)
        return Validation(users, titles, values, self.trainset.rating_scale, instead)


def fit_svd(
    train: pd.DataFrame,
    params: Mapping[str, Any],
    *,
    scale: tuple[float, float],
    valid: pd.DataFrame | None = None,
    on_epoch: Callable[[int, float], bool] | None = None,
) -> Fitted:
    """Fit this project's SVD and export it; see `models.registry.fit_factors`."""
    checked, matrix, watcher = _prepare(train, params, scale, valid, on_epoch)
    last: list[EpochState] = []

    def record(state: EpochState) -> bool:
        last[:] = [state]
        return watcher.record(state.epoch, state.train_rmse, state.model)

    fitted = SVD(**checked).fit_matrix(matrix, record)
    return Fitted(watcher.export(last[0].epoch, fitted.model), watcher.curve)


def fit_surprise_svd(
    train: pd.DataFrame,
    params: Mapping[str, Any],
    *,
    scale: tuple[float, float],
    valid: pd.DataFrame | None = None,
    on_epoch: Callable[[int, float], bool] | None = None,
) -> Fitted:
    """Fit Surprise's own SVD and export it; see `models.registry.fit_factors`.

    It shows no epochs: the curve has the last one alone.

    Raises:
        ConfigError: If a parameter is one that only this project's SVD has.
    """
    checked, matrix, watcher = _prepare(train, params, scale, valid, on_epoch)
    if ours := [own for own in OWN_PARAMETER_NAMES if own in checked]:
        raise ConfigError(f"model surprise_svd has no parameter {', '.join(ours)}: only svd has.")

    reader = surprise.Reader(rating_scale=matrix.scale)
    columns = train[[c.USER_ID, c.TITLE_ID, c.RATING]]
    trainset = surprise.Dataset.load_from_df(columns, reader).build_full_trainset()
    fitted = surprise.SVD(**checked).fit(trainset)

    arrays = Arrays(fitted.bu, fitted.bi, fitted.pu, fitted.qi)
    model = FixedModel(arrays, matrix.global_mean if fitted.biased else 0.0)
    factors = watcher.export(fitted.n_epochs, model)
    watcher.record(fitted.n_epochs, watcher.train_rmse(model), model)
    return Fitted(factors, watcher.curve)


def _prepare(
    train: pd.DataFrame,
    params: Mapping[str, Any],
    scale: tuple[float, float],
    valid: pd.DataFrame | None,
    on_epoch: Callable[[int, float], bool] | None,
) -> tuple[dict[str, Any], RatingMatrix, Watcher]:
    """Check parameters and code ratings, the same for both implementations."""
    checked = check_params(params)
    matrix = RatingMatrix.from_frame(train, scale=scale)
    watcher = Watcher(matrix, biased=checked.get(BIASED, True), valid=valid, on_epoch=on_epoch)
    return checked, matrix, watcher
