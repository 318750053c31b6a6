"""How far predicted ratings are from true ones, and how sure that figure is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cartelera.errors import InputError

FloatArray: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[FloatArray], FloatArray]

_BLOCK_BYTES = 32 << 20


@dataclass(frozen=True)
class Interval:
    """A measured value and the interval around it.

    Attributes:
        value: The value on the data as it is; NaN if the data do not determine it.
        low: Lower end of the interval.
        high: Upper end of the interval.
    """

    value: float
    low: float
    high: float


def rmse(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the root mean squared error.

    Args:
        true: True ratings in stars, shape (n,).
        predicted: Predicted ratings in stars, shape (n,).

    Raises:
        InputError: If there are no ratings or one is not a finite number.
        ValueError: If the shapes differ.
    """
    return float(np.sqrt(np.mean(np.square(residuals(true, predicted)))))


def mae(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean absolute error; arguments and errors as for `rmse`."""
    return float(np.mean(np.abs(residuals(true, predicted))))


def residuals(true: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """Return predicted minus true in stars, shape (n,); arguments and errors as for `rmse`."""
    true_stars = np.asarray(true, dtype=np.float64)
    predicted_stars = np.asarray(predicted, dtype=np.float64)
    if true_stars.shape != predicted_stars.shape or true_stars.ndim != 1:
        raise ValueError(f"shapes differ: true {true_stars.shape}, {predicted_stars.shape}")
    if true_stars.size == 0:
        raise InputError("There are no ratings to measure with: the test part is empty.")
    if not np.isfinite(true_stars).all():
        raise InputError("The true ratings hold values that are not finite numbers.")
    if not np.isfinite(predicted_stars).all():
        raise InputError(
            "The predicted ratings hold values that are not finite numbers: "
            "the model has diverged. Train it with a lower lr_all or a higher reg_all."
        )
    return predicted_stars - true_stars


def bootstrap_intervals(
    per_user: NDArray[Any],
    statistic: Statistic,
    *,
    n_bootstrap: int,
    confidence: float,
    seed: int,
) -> list[Interval]:
    """Return values with percentile intervals from resampling users.

    The ratings of one user depend on each other, so whole users are drawn with replacement, never
    single ratings: the cluster bootstrap of Davison and Hinkley, Bootstrap Methods and Their
    Application (1997), section 3.8. All columns see the same resamples, so the difference of two
    models' statistics is a paired one.

    Args:
        per_user: Sums over each user's ratings, shape (n_users, n_columns).
        statistic: Turns sums over users, shape (r, n_columns), into values, shape (r, n_values);
            NaN where a resample does not determine a value.
        n_bootstrap: Number of resamples.
        confidence: Coverage of the intervals, between 0 and 1.
        seed: Seed of the resamples.

    Returns:
        One interval for each value.

    Raises:
        ValueError: If there are no users.
    """
    if len(per_user) == 0:
        raise ValueError("there are no users to resample")
    columns = np.asarray(per_user, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = statistic(columns.sum(axis=0, keepdims=True))[0]
        resampled = np.concatenate(
            [
                statistic(times_drawn @ columns)
                for times_drawn in _resamples(len(columns), n_bootstrap, seed)
            ]
        )
    tail = (1.0 - confidence) / 2.0
    return [
        Interval(float(value), *_quantiles(draws, tail))
        for value, draws in zip(values, resampled.T, strict=True)
    ]


def _quantiles(draws: FloatArray, tail: float) -> tuple[float, float]:
    known = draws[~np.isnan(draws)]
    if known.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return float(low), float(high)


def _resamples(n_users: int, n_bootstrap: int, seed: int) -> Iterator[FloatArray]:
    """Yield how often each user is drawn, shape (block, n_users), `n_bootstrap` rows in total."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK_BYTES // (8 * n_users))
    for start in range(0, n_bootstrap, block):
        yield np.stack(
            [
                np.bincount(rng.integers(0, n_users, n_users), minlength=n_users)
                for _ in range(min(block, n_bootstrap - start))
            ]
        ).astype(np.float64)
