"""How far off predictions are: intervals from the errors measured on ratings kept aside."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cartelera.errors import InputError
from cartelera.service.answering.replies import Interval


class _Errors(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    low: float
    high: float


class _Band(_Errors):
    up_to: float


class Intervals(_Errors):
    """Quantiles of the errors `rating - prediction`, in stars.

    Attributes:
        low: The lower quantile over all predictions.
        high: The upper one.
        coverage: How many of the errors lie between the two, 0 to 1.
        bands: The same by predicted stars, ascending; none if only the overall ones were measured.
    """

    coverage: float = Field(gt=0, lt=1)
    bands: tuple[_Band, ...] = ()

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Intervals":
        """Read what the evaluation wrote; keys that are not needed here are left alone.

        Raises:
            InputError: If a number is missing or no number.
        """
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise InputError(f"the model's intervals cannot be read: {error}") from None

    def around(self, score: float, scale: tuple[float, float]) -> Interval:
        """Return where a rating will lie that is predicted to be `score`, inside the scale."""
        errors = next((band for band in self.bands if score <= band.up_to), self)
        lowest, highest = scale
        return Interval(
            low=min(max(score + errors.low, lowest), highest),
            high=min(max(score + errors.high, lowest), highest),
            coverage=self.coverage,
        )
