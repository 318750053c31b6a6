"""The four catalogue questions, their answers and how each was read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from cartelera import columns as c
from cartelera.catalogue.answers import LongTitle
from cartelera.catalogue.arguments import ALL, HIGHEST_SCORE, TYPE_CHOICES
from cartelera.service.operations.catalogue import (
    ActorQuestion,
    CountPlatformQuestion,
    MaxDurationQuestion,
    ScoreCountQuestion,
)
from cartelera.service.operations.definition import Question
from cartelera.service.page.captions import display_name
from cartelera.service.page.form_input import one_of, read_integer, read_number, read_text
from cartelera.service.page.section import Section

_MAX_SHOWN: Final = 10


@dataclass(frozen=True)
class TitleSelection:
    """Which titles a question is about.

    Attributes:
        type: `movie`, `tv show` or `all`.
        platform: A platform; none for all of them.
        year: A release year; none for any.
    """

    type: str
    platform: str | None
    year: int | None


@dataclass(frozen=True)
class QuestionForm:
    """The form of one question.

    Attributes:
        name: What its words and its place on the page are named after.
        question: The parameters of the operation it asks; the form has a field for each.
        type: Which kind of titles it is about unless another one is chosen.
        handler: Called with what the fields sent.
    """

    name: str
    question: type[Question]
    type: str
    handler: Callable[..., str]


class CatalogueQuestions(Section):
    """The third tab."""

    def forms(self) -> list[QuestionForm]:
        """List the forms, in their order on the page."""
        return [
            QuestionForm("duration", MaxDurationQuestion, ALL, self.longest),
            QuestionForm("score", ScoreCountQuestion, c.MOVIE, self.scored),
            QuestionForm("count", CountPlatformQuestion, c.MOVIE, self.counted),
            QuestionForm("actor", ActorQuestion, ALL, self.actor),
        ]

    def longest(self, unit: object, type_: object, platform: object, year: object) -> str:
        """Show the longest titles.

        Args:
            unit: `min` or `season`.
            type_: `movie`, `tv show` or `all`.
            platform: A platform; blank for all of them.
            year: What was typed; blank for any year.
        """
        return self._read_year(
            partial(self._longest, one_of(c.DURATION_TYPES, unit, c.MINUTES)), type_, platform, year
        )

    def scored(self, stars: object, type_: object, platform: object, year: object) -> str:
        """Show how many titles score strictly above a number of stars."""
        threshold = read_number(stars)
        if threshold is None or not 0 <= threshold <= HIGHEST_SCORE:
            return self._problem("scored_needed")
        return self._read_year(partial(self._scored, threshold), type_, platform, year)

    def counted(self, type_: object, platform: object) -> str:
        """Show how many titles a platform has, or each of them."""
        return self._counted(self._selected(type_, platform))

    def actor(self, type_: object, platform: object, year: object) -> str:
        """Show the actors in most titles."""
        return self._read_year(self._actor, type_, platform, year)

    def reading(self, question: str, selection: TitleSelection, **values: object) -> str:
        """Say how a question was read, in the words of the query's own reading.

        Args:
            question: `duration`, `score`, `count` or `actor`.
            selection: Which titles it is about.
            **values: What else the sentence holds.
        """
        t = self._words
        titles = t(
            "titles_in",
            types=t(f"in_{selection.type}"),
            platform=selection.platform or t("all_platforms"),
            when=t("in_any_year") if selection.year is None else t("in_year", year=selection.year),
        )
        # Without a platform, actors are counted by film or series: it may stand on several.
        where = "_anywhere" if question == "actor" and selection.platform is None else ""
        return t(f"reading_{question}{where}", titles=titles, **values)

    def _longest(self, unit: str, selection: TitleSelection) -> str:
        answer = self._answers().queries.get_max_duration(
            selection.year, selection.platform, unit, type=selection.type
        )
        reading = self.reading("duration", selection, unit=self._words(f"in_{unit}"))
        if answer.duration_int is None:
            return self._show(self._words("no_match"), reading)
        items = [_shown(title) for title in answer.titles[:_MAX_SHOWN]]
        return self._show(self._length(answer.duration_int, unit), reading, items, answer.ties)

    def _scored(self, stars: float, selection: TitleSelection) -> str:
        answer = self._answers().queries.get_score_count(
            selection.platform, stars, selection.year, type=selection.type
        )
        reading = self.reading("score", selection, stars=self._words.typed(stars))
        return self._show(self._number(answer.count), reading, extra=self._types(answer.by_type))

    def _counted(self, selection: TitleSelection) -> str:
        answer = self._answers().queries.get_count_platform(selection.platform, type=selection.type)
        labels = self._markup.platforms.labels
        items = [
            {"display_title": f"{labels[name]}: {self._number(count)}", "platform": None}
            for name, count in answer.by_platform.items()
        ]
        return self._show(
            self._number(answer.count),
            self.reading("count", selection),
            items if len(items) > 1 else [],
            extra=self._types(answer.by_type),
        )

    def _actor(self, selection: TitleSelection) -> str:
        answer = self._answers().queries.get_actor(
            selection.platform, selection.year, type=selection.type
        )
        reading = self.reading("actor", selection)
        if answer.appearances is None:
            return self._show(self._words("no_cast"), reading)
        shown = answer.actors[:_MAX_SHOWN]
        extra = self._words.counted("appearance", "appearances", answer.appearances)
        if answer.ties == 1:
            return self._show(display_name(shown[0]), reading, extra=extra)
        items = [{"display_title": display_name(name), "platform": None} for name in shown]
        return self._show(extra.capitalize(), reading, items, answer.ties)

    def _selected(self, type_: object, platform: object) -> TitleSelection:
        names = self._markup.platforms.names
        return TitleSelection(
            one_of(TYPE_CHOICES, type_, ALL), one_of(names, platform, "") or None, None
        )

    def _read_year(
        self, ask: Callable[[TitleSelection], str], type_: object, platform: object, typed: object
    ) -> str:
        selection = self._selected(type_, platform)
        if not read_text(typed):
            return ask(selection)
        year = read_integer(typed)
        first, last = self._answers().settings.years
        if year is None or not first <= year <= last:
            return self._problem("year_wrong", first=first, last=last)
        return ask(replace(selection, year=year))

    def _show(
        self,
        headline: str,
        reading: str,
        items: list[dict[str, Any]] | None = None,
        ties: int = 0,
        extra: str = "",
    ) -> str:
        return self._markup(
            "answer",
            headline=headline,
            reading=reading,
            items=items or [],
            ties=ties,
            extra=extra,
        )

    def _types(self, by_type: Mapping[str, int]) -> str:
        t = self._words
        counts = " · ".join(f"{t.number(by_type[name])} {t(f'in_{name}')}" for name in c.TYPES)
        return t("by_type", counts=counts)

    def _length(self, length: int, unit: str) -> str:
        t = self._words
        if unit == c.SEASONS:
            return t.counted("season", "seasons", length)
        return t("minutes", n=t.number(length))

    def _number(self, count: int) -> str:
        return self._words.number(count)


def _shown(title: LongTitle) -> dict[str, Any]:
    return {
        "display_title": title.display_title,
        "platform": title.platform,
        "type": title.type,
        "year": title.release_year,
        "duration": None,
        "certificate": None,
    }
