"""Reading what a browser sends: anything may come, and what makes no sense is left out."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any, Final

from cartelera.ratings.scale import RatingScale
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.problems import Refused

MAX_RATINGS: Final = 100
_MAX_CHARACTERS: Final = 10_000
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
        sent: A JSON object from title ids to stars, as the page's script keeps it. Whatever is
            none, or not on the scale, is left out, and so is all beyond `MAX_RATINGS`.
        scale: That of the ratings.
    """
    if not isinstance(sent, str) or len(sent) > _MAX_CHARACTERS:
        return {}
    try:
        loaded: Any = json.loads(sent)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(loaded, dict):
        return {}
    given = [(title_id, stars) for title_id, stars in loaded.items() if _is_rating(stars, scale)]
    return dict(given[:MAX_RATINGS])


def look_up_ratings(answers: Answers, ratings: dict[str, float]) -> list[tuple[TitleInfo, float]]:
    """Look up the rated titles, the latest first; unknown ones are left out."""
    known: list[tuple[TitleInfo, float]] = []
    for title_id, stars in reversed(ratings.items()):
        try:
            known.append((answers.title(title_id), stars))
        except Refused:
            continue
    return known


def _is_rating(stars: object, scale: RatingScale) -> bool:
    if isinstance(stars, bool) or not isinstance(stars, int | float):
        return False
    return scale.holds(stars)
