"""The model as requests use it: users by what is known of them, titles by the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import FoldedUser
from cartelera.factorization.recommender import FALLBACK, FOLD_IN, MODEL
from cartelera.service.answering.reasons import top_reasons
from cartelera.service.answering.replies import Because, RankedTitle
from cartelera.service.answering.title_filter import Mask
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.answering.titles import TitleShelf

Pair = tuple[int, str]


@dataclass(frozen=True)
class Estimate:
    """A predicted rating.

    Attributes:
        score: In stars.
        baseline: The same without the user's taste, in stars.
        origin: `model`, `fold-in` or `fallback`.
    """

    score: float
    baseline: float
    origin: str


class ModelView:
    """A model beside the catalogue's titles; a request only reads."""

    def __init__(self, factors: Factors, shelf: TitleShelf):
        self.factors = factors
        self._shelf = shelf
        self._places = shelf.places_of(factors.title_ids)
        self._in_catalogue = self._places >= 0
        self._codes = {str(title_id): code for code, title_id in enumerate(factors.title_ids)}
        self._users = np.sort(factors.user_ids)
        self._nobody = factors.fold_in([], [])

    def knows(self, title_id: str) -> bool:
        """Tell whether somebody rated the title when the model was fitted."""
        return title_id in self._codes

    def knows_user(self, user_id: int) -> bool:
        """Tell whether the model was fitted with ratings of this user."""
        place = int(np.searchsorted(self._users, user_id))
        return place < len(self._users) and int(self._users[place]) == user_id

    def fold_in(self, ratings: Mapping[str, float]) -> FoldedUser:
        """Make a user of ratings; those the model or its scale does not know have no say."""
        low, high = self.factors.scale
        usable = {
            title_id: stars
            for title_id, stars in ratings.items()
            if title_id in self._codes and low <= stars <= high
        }
        if not usable:
            return self._nobody
        return self.factors.fold_in(list(usable), list(usable.values()))

    def estimate(self, pairs: Sequence[Pair]) -> list[Estimate]:
        """Predict pairs of a user and a title, the unknown ones by fallback; all at once."""
        user_ids = np.array([user_id for user_id, _ in pairs], dtype=np.int64)
        title_ids = np.array([title_id for _, title_id in pairs], dtype=object)
        users, titles = self.factors.codes(user_ids, title_ids)
        scores = self.factors.predict_codes(users, titles)
        known = (users >= 0) & (titles >= 0)
        baselines = np.where(known, self._levels(users, titles), scores)
        return [
            Estimate(float(score), float(baseline), MODEL if is_known else FALLBACK)
            for score, baseline, is_known in zip(scores, baselines, known, strict=True)
        ]

    def estimate_folded(self, user: FoldedUser, title_id: str) -> Estimate:
        """Predict what a folded-in user would rate a title."""
        score = float(self.factors.predict_folded(user, [title_id])[0])
        code = self._codes.get(title_id)
        if code is None or user.origin == FALLBACK:
            return Estimate(score, score, FALLBACK)
        titles = np.array([code])
        level = self._title_levels(titles)[0] + (user.bias if self.factors.biased else 0.0)
        return Estimate(score, float(np.clip(level, *self.factors.scale)), FOLD_IN)

    def rank(
        self, user: int | FoldedUser, k: int, allowed: Mask, seen: Mapping[str, float]
    ) -> list[RankedTitle]:
        """Give the k best titles for a user with the reasons.

        Args:
            user: The user, by id or folded in.
            k: Length of the list.
            allowed: Which titles of the catalogue may be in it.
            seen: The user's ratings, to be left out.
        """
        picks = self.factors.recommend(user, k, allowed=self._of_model(allowed), seen=seen.keys())
        scores = np.clip([pick.score for pick in picks], *self.factors.scale)
        titles = [self.title(pick.title_id) for pick in picks]
        return [
            RankedTitle(rank, title, float(score), [])
            for rank, (title, score) in enumerate(zip(titles, scores, strict=True), start=1)
        ]

    def explain(self, user: FoldedUser, lines: Sequence[RankedTitle]) -> list[RankedTitle]:
        """Add to each line of a list which of the user's ratings speak for it."""
        codes = np.array([self._codes[line.title.title_id] for line in lines], dtype=np.intp)
        return [
            RankedTitle(
                line.rank,
                line.title,
                line.score,
                [
                    Because(info, reason.rating, reason.contribution)
                    for reason in reasons
                    if (info := self._shelf.find(reason.title_id)) is not None
                ],
            )
            for line, reasons in zip(lines, top_reasons(self.factors, user, codes), strict=True)
        ]

    def similar(self, title_id: str, k: int, allowed: Mask) -> list[tuple[TitleInfo, float]]:
        """Give the k titles most similar to one the model knows, with the similarity."""
        found = self.factors.similar(title_id, k, allowed=self._of_model(allowed))
        return [(self.title(line.title_id), line.similarity) for line in found]

    def title(self, title_id: str) -> TitleInfo:
        """Give what to show of a title that is in the catalogue."""
        return self._shelf.infos[self._shelf.positions[title_id]]

    def _of_model(self, allowed: Mask) -> Mask:
        return allowed[self._places] & self._in_catalogue

    def _levels(self, users: NDArray[np.intp], titles: NDArray[np.intp]) -> NDArray[np.float64]:
        levels = self._title_levels(titles)
        if self.factors.biased:
            levels += self.factors.user_bias[users]
        return np.clip(levels, *self.factors.scale)

    def _title_levels(self, titles: NDArray[np.intp]) -> NDArray[np.float64]:
        """Give what the model expects of titles from anyone, in stars; shape (n,)."""
        if self.factors.biased:
            return self.factors.global_mean + self.factors.title_bias[titles].astype(np.float64)
        return self.factors.title_means[titles].astype(np.float64)
