"""What each parameter may be, for the answer to one that is something else."""

from collections.abc import Mapping
from typing import Final

from cartelera import columns as c
from cartelera.catalogue.arguments import (
    HIGHEST_SCORE,
    TYPE_CHOICES,
    YEARS,
    Years,
    years_in_words,
)
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.ratings.scale import RatingScale

MOST_MINUTES: Final = 10_000
MOST_TITLES: Final = 10_000_000
MOST_RATINGS: Final = 500
MOST_PAIRS: Final = 100
LARGEST_USER: Final = 10**18 - 1
"""The cleaning of raw ratings takes user ids of up to 18 digits."""

_MINUTES: Final = (f"a whole number from 0 to {MOST_MINUTES}",)
_DEFAULT_SCALE: Final = RatingScale()


def rating_in_words(scale: RatingScale) -> str:
    """Say what a rating may be."""
    return f"a number from {scale}"


def allowed_values(
    scale: RatingScale = _DEFAULT_SCALE,
    years: Years = YEARS,
    platforms: Platforms = PUBLISHED,
) -> Mapping[str, tuple[str, ...]]:
    """Return what each parameter may be, by its name.

    Args:
        scale: That of the ratings.
        years: The first and the last release year.
        platforms: The platforms there are.
    """
    year, rating = (years_in_words(years),), rating_in_words(scale)
    return {
        "platform": platforms.names,
        "platforms": platforms.names,
        "type": TYPE_CHOICES,
        "duration_type": c.DURATION_TYPES,
        "year": year,
        "year_from": year,
        "year_to": year,
        "min_minutes": _MINUTES,
        "max_minutes": _MINUTES,
        "seen": ("true", "false"),
        "scored": (f"a number from 0 to {HIGHEST_SCORE:g}",),
        "user_id": ("a whole number",),
        "rating": (rating,),
        "ratings": (f"up to {MOST_RATINGS} by title id, each {rating}",),
        "pairs": (f"1 to {MOST_PAIRS} objects with `user_id` and `title_id`",),
        "k": ("a whole number from 1",),
        "diversity": ("a number from 0 to 1",),
        "rated": (f"up to {MOST_RATINGS} title ids",),
        "offset": (f"a whole number from 0 to {MOST_TITLES}",),
    }


ALLOWED: Final = allowed_values()
"""With the scale, the years and the platforms that hold by default."""
