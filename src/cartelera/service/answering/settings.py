"""The served settings: a few numbers that travel in the bundle."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cartelera import files
from cartelera.catalogue.arguments import EARLIEST_YEAR, HIGHEST_SCORE, LATEST_YEAR, Years
from cartelera.errors import ConfigError, InputError
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.ratings.scale import RatingScale
from cartelera.service.parameters import allowed_values
from cartelera.service.problems import Refused


class Settings(BaseModel):
    """How predictions and lists are presented, and which ratings and years there may be.

    A bundle that was written before it held the scale, the years and the platforms is read with
    their defaults, those of `conf/etl/default.yaml` and `conf/catalogue/default.yaml`.

    Attributes:
        recommend_at: A title is recommended from this predicted rating on, in stars.
        default_k: Length of a list when none is asked for.
        max_k: Longest list that may be asked for.
        diversity: How much titles like those before them count for less in a list, if nothing is
            said: 0 to 1.
        rating_min: The lowest rating the cleaning takes, in stars.
        rating_max: The highest, in stars.
        rating_step: The step of their grid, which starts at `rating_min`, in stars.
        earliest_year: The first release year the cleaning believes.
        latest_year: The last one.
        platforms: The platforms there are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    recommend_at: float = Field(allow_inf_nan=False)
    default_k: int = Field(ge=1)
    max_k: int = Field(ge=1)
    diversity: float = Field(ge=0, le=1)
    rating_min: float = Field(default=0.5, ge=0, le=HIGHEST_SCORE)
    rating_max: float = Field(default=5.0, ge=0, le=HIGHEST_SCORE)
    rating_step: float = Field(default=0.5, gt=0, allow_inf_nan=False)
    earliest_year: int = EARLIEST_YEAR
    latest_year: int = LATEST_YEAR
    platforms: Platforms = PUBLISHED

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.rating_min < self.rating_max:
            raise ValueError("`rating_min` must be less than `rating_max`")
        if not self.earliest_year <= self.latest_year:
            raise ValueError("`earliest_year` must be at most `latest_year`")
        return self

    @property
    def scale(self) -> RatingScale:
        """The scale of the ratings."""
        return RatingScale(self.rating_min, self.rating_max, self.rating_step)

    @property
    def years(self) -> Years:
        """The first and the last release year."""
        return self.earliest_year, self.latest_year

    @property
    def allowed(self) -> Mapping[str, tuple[str, ...]]:
        """What each parameter may be, by its name."""
        return allowed_values(self.scale, self.years, self.platforms)

    def length(self, k: int | None) -> int:
        """Return the length of a list for which k is asked; None leaves it to the settings.

        Raises:
            Refused: If k is out of range.
        """
        length = self.default_k if k is None else k
        if not 1 <= length <= self.max_k:
            allowed = f"a whole number from 1 to {self.max_k}"
            raise Refused(422, f"`k`={length} is out of range.", [allowed])
        return length

    def write(self, path: Path) -> None:
        """Write the settings as JSON."""
        files.write_json(path, self.model_dump())

    @classmethod
    def read(cls, path: Path) -> "Settings":
        """Read what `write` wrote.

        Raises:
            InputError: If a setting is missing, unknown, or not a sensible number.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except (ValidationError, ConfigError) as error:
            raise InputError(f"{path} does not hold the service's settings: {error}") from None
