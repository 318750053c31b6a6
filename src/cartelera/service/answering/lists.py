"""Lists of titles: the ranking model's order, with the rating model's stars beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cartelera.ranking.composing import CONTENT, POPULARITY, RANKING
from cartelera.ranking.model import Listed, Profile, RankingModel
from cartelera.ranking.reasons import Explanation
from cartelera.service.answering.list_replies import Because, RankedTitle, SimilarTitle
from cartelera.service.answering.rating_view import RatingView
from cartelera.service.answering.title_info import TitleInfo, Version
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.answering.works import Alignment, Mask

MOST_NEW: Final = 5
"""The length of the second list, of titles that are new to everyone."""


@dataclass(frozen=True)
class Wish:
    """What a list is to be.

    Attributes:
        k: Its length.
        passing: Which titles of the catalogue may be in it; shape (n_titles,).
        diversity: How much titles like those before them count for less, 0 to 1.
        with_seen: Whether it may hold what the user has rated.
    """

    k: int
    passing: Mask
    diversity: float
    with_seen: bool


@dataclass(frozen=True)
class Picks:
    """Both lists for a user.

    Attributes:
        titles: The list.
        new_to_everyone: The second one.
        origin: `ranking` or `popularity`.
        ignored: Ids of rated titles that the ranking model does not know.
    """

    titles: list[RankedTitle]
    new_to_everyone: list[RankedTitle]
    origin: str
    ignored: list[str]


@dataclass(frozen=True)
class _Person:
    """Somebody as both models see them.

    Attributes:
        user_id: Their id; None for someone new.
        ratings: In stars, by title id, oldest first; one a work.
        rated: The rated titles by the ranking model's id.
        profile: What the ranking model makes of them.
    """

    user_id: int | None
    ratings: Mapping[str, float]
    rated: Mapping[str, str]
    profile: Profile


class Lists:
    """A ranking model beside the catalogue's titles; a request only reads."""

    def __init__(self, ranking: RankingModel, rating: RatingView, shelf: TitleShelf):
        self._model = ranking
        self._rating = rating
        self._shelf = shelf
        self.titles = Alignment(ranking.title_ids, shelf.infos, shelf.works)

    def recommend(self, user_id: int | None, ratings: Mapping[str, float], wish: Wish) -> Picks:
        """Make the lists for somebody from their ratings.

        Args:
            user_id: The user; None for someone new. It has no say in the order.
            ratings: In stars, by title id, oldest first; one a work.
            wish: What the list is to be.
        """
        person = self._person(user_id, ratings)
        listed = self._best(person, wish)
        taken = {*_left_out(person, wish), *(line.title_id for line in listed)}
        new = self._model.new_to_everyone(
            person.profile,
            min(wish.k, MOST_NEW),
            allowed=self._allowed(wish.passing),
            seen=taken,
        )
        return Picks(
            titles=self._lines(person, listed, wish.passing),
            new_to_everyone=self._lines(person, new, wish.passing),
            origin=RANKING if person.rated else POPULARITY,
            ignored=[title_id for title_id in ratings if self.titles.code(title_id) is None],
        )

    def best(
        self, user_id: int | None, ratings: Mapping[str, float], wish: Wish
    ) -> list[RankedTitle]:
        """Make the list that `recommend` makes, without the second one."""
        person = self._person(user_id, ratings)
        return self._lines(person, self._best(person, wish), wish.passing)

    def similar(self, title_id: str, k: int, passing: Mask) -> list[SimilarTitle]:
        """Return the k titles most like another one; none for a title the model does not know."""
        model_id = self.titles.model_id(title_id)
        if model_id is None:
            return []
        found = self._model.similar(model_id, k, allowed=self._allowed(passing))
        return [
            SimilarTitle(rank, *self._shown(line.title_id, passing), line.similarity)
            for rank, line in enumerate(found, start=1)
        ]

    def to_rate(self, k: int, rated: Sequence[str], passing: Mask) -> list[TitleInfo]:
        """Return the k titles somebody should rate first who has rated these, if any."""
        known = [name for each in rated if (name := self.titles.model_id(each)) is not None]
        found = self._model.to_rate(k, allowed=self._allowed(passing), rated=known)
        return [self._shown(title_id, passing)[0] for title_id in found]

    def _person(self, user_id: int | None, ratings: Mapping[str, float]) -> _Person:
        rated = {
            model_id: title_id
            for title_id in ratings
            if (model_id := self.titles.model_id(title_id)) is not None
        }
        stars = [ratings[title_id] for title_id in rated.values()]
        return _Person(user_id, ratings, rated, self._model.profile(list(rated), stars))

    def _best(self, person: _Person, wish: Wish) -> list[Listed]:
        return self._model.recommend(
            person.profile,
            wish.k,
            allowed=self._allowed(wish.passing),
            seen=_left_out(person, wish),
            diversity=wish.diversity,
        )

    def _lines(self, person: _Person, listed: Sequence[Listed], passing: Mask) -> list[RankedTitle]:
        """Put what there is to say beside each title of a list."""
        if not listed:
            return []
        title_ids = [line.title_id for line in listed]
        explained = self._model.explain(person.profile, title_ids)
        stars = self._rating.stars(person.user_id, person.ratings, title_ids)
        return [
            RankedTitle(
                rank,
                *self._shown(line.title_id, passing),
                origin=line.origin,
                score=line.score,
                stars=expected,
                popular=why.popular and line.origin != CONTENT,
                because=self._because(person, line.title_id, why),
            )
            for rank, (line, why, expected) in enumerate(
                zip(listed, explained, stars, strict=True), start=1
            )
        ]

    def _because(self, person: _Person, model_id: str, why: Explanation) -> list[Because]:
        """Show the reasons for a title; what left the catalogue, and itself, is no reason."""
        return [
            Because(info, reason.rating, reason.loss)
            for reason in why.reasons
            if reason.title_id != model_id
            and (info := self._shelf.find(person.rated[reason.title_id])) is not None
        ]

    def _shown(self, model_id: str, passing: Mask) -> tuple[TitleInfo, list[Version]]:
        return self._shelf.shown(self.titles.work(model_id), passing)

    def _allowed(self, passing: Mask) -> Mask:
        return self.titles.allowed(self._shelf.works.passing(passing))


def _left_out(person: _Person, wish: Wish) -> tuple[str, ...]:
    """Return what somebody's lists may not hold, by the ranking model's ids."""
    return () if wish.with_seen else tuple(person.rated)
