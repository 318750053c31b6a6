"""Rows of titles below the list, each from another side; no title is in two of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from cartelera import columns as c
from cartelera.catalogue.arguments import ALL
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import RankedTitle, SimilarTitle
from cartelera.service.page.cards import Card, title_card

SHORT_MINUTES: Final = 90

_LENGTH: Final = 8
_LEAST: Final = 2
_LIKED: Final = 4


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        key: Of its heading: `row_like`, `row_gems`, `row_series` or `row_short`.
        title: What the heading names, if anything.
        cards: Its titles.
    """

    key: str
    title: str
    cards: list[Card]


def explore(
    answers: Answers, ratings: Mapping[str, float], filters: Filters, shown: Sequence[str]
) -> list[Row]:
    """Make the rows that have enough titles.

    Args:
        answers: What the running service loaded.
        ratings: The viewer's, in stars, by title id, oldest first.
        filters: What any row may hold.
        shown: Ids of titles that are in the list above.
    """
    rows: list[Row] = []
    taken = [*filters.without, *ratings, *shown]
    for key, title, narrowed in _kinds(answers, ratings, filters):
        free = replace(narrowed, without=tuple(taken))
        found = _found(answers, key, ratings, free)[:_LENGTH]
        if len(found) < _LEAST:
            continue
        taken += [line.title.title_id for line in found]
        cards = [title_card(answers.title(line.title.title_id)) for line in found]
        rows.append(Row(key, title, cards))
    return rows


def _kinds(
    answers: Answers, ratings: Mapping[str, float], filters: Filters
) -> Iterator[tuple[str, str, Filters]]:
    """Return key, title of the heading and filters of each row there can be."""
    if liked := _liked(ratings):
        yield "row_like", answers.title(liked).display_title, filters
    yield "row_gems", "", filters
    if filters.type == ALL and filters.min_minutes is filters.max_minutes is None:
        yield "row_series", "", replace(filters, type=c.TV_SHOW)
        yield "row_short", "", replace(filters, type=c.MOVIE, max_minutes=SHORT_MINUTES)


def _found(
    answers: Answers, key: str, ratings: Mapping[str, float], filters: Filters
) -> Sequence[RankedTitle | SimilarTitle]:
    if key == "row_like":
        return answers.similar(_liked(ratings), _LENGTH, filters).titles
    if key != "row_gems":
        return answers.recommend_new(ratings, _LENGTH, filters).titles

    # Worth recommending, and rated by fewer than most of what suits the viewer.
    best = answers.recommend_new(ratings, answers.settings.max_k, filters).titles
    rated = [line for line in best if line.stars is not None]
    usual = median(line.title.n_ratings for line in rated) if rated else 0
    return [
        line
        for line in rated
        if line.title.n_ratings < usual and (line.stars or 0) >= answers.settings.recommend_at
    ]


def _liked(ratings: Mapping[str, float]) -> str:
    """Return the id of the title liked last; blank without."""
    liked = [title_id for title_id, stars in ratings.items() if stars >= _LIKED]
    return liked[-1] if liked else ""
