"""Checking what the catalogue queries are asked, and saying it back in a sentence."""

import math
import operator
from typing import Final, SupportsFloat, SupportsIndex

from cartelera import columns as c
from cartelera.platforms import Platforms

ALL: Final = "all"
TYPE_CHOICES: Final = (*c.TYPES, ALL)
EARLIEST_YEAR: Final = 1870
LATEST_YEAR: Final = 2035
HIGHEST_SCORE: Final = 5.0

_TYPES_IN_WORDS: Final = {c.MOVIE: "movies", c.TV_SHOW: "tv shows", ALL: "movies and tv shows"}
_UNITS_IN_WORDS: Final = {c.MINUTES: "minutes", c.SEASONS: "seasons"}


Years = tuple[int, int]
"""The first and the last release year that are believed."""

YEARS: Final[Years] = (EARLIEST_YEAR, LATEST_YEAR)


class QueryError(ValueError):
    """A question that cannot be answered as put; the message names what is allowed.

    Attributes:
        allowed: The allowed values or what they are, one by one.
    """

    def __init__(self, message: str, allowed: tuple[str, ...] = ()):
        super().__init__(message)
        self.allowed = allowed


def choice(name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Find a word among the allowed ones, whatever its case and white space.

    Raises:
        QueryError: If it is none of them.
    """
    word = " ".join(value.lower().split()) if isinstance(value, str) else None
    if word not in allowed:
        said = f"{name}={value!r} is unknown: allowed are {', '.join(allowed)}."
        raise QueryError(said, allowed)
    return word


def platform(value: object, platforms: Platforms, name: str = "platform") -> str:
    """Find a platform by what somebody calls it: its name, its label or an alias.

    Args:
        value: The word, in any case and with any spaces and signs.
        platforms: Those there are.
        name: What the argument is called.

    Raises:
        QueryError: If none is called so.
    """
    found = platforms.find(value) if isinstance(value, str) else None
    if found is None:
        said = f"{name}={value!r} is unknown: allowed are {', '.join(platforms.names)}."
        raise QueryError(said, platforms.names)
    return found


def year(value: SupportsIndex | None, years: Years = YEARS) -> int | None:
    """Check a release year; none means all of them.

    Args:
        value: The year.
        years: The first and the last one that are believed.

    Raises:
        QueryError: If it is not a whole number within these years.
    """
    if value is None:
        return None
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not years[0] <= number <= years[1]:
        allowed = years_in_words(years)
        raise QueryError(f"year={value!r} is not allowed: it is {allowed}.", (allowed,))
    return number


def score(value: SupportsFloat | None) -> float:
    """Check a threshold for scores.

    Raises:
        QueryError: If it is missing or not a number within the scale.
    """
    allowed = f"a number from 0 to {HIGHEST_SCORE:g}"
    if value is None:
        raise QueryError(f"scored is required: {allowed}.", (allowed,))
    number = math.nan if isinstance(value, (bool, str)) else _to_float(value)
    if not 0 <= number <= HIGHEST_SCORE:
        raise QueryError(f"scored={value!r} is not allowed: it is {allowed}.", (allowed,))
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


def years_in_words(years: Years) -> str:
    """Say which release years there may be."""
    return f"a whole number from {years[0]} to {years[1]}"


def unit_in_words(unit: str) -> str:
    """Return the plural of a unit of duration."""
    return _UNITS_IN_WORDS[unit]
