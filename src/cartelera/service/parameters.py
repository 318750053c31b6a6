"""The types of parameters: what each may be, its description and an example.

What a refusal says a parameter may be stands here too: `allowed_values`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from pydantic import AfterValidator, BeforeValidator, Field

from cartelera import columns as c
from cartelera.catalogue.arguments import (
    HIGHEST_SCORE,
    TYPE_CHOICES,
    YEARS,
    Years,
    choice,
    years_in_words,
)
from cartelera.platforms import PUBLISHED
from cartelera.platforms import Platforms as PlatformTable
from cartelera.ratings.scale import RatingScale

BOUNDS: Final = "x-bounds"
"""Marks what the settings of the service bound: `answering` checks it, the document says it."""

OF_RATINGS: Final = "rating"
OF_YEARS: Final = "year"
OF_PLATFORMS: Final = "platform"

_INT64 = 2**63
_LONGEST_NAME = 40
_MOST_CERTIFICATES = 50
_MOST_PLATFORMS = 50


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
    platforms: PlatformTable = PUBLISHED,
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
        "without": (f"up to {MOST_RATINGS} title ids",),
        "offset": (f"a whole number from 0 to {MOST_TITLES}",),
    }


ALLOWED: Final = allowed_values()
"""With the scale, the years and the platforms that hold by default."""


def _refuse_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("should be a number, not true or false")  # noqa: TRY004 - Pydantic's way
    return value


def _split_list(value: Any) -> Any:
    """Read `a,b`, `["a,b"]` and `["a", "b"]` alike."""
    texts = cast(list[Any], value) if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("should be a list of names")
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]


def _one_of(name: str) -> Any:
    return AfterValidator(lambda word: choice(name, word, ALLOWED[name]))


def _described(name: str, description: str) -> Any:
    known = ALLOWED[name]
    return Field(
        max_length=_LONGEST_NAME,
        description=description,
        examples=[known[0]],
        json_schema_extra={"enum": list(known)},
    )


# A constraint comes first: the validator after it wraps it, and runs before it.
_Year = Annotated[
    int,
    Field(ge=-_INT64, lt=_INT64, json_schema_extra={BOUNDS: OF_YEARS}),
    BeforeValidator(_refuse_boolean),
]
_Minutes = Annotated[int, Field(ge=0, le=MOST_MINUTES), BeforeValidator(_refuse_boolean)]
Year = Annotated[_Year, Field(description="Release year.", examples=[2018])]
Platform = Annotated[
    str,
    Field(
        max_length=_LONGEST_NAME,
        description="Where the titles are; all if left out. Other names of a platform are known.",
        json_schema_extra={BOUNDS: OF_PLATFORMS},
    ),
]
TitleType = Annotated[
    str, _described("type", "Which kind of titles; the answer says what it read."), _one_of("type")
]
DurationType = Annotated[
    str,
    _described("duration_type", "Unit of the duration; `min` if left out."),
    _one_of("duration_type"),
]
Stars = Annotated[
    float,
    Field(
        ge=0,
        le=HIGHEST_SCORE,
        allow_inf_nan=False,
        description="Only scores strictly above this many stars count.",
        examples=[3.5],
    ),
    BeforeValidator(_refuse_boolean),
]
TitleId = Annotated[
    str, Field(max_length=_LONGEST_NAME, description="Id of a title.", examples=["ns1"])
]
Rating = Annotated[
    float,
    Field(
        allow_inf_nan=False,
        description="In stars, on the scale of the service.",
        json_schema_extra={BOUNDS: OF_RATINGS},
        examples=[4.5],
    ),
    BeforeValidator(_refuse_boolean),
]
Rater = Annotated[
    int,
    Field(ge=0, le=LARGEST_USER, description="Id of a user.", examples=[1]),
    BeforeValidator(_refuse_boolean),
]
Ratings = Annotated[
    dict[TitleId, Rating],
    Field(
        max_length=MOST_RATINGS,
        description="Ratings in stars by title id, oldest first; none at all is allowed. Of "
        "several versions of one film or series the last one's rating counts.",
        examples=[{"ns1": 4.5, "hs1": 2}],
    ),
]
UserId = Annotated[
    int,
    Field(ge=-_INT64, lt=_INT64, description="Id of a user.", examples=[1]),
    BeforeValidator(_refuse_boolean),
]
ListLength = Annotated[
    int,
    Field(ge=1, lt=_INT64, description="Length of the list.", examples=[10]),
    BeforeValidator(_refuse_boolean),
]
Words = Annotated[
    str,
    Field(
        max_length=200,
        description="Words of the title, in any case, with or without accents; the last one may be "
        "a beginning. All titles if left out.",
        examples=["the god"],
    ),
]
Offset = Annotated[
    int,
    Field(ge=0, le=MOST_TITLES, description="How many titles come before this page.", examples=[0]),
    BeforeValidator(_refuse_boolean),
]
FirstYear = Annotated[_Year, Field(description="Earliest release year.", examples=[1990])]
LastYear = Annotated[_Year, Field(description="Latest release year.", examples=[2021])]
Genre = Annotated[
    str,
    Field(
        max_length=_LONGEST_NAME,
        description="Only titles listed in this genre (`/facets` lists them).",
        examples=["comedy"],
    ),
]
LeastMinutes = Annotated[
    _Minutes,
    Field(description="Shortest duration in minutes; seasons never pass.", examples=[60]),
]
MostMinutes = Annotated[
    _Minutes,
    Field(description="Longest duration in minutes; seasons never pass.", examples=[150]),
]
Seen = Annotated[
    bool, Field(description="Whether the list may hold titles the user has rated; no if left out.")
]
Diversity = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        allow_inf_nan=False,
        description="How much titles like those before them count for less: 0 lists what suits "
        "best, 1 what differs most; a little if left out.",
        examples=[0.2],
    ),
    BeforeValidator(_refuse_boolean),
]
Rated = Annotated[
    list[TitleId],
    Field(
        max_length=MOST_RATINGS,
        description="Ids of titles that are rated already, separated by commas or repeated; the "
        "list holds none of them.",
        examples=[["ns1", "hs1"]],
    ),
    BeforeValidator(_split_list),
]
Without = Annotated[
    list[TitleId],
    Field(
        max_length=MOST_RATINGS,
        description="Ids of titles the list may not hold, on any platform; unknown ones do not "
        "matter.",
        examples=[["ns1", "hs1"]],
    ),
    BeforeValidator(_split_list),
]
Platforms = Annotated[
    list[Platform],
    Field(
        max_length=_MOST_PLATFORMS,
        description="Only titles of these, separated by commas or repeated; none means all.",
    ),
    BeforeValidator(_split_list),
]
Certificates = Annotated[
    list[Annotated[str, Field(max_length=_LONGEST_NAME)]],
    Field(
        max_length=_MOST_CERTIFICATES,
        description="Only titles with one of these published age labels (`/facets` lists them); a "
        "title without one never passes.",
        examples=[["g", "pg"]],
    ),
    BeforeValidator(_split_list),
]
