"""Rankers of the textbook: what a ranking model has to beat."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from cartelera import columns as c
from cartelera.evaluation.co_ratings import count_co_ratings
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker

NEUTRAL_STARS: Final = 3.5
"""A rating of so many stars counts as one, whatever `rating_weight` is."""

_SPREAD_STARS = 1.5
_TITLES_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Popularity:
    """Lists what most people rated, the same for all.

    Attributes:
        title_ids: Strings; shape (n_titles,).
        counts: Weighted number of ratings of each title; shape (n_titles,).
    """

    title_ids: NDArray[np.object_]
    counts: NDArray[np.float64]

    @classmethod
    def fit(cls, train: pd.DataFrame, *, rating_weight: float = 0.0) -> Self:
        """Count ratings, high ones as more than one if `rating_weight` is not 0 (`star_weights`).

        Args:
            train: Columns title_id and rating.
            rating_weight: How much more a high rating counts; 0: all count as one.
        """
        title_ids, codes = np.unique(train[c.TITLE_ID].to_numpy(dtype=object), return_inverse=True)
        weights = star_weights(train[c.RATING].to_numpy(dtype=np.float64), rating_weight)
        counts = np.bincount(codes, weights, len(title_ids)).astype(np.float64)
        return cls(title_ids, counts)

    def score_histories(self, histories: Histories) -> NDArray[np.float64]:
        """Score every title by its ratings; shape (n_users, n_titles)."""
        return np.tile(self.counts, (histories.n_users, 1))


@dataclass(frozen=True, eq=False)
class Impersonal:
    """Another ranker with its personal part off: everybody gets the list of a stranger.

    Attributes:
        ranker: The ranker.
    """

    ranker: Ranker

    @property
    def title_ids(self) -> NDArray[np.object_]:
        """The titles that compete, each once; shape (n_titles,)."""
        return self.ranker.title_ids

    def score_histories(self, histories: Histories) -> NDArray[np.floating]:
        """Score every title as for somebody without ratings; shape (n_users, n_titles)."""
        stranger = Histories(
            np.zeros(1, np.int64), np.zeros(2, np.int64), np.empty(0, np.int32), np.empty(0)
        )
        return np.repeat(self.ranker.score_histories(stranger), histories.n_users, axis=0)


@dataclass(frozen=True, eq=False)
class ItemKnn:
    """Lists titles by their similarity to those a user rated.

    The score of title i is the sum of s_ij w_j over the rated titles j among the nearest neighbours
    of i. w_j is how much the rating counts (`star_weights`), and s_ij = n_ij / (sqrt(n_i n_j) +
    shrinkage) the cosine of who rated the two, damped where few did: Deshpande and Karypis,
    Item-Based Top-N Recommendation Algorithms, ACM TOIS 22 (2004), with the shrinkage of Ferrari
    Dacrema, Cremonesi and Jannach, Are We Really Making Much Progress?, RecSys 2019.

    Attributes:
        title_ids: Strings; shape (n_titles,).
        neighbours: s_ij of the nearest neighbours j of each title i in row i, the nearest first;
            shape (n_titles, n_titles).
        rating_weight: How much more a high rating counts.
    """

    title_ids: NDArray[np.object_]
    neighbours: Any
    rating_weight: float

    @classmethod
    def fit(
        cls,
        train: pd.DataFrame,
        *,
        n_neighbours: float = 100,
        shrinkage: float = 10.0,
        rating_weight: float = 0.0,
    ) -> Self:
        """Find the neighbours of all titles, some hundreds at a time to keep memory small.

        Args:
            train: Columns user_id, title_id, rating and timestamp.
            n_neighbours: How many a title has at most; those of equal similarity go by id.
            shrinkage: How much the similarity of titles with few ratings is damped.
            rating_weight: How much more a high rating counts; 0: all alike.
        """
        title_ids = np.unique(train[c.TITLE_ID].to_numpy(dtype=object))
        histories = Histories.from_frame(train, title_ids)
        n_titles = len(title_ids)
        norms = np.sqrt(np.bincount(histories.codes, minlength=n_titles))
        neighbours: list[NDArray[np.intp]] = []
        values: list[NDArray[np.float64]] = []
        for first, counts in count_co_ratings(histories, n_titles, _TITLES_AT_ONCE):
            for title, row in enumerate(counts, first):
                row[title] = 0  # no title is its own neighbour
                others = np.flatnonzero(row)  # few, of most titles
                cosines = row[others] / (norms[title] * norms[others] + shrinkage)
                nearest = _highest(cosines, int(n_neighbours))
                neighbours.append(others[nearest])
                values.append(cosines[nearest])

        starts = np.concatenate([[0], np.cumsum([len(one) for one in values])])
        by_title = csr_matrix(
            (np.concatenate(values), np.concatenate(neighbours), starts),
            shape=(n_titles, n_titles),
        )
        return cls(title_ids, by_title, rating_weight)

    def nearest(self, n_neighbours: float, *, rating_weight: float = 0.0) -> Self:
        """Return what `fit` gives with fewer neighbours, without counting again."""
        starts: NDArray[np.integer] = self.neighbours.indptr
        lengths = np.diff(starts)
        kept = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths) < n_neighbours
        fewer = np.concatenate([[0], np.cumsum(np.minimum(lengths, int(n_neighbours)))])
        entries = (self.neighbours.data[kept], self.neighbours.indices[kept], fewer)
        neighbours = csr_matrix(entries, shape=self.neighbours.shape)
        return type(self)(self.title_ids, neighbours, rating_weight)

    def score_histories(self, histories: Histories) -> NDArray[np.float64]:
        """Score every title for each user; shape (n_users, n_titles)."""
        weights = star_weights(histories.values, self.rating_weight)
        return (_rated(histories, len(self.title_ids), weights) @ self._by_rated).toarray()

    @cached_property
    def _by_rated(self) -> Any:
        """The same with row j for what a rating of title j adds to."""
        return self.neighbours.T.tocsr()


@dataclass(frozen=True, eq=False)
class Ease:
    """Lists titles by a linear model of which ratings go together, fitted without own weights.

    B = I - P / diag(P) with P = (X'X + reg I)^-1, X being who rated what (Steck, Embarrassingly
    Shallow Autoencoders for Sparse Data, WWW 2019), a high rating counting as more than one. It
    inverts a matrix of n_titles^2 numbers.

    Attributes:
        title_ids: Strings; shape (n_titles,).
        weights: B; shape (n_titles, n_titles).
        rating_weight: How much more a high rating counts (`star_weights`).
    """

    title_ids: NDArray[np.object_]
    weights: NDArray[np.float32]
    rating_weight: float

    @classmethod
    def fit(cls, train: pd.DataFrame, *, reg: float = 300.0, rating_weight: float = 0.0) -> Self:
        """Fit to a ratings table.

        Args:
            train: Columns user_id, title_id, rating and timestamp.
            reg: Regularisation, lambda in the paper.
            rating_weight: How much more a high rating counts; 0: all alike, as in the paper.
        """
        title_ids = np.unique(train[c.TITLE_ID].to_numpy(dtype=object))
        histories = Histories.from_frame(train, title_ids)
        weights = star_weights(histories.values, rating_weight)
        x = _rated(histories, len(title_ids), weights)
        gram = (x.T @ x).toarray()
        gram[np.diag_indices_from(gram)] += reg
        inverse = np.linalg.inv(gram)
        b = -inverse / np.diag(inverse)
        np.fill_diagonal(b, 0.0)
        return cls(title_ids, b.astype(np.float32), rating_weight)

    def score_histories(self, histories: Histories) -> NDArray[np.float32]:
        """Score every title for each user; shape (n_users, n_titles)."""
        weights = star_weights(histories.values, self.rating_weight).astype(np.float32)
        return np.asarray(_rated(histories, len(self.title_ids), weights) @ self.weights)


def _highest(values: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Return the places of the n highest values, the highest first, equal ones in order."""
    if len(values) <= n:
        return np.argsort(-values, kind="stable")
    nth = np.partition(values, -n)[-n]
    candidates = np.flatnonzero(values >= nth)
    return candidates[np.argsort(-values[candidates], kind="stable")[:n]]


def star_weights(stars: NDArray[np.float64], rating_weight: float) -> NDArray[np.float64]:
    """Return how much ratings count, max(0, 1 + rating_weight (r - 3.5) / 1.5); shape (n,).

    Args:
        stars: Ratings; shape (n,).
        rating_weight: 0 or more.

    >>> star_weights(np.array([0.5, 3.5, 5.0]), 1.0)
    array([0., 1., 2.])
    """
    return np.maximum(0.0, 1 + rating_weight * (stars - NEUTRAL_STARS) / _SPREAD_STARS)


def _rated(histories: Histories, n_titles: int, values: NDArray[np.floating]) -> csr_matrix:
    """Return values of ratings as a sparse matrix, shape (n_users, n_titles)."""
    shape = (histories.n_users, n_titles)
    return csr_matrix((values, histories.codes, histories.starts), shape=shape)
