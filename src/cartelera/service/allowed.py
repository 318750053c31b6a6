"""What each parameter may be, for the answer to one that is something else."""

from collections.abc import Mapping
from typing import Final

from cartelera import columns as c
from cartelera.catalogue.arguments import (
    EARLIEST_YEAR,
    HIGHEST_SCORE,
    LATEST_YEAR,
    TYPE_CHOICES,
)

MOST_MINUTES: Final = 10_000
MOST_TITLES: Final = 10_000_000
MOST_RATINGS: Final = 500
MOST_PAIRS: Final = 100
LOWEST_RATING: Final = 0.5

STEP: Final = 0.5
"""Ratings lie on a grid of half stars."""

LARGEST_USER: Final = 10**18 - 1
"""The cleaning of raw ratings takes user ids of up to 18 digits."""

_YEAR: Final = (f"a whole number from {EARLIEST_YEAR} to {LATEST_YEAR}",)
_RATING: Final = f"a number from {LOWEST_RATING:g} to {HIGHEST_SCORE:g} by {STEP:g}"
_MINUTES: Final = (f"a whole number from 0 to {MOST_MINUTES}",)

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "platform": c.PLATFORMS,
    "platforms": c.PLATFORMS,
    "type": TYPE_CHOICES,
    "duration_type": c.DURATION_TYPES,
    "year": _YEAR,
    "year_from": _YEAR,
    "year_to": _YEAR,
    "min_minutes": _MINUTES,
    "max_minutes": _MINUTES,
    "seen": ("true", "false"),
    "scored": (f"a number from 0 to {HIGHEST_SCORE:g}",),
    "user_id": ("a whole number",),
    "rating": (_RATING,),
    "ratings": (f"up to {MOST_RATINGS} by title id, each {_RATING}",),
    "pairs": (f"1 to {MOST_PAIRS} objects with `user_id` and `title_id`",),
    "k": ("a whole number from 1",),
    "diversity": ("a number from 0 to 1",),
    "rated": (f"up to {MOST_RATINGS} title ids",),
    "offset": (f"a whole number from 0 to {MOST_TITLES}",),
}
