"""What some ratings look like, in so few numbers that a model card can keep them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError

REFERENCE: Final = "reference"
"""Where a model card keeps the profile of all ratings that were known when it was made."""


@dataclass(frozen=True)
class RatingsProfile:
    """Ratings in a few numbers.

    Attributes:
        n_ratings: How many there are.
        n_users: Of how many users.
        n_titles: Of how many titles.
        mean_rating: In stars; 0 if there are none.
        first_timestamp: When the first was given, in seconds since 1970 UTC; 0 if there are none.
        last_timestamp: When the last was given, alike.
        histogram: How many ratings there are of each number of stars that occurs.
    """

    n_ratings: int
    n_users: int
    n_titles: int
    mean_rating: float
    first_timestamp: int
    last_timestamp: int
    histogram: Mapping[float, int]

    @classmethod
    def of(cls, ratings: pd.DataFrame) -> Self:
        """Return the profile of clean ratings."""
        if ratings.empty:
            return cls(0, 0, 0, 0.0, 0, 0, {})
        stars, counts = np.unique(ratings[c.RATING].to_numpy(dtype=np.float64), return_counts=True)
        return cls(
            n_ratings=len(ratings),
            n_users=int(ratings[c.USER_ID].nunique()),
            n_titles=int(ratings[c.TITLE_ID].nunique()),
            mean_rating=float(ratings[c.RATING].mean()),
            first_timestamp=int(ratings[c.TIMESTAMP].min()),
            last_timestamp=int(ratings[c.TIMESTAMP].max()),
            histogram=dict(zip(stars.tolist(), counts.tolist(), strict=True)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values; `from_json` makes it again."""
        histogram = {f"{stars:g}": n for stars, n in self.histogram.items()}
        return {**asdict(self), "mean_rating": round(self.mean_rating, 6), "histogram": histogram}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises:
            InputError: If it is something else.
        """
        try:
            return cls(
                n_ratings=int(content["n_ratings"]),
                n_users=int(content["n_users"]),
                n_titles=int(content["n_titles"]),
                mean_rating=float(content["mean_rating"]),
                first_timestamp=int(content["first_timestamp"]),
                last_timestamp=int(content["last_timestamp"]),
                histogram={float(stars): int(n) for stars, n in content["histogram"].items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(f"no profile of ratings ({error}): train the model anew.") from error
