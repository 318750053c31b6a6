"""What a card shows of a title: what it is, where it is, and why it is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cartelera.catalogue.people import name_key
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.list_replies import RankedTitle
from cartelera.service.answering.title_info import TitleDetail, platforms_of

_N_SHARED: Final = 2


@dataclass(frozen=True)
class Reason:
    """A rating that speaks for a title.

    Attributes:
        name: The rated title as published.
        rating: In stars.
        kind: What both have in common: `directors`, `cast` or `genres`; blank for nothing.
        shared: The names of it.
    """

    name: str
    rating: float
    kind: str
    shared: list[str]


@dataclass(frozen=True)
class Card:
    """A card.

    Attributes:
        title: The title.
        platforms: All platforms it is on, that of the title first.
        line: Its line in a list of recommendations; null in another list.
        reasons: Ratings that speak for it.
    """

    title: TitleDetail
    platforms: list[str]
    line: RankedTitle | None
    reasons: list[Reason]


def title_cards(answers: Answers, lines: Sequence[RankedTitle]) -> list[Card]:
    """Make the cards of a list of recommendations."""
    return [
        title_card(
            details := answers.title(line.title.title_id),
            line,
            [
                Reason(
                    why.title.display_title,
                    why.rating,
                    *in_common(details, answers.title(why.title.title_id)),
                )
                for why in line.because
            ],
        )
        for line in lines
    ]


def title_card(
    title: TitleDetail, line: RankedTitle | None = None, reasons: Sequence[Reason] = ()
) -> Card:
    """Make the card of a title."""
    return Card(title, platforms_of(title, title.also_on), line, list(reasons))


def in_common(one: TitleDetail, other: TitleDetail) -> tuple[str, list[str]]:
    """Return what two titles have in common that tells most: directors, then cast, then genres.

    Returns:
        The name of the field and up to two names; blank and none for nothing.
    """
    for kind in ("directors", "cast", "genres"):
        theirs = {name_key(name) for name in getattr(other, kind)}
        if shared := [name for name in getattr(one, kind) if name_key(name) in theirs]:
            return kind, shared[:_N_SHARED]
    return "", []
