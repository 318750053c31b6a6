"""When a study ends early: as soon as more trials promise too little."""

from collections.abc import Sequence
from typing import Final

FEWEST_TRIALS: Final = 10
"""A study is not judged before it has so many trials with a value."""


def promises_too_little(values: Sequence[float | None], min_gain: float) -> bool:
    """Tell whether a study should end here.

    Args:
        values: Of the finished trials in their order, lower is better; None without one.
        min_gain: The least expected gain that is worth as many trials again; 0 never ends a study.
    """
    known = [value for value in values if value is not None]
    return min_gain > 0 and len(known) >= FEWEST_TRIALS and expected_gain(known) < min_gain


def n_worthwhile(values: Sequence[float | None], min_gain: float) -> int:
    """Count the trials after which a study should have ended, or all if it should go on.

    Args:
        values: As for `promises_too_little`.
        min_gain: Likewise.
    """
    lengths = range(FEWEST_TRIALS, len(values)) if min_gain > 0 else ()
    ends = (length for length in lengths if promises_too_little(values[:length], min_gain))
    return next(ends, len(values))


def expected_gain(values: Sequence[float]) -> float:
    """Estimate how much as many trials again would lower the best value.

    What doubling the trials brings next time is at most what it brought last time, as long as
    returns diminish. That is looked at in two ways, and the larger answer counts:

    - What the second half of the trials gained over the first. This sees a sampler that is still
      on its way down, but chance decides in which half a single lucky trial falls.
    - What all trials gain over half of them drawn at random, on average over all such draws. This
      does not depend on the order: it is small when several trials are about as good as the best.

    Args:
        values: Of the trials in their order, lower is better; two or more.

    Examples:
        >>> expected_gain([5.0, 4.0, 3.0, 3.0])
        1.0
    """
    half = len(values) // 2
    best = min(values)
    return max(min(values[:half]) - best, _mean_best_of(half, values) - best)


def _mean_best_of(n_drawn: int, values: Sequence[float]) -> float:
    """Return the mean, over all draws of so many of the values, of the lowest one drawn.

    The k-th lowest (from 0) of n values is the lowest of the m drawn with probability
    `C(n - 1 - k, m - 1) / C(n, m)`; each follows from the one before.
    """
    n = len(values)
    probability = n_drawn / n
    mean = 0.0
    for k, value in enumerate(sorted(values)):
        mean += probability * value
        if k < n - 1:
            probability *= (n - n_drawn - k) / (n - 1 - k)
    return mean
