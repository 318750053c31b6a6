"""How far true ratings lie from predicted ones: what an honest interval around a prediction is."""

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.metrics.base import stars_off
from cartelera.evaluation.rounding import DIGITS

SMALLEST_BAND: Final = 200
"""Residuals that a band has, or about: its outer tenths are then of 20 or more."""

_MOST_BANDS: Final = 5


@dataclass(frozen=True)
class Band:
    """Where true ratings lie around a range of predictions.

    Attributes:
        up_to: Upper end of the range, in predicted stars; it belongs to the range.
        low: What to add to a prediction for the lower end of the interval, in stars.
        high: The same for the upper end.
        n_ratings: Residuals behind them.
    """

    up_to: float
    low: float
    high: float
    n_ratings: int


@dataclass(frozen=True)
class Residuals:
    """Intervals of known coverage around predictions.

    Attributes:
        coverage: The share of true ratings that shall lie inside.
        overall: The interval around any prediction.
        bands: The same by predicted stars, ascending; the last ends at the top of the scale.
        measured_coverage: The share inside for one half of the users, with bands from the other
            half; None if there are fewer than two users.
    """

    coverage: float
    overall: Band
    bands: tuple[Band, ...]
    measured_coverage: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain numbers, rounded."""
        return {
            "coverage": self.coverage,
            **_rounded(self.overall, "low", "high", "n_ratings"),
            "measured_coverage": (
                None if self.measured_coverage is None else round(self.measured_coverage, DIGITS)
            ),
            "bands": [_rounded(band, "up_to", "low", "high", "n_ratings") for band in self.bands],
        }


def summarise(
    user_ids: NDArray[np.int64],
    true: ArrayLike,
    predicted: ArrayLike,
    *,
    coverage: float,
    top: float,
    seed: int,
) -> Residuals:
    """Find the intervals that hold a given share of the true ratings.

    The ends are order statistics of true minus predicted, each tail with half of what the interval
    leaves out: with n residuals the floor((n + 1) tail)-th smallest and the largest but as many. A
    further rating of the same kind then lies inside with at least the given probability (split
    conformal prediction: Lei et al., Distribution-Free Predictive Inference for Regression, 2018,
    section 2.2), unless there are so few residuals that the smallest and the largest have to do.

    Args:
        user_ids: Who gave the ratings; shape (n,).
        true: True ratings in stars; shape (n,).
        predicted: Predictions in stars, clipped into the scale; shape (n,).
        coverage: Between 0 and 1.
        top: Top of the scale, in stars.
        seed: Seed of the draw of half of the users.

    Raises:
        InputError: If there are no ratings or one is not a finite number.
    """
    errors = -stars_off(true, predicted)
    stars = np.asarray(predicted, dtype=np.float64)
    return Residuals(
        coverage=coverage,
        overall=_band(errors, coverage, top),
        bands=_bands(stars, errors, coverage, top),
        measured_coverage=_cross_checked(user_ids, stars, errors, coverage, top, seed),
    )


def _band(errors: FloatArray, coverage: float, up_to: float) -> Band:
    n, tail = len(errors), (1 - coverage) / 2
    place = max(math.floor((n + 1) * tail + 1e-9) - 1, 0)
    ordered = np.sort(errors)
    return Band(up_to, float(ordered[place]), float(ordered[n - 1 - place]), n)


def _bands(
    predicted: FloatArray, errors: FloatArray, coverage: float, top: float
) -> tuple[Band, ...]:
    n_bands = min(_MOST_BANDS, max(1, len(errors) // SMALLEST_BAND))
    inner = np.quantile(predicted, np.arange(1, n_bands) / n_bands, method="inverted_cdf")
    edges = np.append(np.unique(inner[inner < predicted.max()]), top)
    codes = np.searchsorted(edges, predicted, side="left")
    counts = np.bincount(codes, minlength=len(edges))
    if n_bands > 1 and counts.min() < SMALLEST_BAND // 2:  # predictions that are hardly apart
        edges, codes = edges[-1:], np.zeros_like(codes)
    return tuple(
        _band(errors[codes == code], coverage, float(edge)) for code, edge in enumerate(edges)
    )


def _cross_checked(
    user_ids: NDArray[np.int64],
    predicted: FloatArray,
    errors: FloatArray,
    coverage: float,
    top: float,
    seed: int,
) -> float | None:
    users = np.unique(user_ids)
    if len(users) < 2:
        return None

    # Bands of half of the users, tried on the other half.
    drawn = np.random.default_rng(seed).permutation(users)[: len(users) // 2]
    is_known = np.isin(user_ids, drawn)
    bands = _bands(predicted[is_known], errors[is_known], coverage, top)
    codes = np.searchsorted([band.up_to for band in bands], predicted[~is_known], side="left")
    low, high = (np.array([getattr(band, end) for band in bands])[codes] for end in ("low", "high"))

    others = errors[~is_known]
    return float(np.mean((low <= others) & (others <= high)))


def _rounded(band: Band, *names: str) -> dict[str, float]:
    return {name: round(getattr(band, name), DIGITS) for name in names}
