"""The exported ranking model: lists from arrays alone, without what it was fitted with."""

from collections.abc import Collection, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from cartelera.errors import InputError
from cartelera.factorization.selection import NO_TITLE, Best, Cells
from cartelera.factorization.similar import SimilarTitle
from cartelera.ranking import composing
from cartelera.ranking.composing import Scored
from cartelera.ranking.content_taste import pulls_without_each
from cartelera.ranking.diversity import CANDIDATES, diversify
from cartelera.ranking.effects import Effects, effects
from cartelera.ranking.elicitation import titles_to_rate
from cartelera.ranking.histories import Histories
from cartelera.ranking.profile import Listed, Profile
from cartelera.ranking.reasons import Explanation, explain, shares
from cartelera.ranking.scores import MIXING, RankingScores
from cartelera.ranking.similar import Likeness, nearest


class RankingModel(RankingScores):
    """A ranker that keeps vectors of titles only: a user's vector is made of their ratings.

    See `RankingArrays` for its attributes. Answers only read, so threads may share a model.
    """

    def best_of_histories(self, histories: Histories, k: int, *hidden: Cells) -> Best:
        """Return the list of each of some users, as `recommend` makes it for one.

        Args:
            histories: What they have rated.
            k: Length of a list.
            *hidden: What to leave out of the lists.
        """
        shape = (histories.n_users, len(self.title_ids))
        allowed = np.ones(shape, np.bool_)
        for cells in hidden:
            allowed[cells] = False

        best = Best(
            np.full((shape[0], k), NO_TITLE, np.int32), np.full((shape[0], k), np.nan, np.float64)
        )
        for row, profile in enumerate(self._profiles(histories)):
            listed, _ = self._compose(profile, k, allowed[row])
            best.positions[row, : len(listed.codes)] = listed.codes
            best.scores[row, : len(listed.codes)] = listed.scores
        return best

    def recommend(
        self,
        profile: Profile,
        k: int,
        *,
        allowed: NDArray[np.bool_] | None = None,
        seen: Collection[str] = (),
        diversity: float = 0.0,
    ) -> list[Listed]:
        """Return the k titles somebody should see first, best first.

        Args:
            profile: Of their ratings.
            k: Length of the list; it is shorter only when fewer titles are left.
            allowed: Which titles may be in the list, in the order of `title_ids`; all by default.
            seen: Titles to leave out; those the model does not know do no harm.
            diversity: How far likeness to the titles before it counts against one, 0 to 1.

        Raises:
            ValueError: If k is less than 1, `allowed` does not have one entry a title, or
                `diversity` is not from 0 to 1.
        """
        open_titles = ~self._scorer.hidden(k, allowed, seen)

        # To choose different ones from, there have to be more.
        n_candidates = k * CANDIDATES if diversity else k
        found, origins = self._compose(profile, n_candidates, open_titles)

        places = np.arange(min(k, len(found.codes)))
        if diversity and len(found.codes):
            relevance = _relevance(found.scores, origins)
            directions = self._likeness.directions(found.codes)
            places = diversify(relevance, directions, k, diversity)
        return self._lines(found.take(places), [origins[at] for at in places])

    def new_to_everyone(
        self,
        profile: Profile,
        k: int,
        *,
        allowed: NDArray[np.bool_] | None = None,
        seen: Collection[str] = (),
    ) -> list[Listed]:
        """Return the k titles nobody rated that are closest to what somebody likes, best first.

        Args:
            profile: Of their ratings; without any, nothing is close.
            k: Length of the list.
            allowed: As for `recommend`.
            seen: Likewise.
        """
        if not len(profile.codes) or not self.content.shape[1]:
            return []
        open_titles = ~self._scorer.hidden(k, allowed, seen)
        found = self._best(profile, k, self._unrated, open_titles)
        return self._lines(found, [composing.CONTENT] * len(found.codes))

    def explain(self, profile: Profile, title_ids: Sequence[str]) -> list[Explanation]:
        """Say of each title of a list which ratings brought it there.

        Args:
            profile: Of whom the list is for.
            title_ids: The titles of the list, in its order: reasons tell them from each other.

        Raises:
            InputError: If the model does not know one of them.
        """
        listed = np.array([self._code(title_id) for title_id in title_ids], dtype=np.intp)
        found = self.effects(profile, listed)
        return explain(
            found.shares,
            self._prior_of(profile, listed),
            self.title_ids[profile.codes].tolist(),
            profile.ratings,
            losses=found.losses,
        )

    def effects(self, profile: Profile, listed: NDArray[np.intp]) -> Effects:
        """Return what each rating does to the scores of some titles.

        Args:
            profile: Of the ratings.
            listed: Positions of titles; shape (n_listed,).
        """
        rated, x = profile.codes, profile.weights
        is_rated, scales = listed < self.n_rated, self.scales
        of_rated, of_unrated = pulls_without_each(
            x, self.content[rated], self.n_ratings[rated], MIXING
        )
        weights_without = np.where(
            is_rated,
            of_rated[:, np.newaxis] * scales.rated,
            of_unrated[:, np.newaxis] * scales.unrated,
        )

        # With a rating less, popularity counts more, and older ratings weigh more.
        prior_weights = [self._prior_weight(len(rated) - less) for less in (1, 0)]
        half_life = self.params.half_life

        return effects(
            shares(x * self.weights[rated], self.factors[rated], self.factors[listed]),
            shares(x, self.content[rated], self.content[listed]),
            np.where(is_rated, profile.rated_weight, profile.unrated_weight),
            weights_without,
            self.prior[listed] * (prior_weights[0] - prior_weights[1]),
            1.0 if half_life is None else 2 ** (1 / half_life),
        )

    def similar(
        self, title_id: str, k: int, *, allowed: NDArray[np.bool_] | None = None
    ) -> list[SimilarTitle]:
        """Return the k titles most like a title, best first.

        Args:
            title_id: The title to compare with; it is not in the list.
            k: Length of the list.
            allowed: As for `recommend`.

        Raises:
            InputError: If the model does not know the title.
            ValueError: If k is less than 1 or `allowed` does not have one entry a title.
        """
        hidden = self._scorer.hidden(k, allowed)
        best = nearest(self._likeness, self._code(title_id), k, self._scorer.ranks, hidden)
        return [
            SimilarTitle(str(self.title_ids[code]), float(similarity))
            for code, similarity in zip(best.positions[0], best.scores[0], strict=True)
            if code != NO_TITLE
        ]

    def to_rate(
        self,
        k: int,
        *,
        allowed: NDArray[np.bool_] | None = None,
        rated: Collection[str] = (),
    ) -> list[str]:
        """Return the ids of the k titles whose ratings would say most about somebody.

        Args:
            k: How many.
            allowed: As for `recommend`.
            rated: What they have rated already.
        """
        positions = self._scorer.positions
        codes = [positions[title_id] for title_id in rated if title_id in positions]
        found = titles_to_rate(
            self.factors,
            self.n_ratings,
            k,
            allowed=~self._scorer.hidden(k, allowed),
            rated=np.array(codes, dtype=np.intp),
        )
        return self.title_ids[found].tolist()

    def _compose(
        self, profile: Profile, k: int, allowed: NDArray[np.bool_]
    ) -> tuple[Scored, list[str]]:
        rated = self._best(profile, k, self._rated, allowed)
        find_unrated = partial(self._best, profile, k, self._unrated, allowed)
        return composing.compose(rated, find_unrated, profile.taste, k, MIXING)

    def _lines(self, found: Scored, origins: Sequence[str]) -> list[Listed]:
        return [
            Listed(str(self.title_ids[code]), float(score), origin)
            for code, score, origin in zip(found.codes, found.scores, origins, strict=True)
        ]

    def _code(self, title_id: str) -> int:
        if title_id not in self._scorer.positions:
            raise InputError(f"the ranking model does not know the title {title_id}.")
        return self._scorer.positions[title_id]

    @cached_property
    def _likeness(self) -> Likeness:
        return Likeness(self.factors, self.content, self.n_ratings)


def _relevance(scores: NDArray[np.floating], origins: Sequence[str]) -> NDArray[np.floating]:
    """Return what falls along a list: its scores, or its places where scores are of two kinds."""
    n_content = sum(origin == composing.CONTENT for origin in origins)
    if n_content in (0, len(origins)) and (np.diff(scores) <= 0).all():
        return scores
    return -np.arange(len(scores), dtype=np.float64)
