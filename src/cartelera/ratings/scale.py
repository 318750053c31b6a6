"""The scale of ratings: what the cleaning believes, the service takes and the page offers."""

import math
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

_TOLERANCE: Final = 1e-9  # steps


@dataclass(frozen=True)
class RatingScale:
    """A scale and its grid.

    Attributes:
        low: The lowest rating, in stars.
        high: The highest rating, in stars.
        step: The step of the grid, which starts at `low`, in stars.
    """

    low: float = 0.5
    high: float = 5.0
    step: float = 0.5

    @overload
    def is_outside(self, ratings: float) -> bool: ...
    @overload
    def is_outside(self, ratings: NDArray[np.float64]) -> NDArray[np.bool_]: ...
    def is_outside(self, ratings: float | NDArray[np.float64]) -> bool | NDArray[np.bool_]:
        """Tell which ratings lie below or above the scale."""
        return (ratings < self.low) | (ratings > self.high)

    @overload
    def is_off_grid(self, ratings: float) -> bool: ...
    @overload
    def is_off_grid(self, ratings: NDArray[np.float64]) -> NDArray[np.bool_]: ...
    def is_off_grid(self, ratings: float | NDArray[np.float64]) -> bool | NDArray[np.bool_]:
        """Tell which ratings lie between two points of the grid."""
        steps = (ratings - self.low) / self.step
        return np.abs(steps - np.rint(steps)) > _TOLERANCE

    def holds(self, rating: float) -> bool:
        """Tell whether a number is a possible rating.

        >>> scale = RatingScale(1, 4, 1)
        >>> scale.holds(4), scale.holds(2.5), scale.holds(5)
        (True, False, False)
        """
        return not (math.isnan(rating) or self.is_outside(rating) or self.is_off_grid(rating))

    @property
    def best(self) -> float:
        """The highest point of the grid inside the scale, in stars."""
        n_steps = math.floor((self.high - self.low) / self.step + _TOLERANCE)
        return self.low + n_steps * self.step

    @property
    def blank(self) -> float:
        """The place of a slider that stands for no rating: 0 stars, if these are on the grid."""
        starts_above_0 = self.low > 0 and not RatingScale(0, self.high, self.step).is_off_grid(
            self.low
        )
        return 0.0 if starts_above_0 else self.low - self.step

    def __str__(self) -> str:
        """Say it as people do: `0.5 to 5 by 0.5`."""
        return f"{self.low:g} to {self.high:g} by {self.step:g}"
