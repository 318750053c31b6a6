"""Ratings without taste: users' levels and use of the scale, titles' quality; what is beyond."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import LinearOperator, lsmr

_PRIOR_RATINGS = 5.0  # a title's quality starts as if it had so many ratings of quality 0
_PRIOR_SLOPE = 3.0  # noise over the variance of slopes, both in stars squared
_SWEEPS = 15
_EXACT = 1e-8  # of the projection, as a share
_NO_SPREAD = 1e-10  # sums of squares below this, in stars squared, are rounding


@dataclass(frozen=True)
class Scales:
    """Users who judge titles alike, each on a scale of their own: y_ut = a_u + s_u q_t + noise.

    The model of Finlay & Wilkinson (1963), which Mandel (1961) calls bundle of straight lines.

    Attributes:
        levels: a_u, in stars; shape (n_users,).
        slopes: s_u, 1 on average; shape (n_users,).
        quality: q_t, in stars, 0 on average; shape (n_titles,).
    """

    levels: np.ndarray
    slopes: np.ndarray
    quality: np.ndarray

    @classmethod
    def fit(
        cls, users: np.ndarray, titles: np.ndarray, values: np.ndarray, shape: tuple[int, int]
    ) -> "Scales":
        """Fit levels and qualities by turns, then each user's slope on the qualities.

        Args:
            users: Codes; shape (n,).
            titles: Codes; shape (n,).
            values: Stars; shape (n,).
            shape: Numbers of users and titles; those without ratings are taken as average.
        """
        n_users, n_titles = shape
        mean = values.mean()
        n_of_user = np.maximum(np.bincount(users, minlength=n_users), 1)
        n_of_title = np.bincount(titles, minlength=n_titles)
        levels, quality = np.full(n_users, mean), np.zeros(n_titles)

        for _ in range(_SWEEPS):
            levels = mean + np.bincount(users, values - mean - quality[titles], n_users) / n_of_user
            quality = np.bincount(titles, values - levels[users], n_titles)
            quality /= n_of_title + _PRIOR_RATINGS
            quality -= np.average(quality, weights=n_of_title)

        # Qualities stay as everyone judges them. Fitted to the slopes in turn, they would follow
        # whatever divides people most, and call the two sides of it two uses of the scale.
        of_title = quality[titles]
        spread = of_title - (np.bincount(users, of_title, n_users) / n_of_user)[users]
        beyond = spread * (values - levels[users] - of_title)
        squares = np.bincount(users, spread**2, n_users) + _PRIOR_SLOPE
        slopes = 1 + np.bincount(users, beyond, n_users) / squares

        rest = values - mean - slopes[users] * of_title
        levels = mean + np.bincount(users, rest, n_users) / n_of_user
        return cls(levels, slopes, quality)

    def expect(self, users: np.ndarray, titles: np.ndarray) -> np.ndarray:
        """Return what these users would rate these titles without taste, in stars; shape (n,)."""
        return self.levels[users] + self.slopes[users] * self.quality[titles]


class Beyond:
    """Takes off a column whatever is a user's own curve over titles' quality, or a title's level.

    The least-squares projection off three columns a user (ones, the titles' quality and its square)
    and one of ones a title. The square is for the ends of the scale: a user's ratings bend where
    they come near 5 stars. Users' columns go exactly, one by one; titles' are solved for (LSMR,
    Fong & Saunders 2011) among what users' columns leave.

    Args:
        users: Codes; shape (n,).
        titles: Codes; shape (n,).
        quality: Of each row's title, in stars; shape (n,).
    """

    N_OF_USER = 3
    """Columns a user; whoever has no more ratings has nothing left."""

    def __init__(self, users: np.ndarray, titles: np.ndarray, quality: np.ndarray):
        n = len(users)
        self._users = users
        self._bases: list[np.ndarray] = []
        for power in range(self.N_OF_USER):
            spread = self._off_users(self._off_users(quality**power))  # twice: it rounds
            squares = np.bincount(users, spread**2)[users]
            has_spread = squares > _NO_SPREAD
            length = np.sqrt(np.where(has_spread, squares, 1))
            self._bases.append(np.where(has_spread, spread / length, 0))

        counts = np.maximum(np.bincount(titles), 1)
        scaled = 1 / np.sqrt(counts)[titles]  # columns of length 1 converge faster
        self._titles = csr_matrix((scaled, (np.arange(n), titles)), shape=(n, len(counts)))

    def __call__(self, column: np.ndarray) -> np.ndarray:
        """Return what is left of a column; shape (n,)."""
        left = self._off_users(column)
        of_titles = _Columns(self._titles, self._off_users)
        solution = lsmr(of_titles, left, atol=_EXACT, btol=_EXACT, maxiter=len(left))[0]
        return left - of_titles.matvec(solution)

    def _off_users(self, column: np.ndarray) -> np.ndarray:
        for base in self._bases:
            column = column - base * np.bincount(self._users, base * column)[self._users]
        return column


class _Columns(LinearOperator):
    """Columns of a sparse matrix, a symmetric projection of each of them."""

    def __init__(self, columns: csr_matrix, project: Callable[[np.ndarray], np.ndarray]):
        super().__init__(np.dtype(np.float64), columns.shape)
        self._columns = columns
        self._rows = csr_matrix(columns.T)
        self._project = project

    def _matvec(self, x: np.ndarray) -> np.ndarray:
        return self._project(self._columns @ x)

    def _rmatvec(self, x: np.ndarray) -> np.ndarray:
        return self._rows @ self._project(x)
