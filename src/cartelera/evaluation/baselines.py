"""Recommenders that know little: what a model has to beat."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.recommender import (
    UNKNOWN,
    Codes,
    Ids,
    look_up_pairs,
    look_up_users,
    shrunken_means,
)

_ALS_EPOCHS = 10
_ALS_REG_USERS = 15.0
_ALS_REG_TITLES = 10.0


@dataclass(frozen=True, eq=False)
class _Baseline:
    """The ids a baseline was fitted to, and how they are looked up.

    Attributes:
        user_ids: Shape (n_users,).
        title_ids: Strings; shape (n_titles,).
        scale: Lowest and highest rating, in stars.
        global_mean: The mean of all ratings, in stars.
    """

    user_ids: NDArray[np.int64]
    title_ids: NDArray[np.object_]
    scale: tuple[float, float]
    global_mean: float

    def _pairs(self, user_ids: Ids, title_ids: Ids) -> tuple[Codes, Codes]:
        return look_up_pairs(self._user_index, self._title_index, user_ids, title_ids)

    def _users(self, user_ids: Ids) -> Codes:
        return look_up_users(self._user_index, user_ids)

    @cached_property
    def _user_index(self) -> "pd.Index[Any]":
        return pd.Index(self.user_ids)

    @cached_property
    def _title_index(self) -> "pd.Index[Any]":
        return pd.Index(self.title_ids, dtype=object)


@dataclass(frozen=True, eq=False)
class GlobalMean(_Baseline):
    """Predicts the mean of all ratings for everyone and everything."""

    @classmethod
    def fit(cls, train: pd.DataFrame, *, scale: tuple[float, float]) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        matrix = RatingMatrix.from_frame(train, scale=scale)
        return cls(matrix.user_ids, matrix.title_ids, scale, matrix.global_mean)

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars; shape (n,)."""
        users, _ = self._pairs(user_ids, title_ids)
        return np.full(len(users), self.global_mean)

    def score_titles(self, user_ids: Ids) -> NDArray[np.float64]:
        """Score every title the same; shape (n, n_titles)."""
        return np.full((len(self._users(user_ids)), len(self.title_ids)), self.global_mean)


@dataclass(frozen=True, eq=False)
class UserMean(_Baseline):
    """Predicts a user's own mean for every title, and the global mean for an unknown user.

    Attributes:
        user_means: In stars; shape (n_users,).
    """

    user_means: NDArray[np.float64]

    @classmethod
    def fit(cls, train: pd.DataFrame, *, scale: tuple[float, float]) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        matrix = RatingMatrix.from_frame(train, scale=scale)
        sums = np.bincount(matrix.user_codes, weights=matrix.values)
        means = sums / np.bincount(matrix.user_codes)
        return cls(matrix.user_ids, matrix.title_ids, scale, matrix.global_mean, means)

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars; shape (n,)."""
        users, _ = self._pairs(user_ids, title_ids)
        return self._means(users)

    def score_titles(self, user_ids: Ids) -> NDArray[np.float64]:
        """Score every title the same for one user; shape (n, n_titles)."""
        means = self._means(self._users(user_ids))
        return np.repeat(means[:, np.newaxis], len(self.title_ids), axis=1)

    def _means(self, users: Codes) -> NDArray[np.float64]:
        return np.where(users == UNKNOWN, self.global_mean, self.user_means[users])


@dataclass(frozen=True, eq=False)
class BiasOnly(_Baseline):
    """Predicts `mu + b_u + b_i`: some users are generous, some titles are good, and that is all.

    The biases minimise the regularised squared error by alternating least squares, with the
    constants and the number of rounds of Surprise's `BaselineOnly` (Koren, Factor in the
    neighbors, 2010, section 2.1). An unknown user's or title's bias is 0.

    Attributes:
        user_bias: b_u, in stars; shape (n_users,).
        title_bias: b_i, in stars; shape (n_titles,).
    """

    user_bias: NDArray[np.float64]
    title_bias: NDArray[np.float64]

    @classmethod
    def fit(cls, train: pd.DataFrame, *, scale: tuple[float, float]) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        matrix = RatingMatrix.from_frame(train, scale=scale)
        users, titles = matrix.user_codes, matrix.title_codes
        deviations = matrix.values.astype(np.float64) - matrix.global_mean
        user_weights = np.bincount(users) + _ALS_REG_USERS
        title_weights = np.bincount(titles) + _ALS_REG_TITLES
        b_u, b_i = np.zeros(matrix.n_users), np.zeros(matrix.n_titles)
        for _ in range(_ALS_EPOCHS):
            b_i = np.bincount(titles, weights=deviations - b_u[users]) / title_weights
            b_u = np.bincount(users, weights=deviations - b_i[titles]) / user_weights
        return cls(matrix.user_ids, matrix.title_ids, scale, matrix.global_mean, b_u, b_i)

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars, clipped into the scale; shape (n,)."""
        users, titles = self._pairs(user_ids, title_ids)
        title_bias = np.where(titles == UNKNOWN, 0.0, self.title_bias[titles])
        return np.clip(self._user_levels(users) + title_bias, *self.scale)

    def score_titles(self, user_ids: Ids) -> NDArray[np.float64]:
        """Give the prediction of every title for each user, not clipped; shape (n, n_titles)."""
        return self._user_levels(self._users(user_ids))[:, np.newaxis] + self.title_bias

    def _user_levels(self, users: Codes) -> NDArray[np.float64]:
        return self.global_mean + np.where(users == UNKNOWN, 0.0, self.user_bias[users])


@dataclass(frozen=True, eq=False)
class Popularity(_Baseline):
    """Recommends what most people rated; predicts a title's shrunken mean for everyone.

    Attributes:
        n_ratings: How many ratings each title has; shape (n_titles,).
        title_means: `recommender.shrunken_means`, in stars; shape (n_titles,).
    """

    n_ratings: NDArray[np.float64]
    title_means: NDArray[np.float64]

    @classmethod
    def fit(cls, train: pd.DataFrame, *, scale: tuple[float, float]) -> Self:
        """Fit to a ratings table; raises InputError if it is not one."""
        matrix = RatingMatrix.from_frame(train, scale=scale)
        n_ratings = np.bincount(matrix.title_codes).astype(np.float64)
        means = shrunken_means(matrix.title_codes, matrix.values, matrix.n_titles)
        return cls(matrix.user_ids, matrix.title_ids, scale, matrix.global_mean, n_ratings, means)

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars; shape (n,)."""
        _, titles = self._pairs(user_ids, title_ids)
        return np.where(titles == UNKNOWN, self.global_mean, self.title_means[titles])

    def score_titles(self, user_ids: Ids) -> NDArray[np.float64]:
        """Score every title by its number of ratings, the same for all; shape (n, n_titles)."""
        return np.tile(self.n_ratings, (len(self._users(user_ids)), 1))
