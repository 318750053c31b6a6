"""What the ranking model scores titles by, and which titles score best for somebody."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.recommender import UNKNOWN, Ids
from cartelera.factorization.scoring import TitleScorer
from cartelera.factorization.selection import reached_by_k
from cartelera.ranking.arrays import RankingArrays
from cartelera.ranking.composing import Scored
from cartelera.ranking.content_taste import Mixing, content_weights, read_taste
from cartelera.ranking.histories import Histories
from cartelera.ranking.profile import Profile
from cartelera.ranking.rounded import RoundedVectors
from cartelera.ranking.weights import history_weights

MIXING: Final = Mixing()

_FEW: Final = 512
"""So many titles are scored exactly at once, more only after leaving out those out of reach."""


class RankingScores(RankingArrays):
    """The ranking model's scores; see `RankingArrays` for its attributes."""

    def score_histories(self, histories: Histories) -> NDArray[np.float32]:
        """See `Ranker`; scores of rated titles and of those nobody rated cannot be compared."""
        profiles = list(self._profiles(histories))
        tastes = np.zeros((histories.n_users, self.content.shape[1]), np.float32)
        vectors = np.zeros((histories.n_users, self.factors.shape[1]), np.float32)
        for row, profile in enumerate(profiles):
            tastes[row], vectors[row] = profile.taste.content, profile.vector

        scores = self._scorer.products(vectors)
        content = tastes @ self.content.T
        for row, profile in enumerate(profiles):
            content[row, : self.n_rated] *= np.float32(profile.rated_weight)
            content[row, self.n_rated :] *= np.float32(profile.unrated_weight)
            scores[row] += self.prior * np.float32(profile.prior_weight)
        scores += content
        return scores

    def profile(self, title_ids: Ids, ratings: Ids) -> Profile:
        """Read somebody's ratings.

        Args:
            title_ids: Rated titles, each once, the latest last; shape (n,). Those the model does
                not know are left out.
            ratings: In stars; shape (n,).

        Raises:
            ValueError: If there are not as many titles as ratings.
        """
        positions = self._scorer.positions
        codes = np.array([positions.get(each, UNKNOWN) for each in title_ids], dtype=np.intp)
        stars = np.asarray(ratings, dtype=np.float64)
        if codes.shape != stars.shape:
            raise ValueError(f"{codes.size} titles and {stars.size} ratings do not make pairs.")
        known = codes != UNKNOWN
        history = Histories(
            user_ids=np.zeros(1, np.int64),
            starts=np.array([0, int(known.sum())]),
            codes=codes[known].astype(np.int32),
            values=stars[known],
        )
        return next(self._profiles(history))

    def score(self, profile: Profile, codes: NDArray[np.intp]) -> Scored:
        """Score some titles for somebody, exactly: no score depends on which others are asked for.

        Args:
            profile: Of whose ratings.
            codes: Positions of titles; shape (n,).
        """
        ranking = np.vecdot(self.factors[codes].astype(np.float64), profile.vector)
        content = np.vecdot(self.content[codes].astype(np.float64), profile.taste.content)
        prior = self._prior_of(profile, codes)
        weights = np.where(codes < self.n_rated, profile.rated_weight, profile.unrated_weight)
        return Scored(codes, content, prior, ranking + prior + weights * content)

    def _profiles(self, histories: Histories) -> Iterator[Profile]:
        """Read histories, user by user."""
        weights = history_weights(histories, self.params)
        vectors = histories.weighted_sums(weights * self.weights[histories.codes], self.factors)

        for row in range(histories.n_users):
            own = slice(histories.starts[row], histories.starts[row + 1])
            codes = histories.codes[own].astype(np.intp)
            taste = read_taste(weights[own], self.content[codes], self.n_ratings[codes], MIXING)
            yield Profile(
                codes,
                histories.values[own],
                weights[own],
                taste,
                vectors[row],
                self._prior_weight(len(codes)),
                *content_weights(taste, self.scales, MIXING),
            )

    def _best(self, profile: Profile, k: int, rows: slice, allowed: NDArray[np.bool_]) -> Scored:
        """Return the k best of the rated or unrated titles, best first, equal ones by rank."""
        if np.count_nonzero(allowed[rows]) > max(_FEW, k):
            codes = self._within_reach(profile, k, rows, allowed)
        else:
            codes = rows.start + np.flatnonzero(allowed[rows])
        found = self.score(profile, codes)
        return found.take(np.lexsort((self._scorer.ranks[codes], -found.scores))[:k])

    def _within_reach(
        self, profile: Profile, k: int, rows: slice, allowed: NDArray[np.bool_]
    ) -> NDArray[np.intp]:
        """Return the positions of those of many titles that may be among the k best."""
        weight = profile.rated_weight if rows is self._rated else profile.unrated_weight
        products = self._rounded.products(rows, profile.vector, profile.taste.content * weight)
        scores = products.values
        scores += self._prior_of(profile, rows)
        scores[~allowed[rows]] = -np.inf

        # First by the largest error of all, then by each one's own.
        lowest = reached_by_k(scores[np.newaxis], k, products.largest_error)
        places = np.flatnonzero(scores >= lowest[0])
        errors, scores = products.errors(places), scores[places]
        kth = np.partition(scores - errors, len(places) - k)[len(places) - k]
        return rows.start + places[scores + errors >= kth]

    def _prior_of(self, profile: Profile, codes: NDArray[np.intp] | slice) -> NDArray[np.float64]:
        """Return popularity's part of the scores of some titles."""
        return np.multiply(self.prior[codes], profile.prior_weight, dtype=np.float64)

    def _prior_weight(self, n_ratings: Any) -> Any:
        params = self.params
        return params.prior_strength / (params.prior_ratings + n_ratings)

    @cached_property
    def _scorer(self) -> TitleScorer:
        nothing = np.zeros(len(self.title_ids), np.float32)
        return TitleScorer(self.title_ids, nothing, self.factors, nothing)

    @cached_property
    def _rounded(self) -> RoundedVectors:
        return RoundedVectors.of(self.factors, self.content)

    @cached_property
    def _rated(self) -> slice:
        return slice(0, self.n_rated)

    @cached_property
    def _unrated(self) -> slice:
        return slice(self.n_rated, len(self.title_ids))
