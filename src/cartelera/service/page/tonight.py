"""What to watch tonight: from wishes and a few ratings to a list with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from cartelera import columns as c
from cartelera.catalogue.arguments import ALL, TYPE_CHOICES
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.lists import POPULARITY
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.page.form_input import look_up_ratings, one_of, read_ratings
from cartelera.service.page.model_verdicts import are_people_alike
from cartelera.service.page.section import Section

LENGTHS: Final = {"short": (None, 90), "middle": (90, 120), "long": (120, None)}
"""The shortest and the longest duration of each choice, in minutes."""

AUDIENCES: Final = {
    "all_ages": ("all", "all_ages", "g", "tv-g", "tv-y"),
    "older_children": (
        "7+", "all", "all_ages", "g", "pg", "tv-g", "tv-pg", "tv-y", "tv-y7", "tv-y7-fv",
    ),
}  # fmt: skip
"""The age labels of each family choice."""

_ENOUGH: Final = 3
"""Whoever has rated so many titles is not asked for more."""

_N_TO_RATE: Final = 5


@dataclass(frozen=True)
class Wishes:
    """What the form says, as it was sent: whatever is no choice counts as no wish.

    Attributes:
        platforms: The platforms the viewer has.
        type: `movie`, `tv show` or `all`.
        genre: A genre; blank for any.
        length: A key of `LENGTHS`; blank for any.
        audience: A key of `AUDIENCES`; blank for grown-ups.
    """

    platforms: list[str]
    type: str
    genre: str
    length: str
    audience: str

    @classmethod
    def read(
        cls, sent: Sequence[object], genres: Sequence[str], platforms: Platforms = PUBLISHED
    ) -> "Wishes":
        """Read what the five fields of the form sent.

        Args:
            sent: One value a field, in the order of the attributes.
            genres: The genres there are.
            platforms: The platforms there are.
        """
        where, type_, genre, length, audience = sent
        ticked = cast(list[object], where) if isinstance(where, list) else []
        return cls(
            platforms=[name for name in platforms.names if name in ticked],
            type=one_of(TYPE_CHOICES, type_, ALL),
            genre=one_of(genres, genre, ""),
            length=one_of(LENGTHS, length, ""),
            audience=one_of(AUDIENCES, audience, ""),
        )

    def filters(self, published: Sequence[str]) -> Filters:
        """Turn the wishes into filters.

        Args:
            published: The age labels that occur in the catalogue.
        """
        shortest, longest = LENGTHS.get(self.length, (None, None))
        labels = AUDIENCES.get(self.audience, ())
        return Filters(
            platforms=tuple(self.platforms),
            type=self.type,
            genre=self.genre or None,
            min_minutes=shortest,
            max_minutes=longest,
            certificates=tuple(label for label in labels if label in published),
        )


class Tonight(Section):
    """The first tab."""

    def find(self, typed: object, sent: object) -> str:
        """Show the titles that match what is being typed, with sliders for stars."""
        ratings = read_ratings(sent, self._answers().settings.scale)
        return self._search_results(typed, ratings=ratings, rateable=True)

    def rated(self, sent: object) -> str:
        """Show the viewer's own ratings, and what to rate first while these are few."""
        answers = self._answers()
        rated = look_up_ratings(answers, read_ratings(sent, answers.settings.scale))
        to_rate: list[TitleInfo] = []
        if len(rated) < _ENOUGH:
            known = [title.title_id for title, _ in rated]
            to_rate = answers.to_rate(_N_TO_RATE, rated=known).titles
        return self._markup("rated_titles", rated=rated, to_rate=to_rate)

    def recommend(self, sent: object, *form: object) -> tuple[str, str]:
        """Return a sentence about the list, and the list or what to change.

        Args:
            sent: The viewer's ratings as the browser keeps them.
            form: What the form sent, one value a field of `Wishes`.
        """
        answers = self._answers()
        wishes = Wishes.read(form, answers.facets().genres, self._markup.platforms)
        if not wishes.platforms:
            return "", self._problem("no_platforms")
        if self._is_impossible(answers, wishes):
            return "", self._nothing_left(wishes)

        known = look_up_ratings(answers, read_ratings(sent, answers.settings.scale))
        ratings = {title.title_id: stars for title, stars in reversed(known)}  # oldest first
        found = answers.recommend_new(
            ratings, filters=wishes.filters(answers.facets().certificates)
        )
        if not found.titles:
            return "", self._nothing_left(wishes)

        cards = self._markup(
            "cards",
            titles=found.titles,
            new_to_everyone=found.new_to_everyone,
            because="because",
            rateable=True,
        )
        return self._markup.note(self._about(len(ratings), found.origin), "about"), cards

    def _about(self, n_rated: int, origin: str) -> str:
        if not n_rated:
            return self._words("list_popular")
        if origin == POPULARITY:
            return self._words("list_unknown")
        alike = are_people_alike(self._answers().model())
        return self._words("list_alike" if alike else "list_yours")

    def _is_impossible(self, answers: Answers, wishes: Wishes) -> bool:
        """Tell whether no title can have any of the labels asked for."""
        labels = AUDIENCES.get(wishes.audience)
        return bool(labels) and not set(labels) & set(answers.facets().certificates)

    def _nothing_left(self, wishes: Wishes) -> str:
        t = self._words
        ideas: list[str] = []
        if wishes.genre:
            ideas.append(t("try_genre", genre=wishes.genre))
        if wishes.length:
            ideas.append(t("try_length" if wishes.type != c.TV_SHOW else "try_length_tv"))
        labels = self._markup.platforms.labels
        if missing := [label for name, label in labels.items() if name not in wishes.platforms]:
            names = ", ".join(missing)
            ideas.append(t("try_platforms", names=names))
        if wishes.type != ALL:
            ideas.append(t("try_type"))
        if wishes.audience:
            ideas.append(t("try_audience"))
        return self._markup("no_titles", ideas=ideas or [t("try_nothing")])
