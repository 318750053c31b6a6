"""Checking what the catalogue queries are asked, and saying it back in a sentence."""

import math
import operator
from typing import Final, SupportsFloat, SupportsIndex

from cartelera import columns as c

ALL: Final = "all"
TYPE_CHOICES: Final = (*c.TYPES, ALL)
EARLIEST_YEAR: Final = 1870
LATEST_YEAR: Final = 2100
HIGHEST_SCORE: Final = 5.0

_TYPES_IN_WORDS: Final = {c.MOVIE: "movies", c.TV_SHOW: "tv shows", ALL: "movies and tv shows"}
_UNITS_IN_WORDS: Final = {c.MINUTES: "minutes", c.SEASONS: "seasons"}


class QueryError(ValueError):
    """A question that cannot be answered as put; the message names what is allowed."""


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Find a word among the allowed ones, whatever its case and white space.

    Raises:
        QueryError: If it is none of them.
    """
    word = " ".join(value.lower().split()) if isinstance(value, str) else None
    if word not in allowed:
        raise QueryError(f"{name}={value!r} is unknown: allowed are {', '.join(allowed)}.")
    return word


def platform(value: str | None) -> str | None:
    """Check a platform; none means all of them."""
    return None if value is None else choice("platform", value, c.PLATFORMS)


def year(value: SupportsIndex | None) -> int | None:
    """Check a release year; none means all of them.

    Raises:
        QueryError: If it is not a whole number within the years of film.
    """
    if value is None:
        return None
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not EARLIEST_YEAR <= number <= LATEST_YEAR:
        raise QueryError(
            f"year={value!r} is not allowed: it is a whole number from {EARLIEST_YEAR} to "
            f"{LATEST_YEAR}."
        )
    return number


def score(value: SupportsFloat | None) -> float:
    """Check a threshold for scores.

    Raises:
        QueryError: If it is missing or not a number within the scale.
    """
    allowed = f"a number from 0 to {HIGHEST_SCORE:g}"
    if value is None:
        raise QueryError(f"scored is required: {allowed}.")
    number = math.nan if isinstance(value, (bool, str)) else _to_float(value)
    if not 0 <= number <= HIGHEST_SCORE:
        raise QueryError(f"scored={value!r} is not allowed: it is {allowed}.")
    return number


def _to_float(value: SupportsFloat) -> float:
    try:
        return float(value)
    except (TypeError, OverflowError):
        return math.nan


def in_words(type_: str, on: str | None, released: int | None) -> str:
    """Say which titles are meant: `movies on netflix released in 2018`."""
    where = "all platforms together" if on is None else on
    when = "in any year" if released is None else f"in {released}"
    return f"{_TYPES_IN_WORDS[type_]} on {where} released {when}"


def unit_in_words(unit: str) -> str:
    """Give the plural of a unit of duration."""
    return _UNITS_IN_WORDS[unit]
