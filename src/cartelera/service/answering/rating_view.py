"""The rating model as requests use it: users by what is known of them, titles by their works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import FoldedUser
from cartelera.factorization.recommender import FALLBACK, FOLD_IN, MODEL, UNKNOWN
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.answering.works import Alignment

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


class RatingView:
    """A rating model beside the catalogue's titles; a request only reads."""

    def __init__(self, factors: Factors, shelf: TitleShelf):
        self.factors = factors
        self.titles = Alignment(factors.title_ids, shelf.infos, shelf.works)
        self._order = np.argsort(factors.user_ids, kind="stable")
        self._nobody = factors.fold_in([], [])

    def knows_user(self, user_id: int) -> bool:
        """Tell whether the model was fitted with ratings of this user."""
        return self._user(user_id) != UNKNOWN

    def fold_in(self, ratings: Mapping[str, float]) -> FoldedUser:
        """Make a user of ratings; those the model or its scale does not know have no say.

        Args:
            ratings: In stars, by title id; one a work.
        """
        low, high = self.factors.scale
        usable = {
            model_id: stars
            for title_id, stars in ratings.items()
            if low <= stars <= high and (model_id := self.titles.model_id(title_id)) is not None
        }
        if not usable:
            return self._nobody
        return self.factors.fold_in(list(usable), list(usable.values()))

    def estimate(self, pairs: Sequence[Pair]) -> list[Estimate]:
        """Predict pairs of a user and a title, the unknown ones by fallback; all at once."""
        user_ids = np.array([user_id for user_id, _ in pairs], dtype=np.int64)
        title_ids = [self._named(title_id) for _, title_id in pairs]
        users, titles = self.factors.codes(user_ids, np.array(title_ids, dtype=object))
        scores = self.factors.predict_codes(users, titles)
        known = (users >= 0) & (titles >= 0)
        baselines = np.where(known, self._levels(users, titles), scores)
        return [
            Estimate(float(score), float(baseline), MODEL if is_known else FALLBACK)
            for score, baseline, is_known in zip(scores, baselines, known, strict=True)
        ]

    def estimate_folded(self, user: FoldedUser, title_id: str) -> Estimate:
        """Predict what a folded-in user would rate a title."""
        score = float(self.factors.predict_folded(user, [self._named(title_id)])[0])
        code = self.titles.code(title_id)
        if code is None or user.origin == FALLBACK:
            return Estimate(score, score, FALLBACK)
        level = float(self.factors.newcomer_levels[code]) + user.bias
        return Estimate(score, float(np.clip(level, *self.factors.scale)), FOLD_IN)

    def stars(
        self, user_id: int | None, ratings: Mapping[str, float], title_ids: Sequence[str]
    ) -> list[float | None]:
        """Predict what a user would rate the titles of a list.

        Args:
            user_id: The user; None for someone new.
            ratings: Theirs, which tell of whoever the model does not know.
            title_ids: The titles; shape (n,).

        Returns:
            In stars; None for a title that the model does not know; shape (n,).
        """
        codes = [self.titles.code(title_id) for title_id in title_ids]
        known = np.array([UNKNOWN if code is None else code for code in codes], dtype=np.intp)
        user = UNKNOWN if user_id is None else self._user(user_id)
        if user != UNKNOWN:
            stars = self.factors.predict_codes(np.full(len(known), user), known)
        else:
            folded = self.fold_in(ratings)
            stars = self.factors.predict_folded(folded, self.factors.title_ids[known])
        return [
            None if code is None else float(value) for code, value in zip(codes, stars, strict=True)
        ]

    def _user(self, user_id: int) -> int:
        """Return the model's position for a user, `UNKNOWN` for one it was not fitted with."""
        users = self.factors.user_ids
        place = int(np.searchsorted(users, user_id, sorter=self._order))
        if place == len(users):
            return UNKNOWN
        found = int(self._order[place])
        return found if users[found] == user_id else UNKNOWN

    def _named(self, title_id: str) -> str:
        """Return the model's id of a title's work, or the title's own where it has none."""
        return self.titles.model_id(title_id) or title_id

    def _levels(self, users: NDArray[np.intp], titles: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return predictions without taste, in stars; shape (n,)."""
        factors = self.factors
        if not factors.biased:
            return factors.title_means[titles].astype(np.float64)
        levels = factors.global_mean + factors.title_bias[titles].astype(np.float64)
        return np.clip(levels + factors.user_bias[users], *factors.scale)
