"""How sure a measured value is: intervals from resampling users."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

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

    Examples:
        >>> per_user = np.array([[10.0, 10.0], [30.0, 10.0]])  # stars, ratings
        >>> bootstrap_intervals(
        ...     per_user,
        ...     lambda sums: sums[:, :1] / sums[:, 1:],
        ...     n_bootstrap=100,
        ...     confidence=0.9,
        ...     seed=0,
        ... )
        [Interval(value=2.0, low=1.0, high=3.0)]
    """
    if len(per_user) == 0:
        raise ValueError("there are no users to resample")

    # Statistics of sums: each resample is how often users are drawn, times their columns.
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
