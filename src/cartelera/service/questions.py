"""The parameters of every endpoint, checked in one place for native POST and GET alike."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from cartelera import columns as c
from cartelera.catalogue.arguments import (
    EARLIEST_YEAR,
    HIGHEST_SCORE,
    LATEST_YEAR,
    TYPE_CHOICES,
    choice,
)

_INT64 = 2**63

ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "platform": c.PLATFORMS,
    "platforms": c.PLATFORMS,
    "type": TYPE_CHOICES,
    "duration_type": c.DURATION_TYPES,
    "year": (f"a whole number from {EARLIEST_YEAR} to {LATEST_YEAR}",),
    "scored": (f"a number from 0 to {HIGHEST_SCORE:g}",),
    "user_id": ("a whole number",),
    "k": ("a whole number from 1",),
}
"""What each parameter may be, for the answer to one that is something else."""


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


def _described(name: str) -> Any:
    known = ALLOWED[name]
    return Field(max_length=40, examples=[known[0]], json_schema_extra={"enum": list(known)})


# A constraint comes first: the validator after it wraps it, and runs before it.
Year = Annotated[
    int,
    Field(ge=EARLIEST_YEAR, le=LATEST_YEAR, description="Release year.", examples=[2018]),
    BeforeValidator(_refuse_boolean),
]
Platform = Annotated[str, _described("platform"), _one_of("platform")]
TitleType = Annotated[str, _described("type"), _one_of("type")]
DurationType = Annotated[str, _described("duration_type"), _one_of("duration_type")]
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
UserId = Annotated[
    int,
    Field(ge=-_INT64, lt=_INT64, description="Id of a user.", examples=[1]),
    BeforeValidator(_refuse_boolean),
]
TitleId = Annotated[str, Field(max_length=40, description="Id of a title.", examples=["ns1"])]
ListLength = Annotated[
    int,
    Field(ge=1, lt=_INT64, description="Length of the list.", examples=[10]),
    BeforeValidator(_refuse_boolean),
]
Platforms = Annotated[
    list[Platform],
    Field(max_length=len(c.PLATFORMS), description="Only titles of these; none means all."),
    BeforeValidator(_split_list),
]


class Question(BaseModel):
    """What all parameters share: null and blank mean left out, unknown names are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_blanks(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {
            name: value
            for name, value in cast(dict[str, Any], values).items()
            if value is not None and not (isinstance(value, str) and not value.strip())
        }


class MaxDurationQuestion(Question):
    """Parameters of `get_max_duration`."""

    year: Year | None = None
    platform: Platform | None = None
    duration_type: DurationType | None = None
    type: TitleType | None = None


class ScoreCountQuestion(Question):
    """Parameters of `get_score_count`."""

    scored: Stars
    platform: Platform | None = None
    year: Year | None = None
    type: TitleType | None = None


class CountPlatformQuestion(Question):
    """Parameters of `get_count_platform`."""

    platform: Platform | None = None
    type: TitleType | None = None


class ActorQuestion(Question):
    """Parameters of `get_actor`."""

    platform: Platform | None = None
    year: Year | None = None
    type: TitleType | None = None


class PredictQuestion(Question):
    """Parameters of `predict`."""

    user_id: UserId
    title_id: TitleId


class RecommendQuestion(Question):
    """Parameters of `recommend`."""

    user_id: UserId
    k: ListLength | None = None
    platforms: Platforms | None = None
    type: TitleType | None = None
