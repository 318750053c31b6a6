"""What all contenders have in common: a space to be tuned in, ratings by weight, scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from cartelera.evaluation.list_baselines import star_weights
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker

Params = Mapping[str, Any]
Ids = NDArray[np.object_]
Fit = Callable[[Histories, Ids, Params], Ranker]

STARS = {"rating_weight": {"type": "float", "low": 0.0, "high": 3.0}}


@dataclass(frozen=True)
class Entry:
    """A contender.

    Attributes:
        fit: Fits it, as its library or paper does.
        space: Where it is tuned, in the words of `conf/search`.
        modules: The libraries it needs beyond the project's own.
        quick_fit: The same numbers faster, where trials would take hours otherwise.
        most_titles: For more titles it is left out.
        most_trials: It is tuned by no more, because one takes so long.
        first: What the first trials draw, as the library's own search does.
    """

    fit: Fit
    space: Mapping[str, Mapping[str, Any]]
    modules: tuple[str, ...] = ()
    quick_fit: Fit | None = None
    most_titles: int = 10**9
    most_trials: int = 10**9
    first: Sequence[Params] = ()

    @property
    def is_installed(self) -> bool:
        """Whether its libraries are there."""
        return all(find_spec(module) is not None for module in self.modules)

    def trial_fit(self, histories: Histories, title_ids: Ids, params: Params) -> Ranker:
        """Fit as trials do."""
        return (self.quick_fit or self.fit)(histories, title_ids, params)


def number(low: float, high: float, *, log: bool = False) -> dict[str, Any]:
    """Describe a range of a space."""
    kind = "int" if isinstance(low, int) and isinstance(high, int) else "float"
    return {"type": kind, "low": low, "high": high, "log": log}


def weighted(histories: Histories, n_titles: int, rating_weight: float) -> csr_matrix:
    """Return who rated what, weighted by stars; float32, shape (n_users, n_titles).

    A copy: libraries drop zeros and sort in place, and the histories are those of all contenders.
    """
    values = star_weights(histories.values, rating_weight).astype(np.float32)
    shape = (histories.n_users, n_titles)
    return csr_matrix((values, histories.codes, histories.starts), shape, copy=True)


@dataclass(frozen=True, eq=False)
class ByWeights:
    """Scores are a user's weighted ratings times a matrix of titles by titles.

    Attributes:
        title_ids: Shape (n_titles,).
        matrix: Dense or sparse; shape (n_titles, n_titles).
        rating_weight: How much a high rating counts more.
    """

    title_ids: Ids
    matrix: Any
    rating_weight: float

    def score_histories(self, histories: Histories) -> NDArray[np.floating]:
        """See `Ranker`."""
        scores = weighted(histories, len(self.title_ids), self.rating_weight) @ self.matrix
        return scores if isinstance(scores, np.ndarray) else scores.toarray()


@dataclass(frozen=True, eq=False)
class ByFactors:
    """Scores are products of a user's and a title's factors, for the users of the fit.

    Attributes:
        title_ids: Shape (n_titles,).
        user_ids: Ascending; shape (n_users,).
        user_factors: Shape (n_users, k).
        title_factors: Shape (n_titles, k).
    """

    title_ids: Ids
    user_ids: NDArray[np.int64]
    user_factors: NDArray[np.floating]
    title_factors: NDArray[np.floating]

    def score_histories(self, histories: Histories) -> NDArray[np.floating]:
        """See `Ranker`."""
        rows = np.searchsorted(self.user_ids, histories.user_ids)
        return self.user_factors[rows] @ self.title_factors.T
