"""Reading what a browser sends: anything may come, and what makes no sense is left out."""

import json
import math
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

from cartelera.ratings.scale import RatingScale
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.title_info import TitleDetail
from cartelera.service.problems import Refused

MAX_RATINGS: Final = 100
LATER: Final = "later"
HIDDEN: Final = "hidden"
"""What a title is marked with that is not rated: to watch later, or of no interest."""

_MAX_CHARACTERS: Final = 20_000
_MAX_WORDS: Final = 200
_INT64: Final = 2**63
_DEFAULT_SCALE: Final = RatingScale()


def one_of(choices: Iterable[str], sent: object, default: str) -> str:
    """Return what was sent if it is one of the choices."""
    return next((choice for choice in choices if choice == sent), default)


def read_text(sent: object) -> str:
    """Read the words of a search."""
    return sent.strip()[:_MAX_WORDS] if isinstance(sent, str) else ""


def read_number(sent: object) -> float | None:
    """Read a number that somebody typed, with a decimal point or comma."""
    try:
        number = float(read_text(sent).replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_integer(sent: object) -> int | None:
    """Read a whole number of 64 bits that somebody typed, in groups or not."""
    typed = re.sub(r"\s", "", read_text(sent))
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", typed):
        return None
    return int(typed) if -_INT64 <= int(typed) < _INT64 else None


def read_ratings(sent: object, scale: RatingScale = _DEFAULT_SCALE) -> dict[str, float]:
    """Read ratings by title id, in the order they were given.

    Args:
        sent: A JSON object from title ids to stars or another mark, as the page's script keeps it.
            What is no rating, or not on the scale, is left out, and so is all beyond
            `MAX_RATINGS`.
        scale: That of the ratings.
    """
    marks = _read_object(sent).items()
    given = [(title_id, stars) for title_id, stars in marks if _is_rating(stars, scale)]
    return dict(given[:MAX_RATINGS])


def read_marked(sent: object, mark: str) -> list[str]:
    """Return the ids of the titles that have a mark, the first marked first.

    Args:
        sent: As for `read_ratings`.
        mark: `LATER` or `HIDDEN`.
    """
    marked = [title_id for title_id, given in _read_object(sent).items() if given == mark]
    return marked[:MAX_RATINGS]


def look_up(answers: Answers, title_ids: Iterable[str]) -> list[TitleDetail]:
    """Look up titles; unknown ones are left out."""
    known: list[TitleDetail] = []
    for title_id in title_ids:
        with suppress(Refused):
            known.append(answers.title(title_id))
    return known


def look_up_ratings(answers: Answers, ratings: dict[str, float]) -> list[tuple[TitleDetail, float]]:
    """Look up the rated titles, the latest first; unknown ones are left out."""
    return [
        (title, stars)
        for title_id, stars in reversed(ratings.items())
        for title in look_up(answers, [title_id])
    ]


def _read_object(sent: object) -> dict[str, Any]:
    if not isinstance(sent, str) or len(sent) > _MAX_CHARACTERS:
        return {}
    try:
        loaded: Any = json.loads(sent)
    except (ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _is_rating(stars: object, scale: RatingScale) -> bool:
    if isinstance(stars, bool) or not isinstance(stars, int | float):
        return False
    return scale.holds(stars)
