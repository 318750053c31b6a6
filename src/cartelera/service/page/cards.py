"""What a card shows of a title: what it is, where it is, and why it is there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.list_replies import RankedTitle
from cartelera.service.answering.title_info import TitleDetail

AGES: Final = {
    "age_all": ("all", "all_ages", "g", "tv-g", "tv-y"),
    "age_7": ("7+", "tv-y7", "tv-y7-fv"),
    "age_guided": ("pg", "tv-pg"),
    "age_13": ("13+", "pg-13"),
    "age_14": ("tv-14",),
    "age_16": ("16+", "16", "ages_16_"),
    "age_17": ("r",),
    "age_adults": ("18+", "ages_18_", "nc-17", "tv-ma"),
}
"""The age labels in use, by what they mean."""

_N_SHARED: Final = 2
_SENTENCE: Final = re.compile(r"(?:^|[.!?…]\W*\s)\W*[^\W\d_]")


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
    platforms = [title.platform, *(each.platform for each in title.also_on)]
    return Card(title, list(dict.fromkeys(platforms)), line, list(reasons))


def in_common(one: TitleDetail, other: TitleDetail) -> tuple[str, list[str]]:
    """Return what two titles have in common that tells most: directors, then cast, then genres.

    Returns:
        The name of the field and up to two names; blank and none for nothing.
    """
    for kind in ("directors", "cast", "genres"):
        theirs = set(getattr(other, kind))
        if shared := [name for name in getattr(one, kind) if name in theirs]:
            return kind, shared[:_N_SHARED]
    return "", []


def age_of(certificate: str | None) -> str:
    """Return the key of the words for an age label; blank for one without a meaning."""
    return next((key for key, labels in AGES.items() if certificate in labels), "")


def display_name(name: str) -> str:
    """Write the name of a person, which the catalogue holds in lower case, with capitals.

    >>> display_name("conan o'brien"), display_name("ewan mcgregor")
    ("Conan O'Brien", 'Ewan McGregor')
    """
    return re.sub(r"\bMc([a-z])", lambda found: f"Mc{found[1].upper()}", name.title())


def synopsis(title: TitleDetail) -> str:
    """Write what a title is about, which the catalogue holds in lower case, with capitals.

    Those of sentences, of "I", and of the names the catalogue knows from the title itself.
    """
    text = _SENTENCE.sub(lambda found: found[0].upper(), title.description or "")
    text = re.sub(r"\bi\b", "I", text)
    names = [display_name(name) for name in (*title.cast, *title.directors)]
    for name in (*names, title.display_title):
        if " " in name:
            text = re.sub(rf"\b{re.escape(name)}\b", lambda _, name=name: name, text, flags=re.I)
    return text
