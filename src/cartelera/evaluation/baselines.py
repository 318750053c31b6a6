"""Raters that know little: what a rating model has to beat."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.recommender import SHRINKAGE, UNKNOWN, Codes, Ids, look_up_pairs

_ALS_EPOCHS = 10
_ALS_REG_USERS = 15.0
_ALS_REG_TITLES = 10.0


@dataclass(frozen=True, eq=False)
class _Biases:
    """Predicts `mu + b_u + b_i`, clipped into the scale; unknown users and titles have no bias.

    Attributes:
        user_ids: Shape (n_users,).
        title_ids: Strings; shape (n_titles,).
        scale: Lowest and highest rating, in stars.
        global_mean: mu, the mean of all ratings, in stars.
        user_bias: b_u, in stars; shape (n_users,).
        title_bias: b_i, in stars; shape (n_titles,).
    """

    user_ids: NDArray[np.int64]
    title_ids: NDArray[np.object_]
    scale: tuple[float, float]
    global_mean: float
    user_bias: NDArray[np.float64]
    title_bias: NDArray[np.float64]

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars; shape (n,)."""
        return self.predict_codes(*self.codes(user_ids, title_ids))

    def codes(self, user_ids: Ids, title_ids: Ids) -> tuple[Codes, Codes]:
        """Look up the positions of each pair's user and title, `UNKNOWN` where there is none."""
        return look_up_pairs(self._user_index, self._title_index, user_ids, title_ids)

    def predict_codes(self, users: Codes, titles: Codes) -> NDArray[np.float64]:
        """Predict as `predict` does, from what `codes` found."""
        user_bias = np.where(users == UNKNOWN, 0.0, self.user_bias[users])
        title_bias = np.where(titles == UNKNOWN, 0.0, self.title_bias[titles])
        return np.clip(self.global_mean + user_bias + title_bias, *self.scale)

    @classmethod
    def _from(
        cls,
        matrix: RatingMatrix,
        *,
        user_bias: NDArray[np.float64] | None = None,
        title_bias: NDArray[np.float64] | None = None,
    ) -> Self:
        """Take the ids from what was fitted to; a bias that is not given is 0."""
        return cls(
            matrix.user_ids,
            matrix.title_ids,
            matrix.scale,
            matrix.global_mean,
            np.zeros(matrix.n_users) if user_bias is None else user_bias,
            np.zeros(matrix.n_titles) if title_bias is None else title_bias,
        )

    @cached_property
    def _user_index(self) -> "pd.Index[Any]":
        return pd.Index(self.user_ids)

    @cached_property
    def _title_index(self) -> "pd.Index[Any]":
        return pd.Index(self.title_ids, dtype=object)


class GlobalMean(_Biases):
    """Predicts the mean of all ratings for everyone and everything."""

    @classmethod
    def fit(cls, train: pd.DataFrame, *, scale: tuple[float, float]) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        return cls.of(RatingMatrix.from_frame(train, scale=scale))

    @classmethod
    def of(cls, matrix: RatingMatrix) -> Self:
        """Fit to ratings."""
        return cls._from(matrix)


class UserMean(_Biases):
    """Predicts a user's own mean for every title, drawn towards the global mean if from few.

    mu + sum(r - mu) / (n + shrinkage), the mean after `shrinkage` further ratings of mu; by default
    the plain mean.
    """

    @classmethod
    def fit(
        cls, train: pd.DataFrame, *, scale: tuple[float, float], shrinkage: float = 0.0
    ) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        return cls.of(RatingMatrix.from_frame(train, scale=scale), shrinkage=shrinkage)

    @classmethod
    def of(cls, matrix: RatingMatrix, *, shrinkage: float = 0.0) -> Self:
        """Fit to ratings."""
        return cls._from(matrix, user_bias=_shrunken(matrix, matrix.user_codes, shrinkage))


class TitleMean(_Biases):
    """Predicts a title's mean for everybody, drawn towards the global mean as in `UserMean`."""

    @classmethod
    def fit(
        cls, train: pd.DataFrame, *, scale: tuple[float, float], shrinkage: float = SHRINKAGE
    ) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        return cls.of(RatingMatrix.from_frame(train, scale=scale), shrinkage=shrinkage)

    @classmethod
    def of(cls, matrix: RatingMatrix, *, shrinkage: float = SHRINKAGE) -> Self:
        """Fit to ratings."""
        return cls._from(matrix, title_bias=_shrunken(matrix, matrix.title_codes, shrinkage))


class BiasOnly(_Biases):
    """Predicts `mu + b_u + b_i`: some users are generous, some titles are good, and that is all.

    The biases minimise the regularised squared error by alternating least squares, with the number
    of rounds and, by default, the constants of Surprise's `BaselineOnly` (Koren, Factor in the
    neighbors, 2010, section 2.1).
    """

    @classmethod
    def fit(
        cls,
        train: pd.DataFrame,
        *,
        scale: tuple[float, float],
        reg_users: float = _ALS_REG_USERS,
        reg_titles: float = _ALS_REG_TITLES,
    ) -> Self:
        """Fit to a ratings table; raises InputError if it is not one. Constants as for `of`."""
        matrix = RatingMatrix.from_frame(train, scale=scale)
        return cls.of(matrix, reg_users=reg_users, reg_titles=reg_titles)

    @classmethod
    def of(
        cls,
        matrix: RatingMatrix,
        *,
        reg_users: float = _ALS_REG_USERS,
        reg_titles: float = _ALS_REG_TITLES,
    ) -> Self:
        """Fit to ratings.

        Args:
            matrix: The ratings.
            reg_users: How many ratings without deviation a user's are mixed with.
            reg_titles: The same for titles.
        """
        users, titles = matrix.user_codes, matrix.title_codes
        deviations = matrix.values.astype(np.float64) - matrix.global_mean
        user_weights = np.bincount(users) + reg_users
        title_weights = np.bincount(titles) + reg_titles
        b_u, b_i = np.zeros(matrix.n_users), np.zeros(matrix.n_titles)
        for _ in range(_ALS_EPOCHS):
            b_i = np.bincount(titles, weights=deviations - b_u[users]) / title_weights
            b_u = np.bincount(users, weights=deviations - b_i[titles]) / user_weights
        return cls._from(matrix, user_bias=b_u, title_bias=b_i)


def _shrunken(
    matrix: RatingMatrix, codes: NDArray[np.integer], shrinkage: float
) -> NDArray[np.float64]:
    """Return how far the mean by code is from mu, after `shrinkage` further ratings of mu each."""
    deviations = matrix.values.astype(np.float64) - matrix.global_mean
    return np.bincount(codes, deviations) / (np.bincount(codes) + shrinkage)
