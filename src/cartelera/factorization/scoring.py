"""The arithmetic of a model: scores of titles, fast for all and exact for the few that matter."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.factorization.recommender import Codes, Ids, look_up_titles
from cartelera.factorization.selection import Best, Cells, alphabetical_ranks, best_in_rows

_PAIRS_AT_ONCE = 1 << 12
"""So many rows of factors are copied at a time: few enough to stay in the processor's cache."""

_BLAS_ALONE = 1 << 13
"""A matrix of so many numbers is multiplied by a vector in one thread (OpenBLAS: up to 9,216)."""


@dataclass(frozen=True)
class Tastes:
    """What a score needs of some users.

    Attributes:
        levels: mu + b_u, or 0 if not biased; shape (n,).
        vectors: p_u; shape (n, n_factors).
        known: False for users about whom nothing is known, whatever their other entries say;
            shape (n,).
    """

    levels: NDArray[np.float64]
    vectors: NDArray[np.floating]
    known: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class TitleScorer:
    """The titles' side of a model; see `Factors` for the arrays."""

    title_ids: NDArray[np.object_]
    bias: NDArray[np.float32]
    factors: NDArray[np.float32]
    means: NDArray[np.float32]

    @cached_property
    def index(self) -> "pd.Index[Any]":
        """Looks up titles by id."""
        return pd.Index(self.title_ids, dtype=object)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Looks up single titles by id: of a few, it finds one in a tenth of the time."""
        return {title_id: position for position, title_id in enumerate(self.title_ids)}

    @cached_property
    def ranks(self) -> NDArray[np.int32]:
        """The titles' places in the alphabet of their ids; shape (n_titles,)."""
        return alphabetical_ranks(self.title_ids)

    @cached_property
    def norms(self) -> NDArray[np.float64]:
        """The lengths |q_i|; shape (n_titles,)."""
        return np.sqrt(np.einsum("nf,nf->n", self.factors, self.factors, dtype=np.float64))

    @property
    def rounding(self) -> float:
        """Bound of the relative error of a product q . p in float32 and a few sums after it.

        n u |q| |p| for n products added in any order, u = 2^-24 (Higham, Accuracy and Stability of
        Numerical Algorithms, 2002, section 3.1), doubled to be on the safe side.
        """
        return (self.factors.shape[1] + 8) * 2.0**-23

    def codes(self, title_ids: Ids) -> Codes:
        """Look up the row of each title, `UNKNOWN` where there is none."""
        return look_up_titles(self.index, title_ids)

    def hidden(
        self, k: int, allowed: NDArray[np.bool_] | None, seen: Collection[str] = ()
    ) -> NDArray[np.bool_]:
        """Tell which titles may not be in a list of k; shape (n_titles,).

        Raises:
            ValueError: If k is less than 1 or `allowed` does not have one entry a title.
        """
        n_titles = len(self.title_ids)
        if k < 1:
            raise ValueError(f"k={k}: a list has at least 1 title.")
        if allowed is None:
            hidden = np.zeros(n_titles, dtype=np.bool_)
        elif allowed.shape == (n_titles,) and allowed.dtype == np.bool_:
            hidden = ~allowed
        else:
            raise ValueError(f"allowed is not one boolean for each of {n_titles} titles.")
        if len(seen):
            positions = self.positions
            hidden[[positions[title_id] for title_id in seen if title_id in positions]] = True
        return hidden

    def score_pairs(
        self,
        levels: NDArray[np.float64],
        vectors: NDArray[np.floating],
        rows: Codes,
        titles: Codes,
    ) -> NDArray[np.float64]:
        """Score pairs in double precision; a pair's score does not depend on the other pairs.

        Args:
            levels: `mu + b_u`, or 0 if not biased; shape (n,).
            vectors: p_u of some users; shape (n_users, n_factors).
            rows: Which of them; shape (n,).
            titles: Codes of titles; shape (n,).

        Returns:
            Not clipped; shape (n,).
        """
        scores = levels + self.bias[titles]
        for start in range(0, len(scores), _PAIRS_AT_ONCE):
            pairs = slice(start, start + _PAIRS_AT_ONCE)
            left = vectors[rows[pairs]].astype(np.float64)
            scores[pairs] += np.vecdot(left, self.factors[titles[pairs]].astype(np.float64))
        return scores

    def score_all(self, tastes: Tastes) -> NDArray[np.float32]:
        """Score every title for each user: one matrix product; shape (n, n_titles)."""
        scores = self.products(tastes.vectors)
        scores += self.bias
        scores += tastes.levels.astype(np.float32)[:, np.newaxis]
        scores[~tastes.known] = self.means
        return scores

    def products(self, vectors: NDArray[np.floating]) -> NDArray[np.float32]:
        """Multiply vectors, shape (n, n_factors), by every title's; returns shape (n, n_titles)."""
        rounded = vectors.astype(np.float32, copy=False)
        # One vector's product is taken in pieces, which no other thread is waited for.
        if len(rounded) == 1:
            return multiply(self.factors, rounded[0])[np.newaxis]
        return rounded @ self.factors.T

    def best(self, tastes: Tastes, k: int, *hidden: Cells) -> Best:
        """Return the k best titles of each user, as double precision ranks them.

        Args:
            tastes: The users.
            k: Length of a list.
            *hidden: What to leave out of the lists.
        """

        def exact(rows: Codes, titles: Codes) -> NDArray[np.float64]:
            known = tastes.known[rows]
            values = self.means[titles].astype(np.float64)
            rows, titles = rows[known], titles[known]
            values[known] = self.score_pairs(tastes.levels[rows], tastes.vectors, rows, titles)
            return values

        # All in single precision; who may be among the best is scored again in double.
        scores = self.score_all(tastes)
        for cells in hidden:
            scores[cells] = -np.inf
        lengths = np.sqrt(np.vecdot(tastes.vectors, tastes.vectors).astype(np.float64))
        largest = lengths * self._largest_norm + np.abs(tastes.levels) + self._largest_bias
        error = np.where(tastes.known, self.rounding * largest, 0.0)
        return best_in_rows(scores, k, self.ranks, exact=exact, error=error)

    @cached_property
    def _largest_norm(self) -> float:
        return float(self.norms.max())

    @cached_property
    def _largest_bias(self) -> float:
        return float(np.abs(self.bias).max())


def multiply(matrix: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply a tall matrix, shape (n, m), by a vector, shape (m,); returns shape (n,).

    In pieces too small for BLAS to share out among threads: one thread needs a quarter of a
    millisecond for 23,000 titles, but on a busy machine would wait for others for many.
    """
    n_rows, n_columns = matrix.shape
    size = max(1, _BLAS_ALONE // max(1, n_columns))
    n_whole = n_rows - n_rows % size
    products = np.empty(n_rows, dtype=np.float32)
    pieces = matrix[:n_whole].reshape(n_whole // size, size, n_columns)
    np.matmul(pieces, vector, out=products[:n_whole].reshape(-1, size))
    np.matmul(matrix[n_whole:], vector, out=products[n_whole:])
    return products
