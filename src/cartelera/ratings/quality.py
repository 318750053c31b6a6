"""Do titles differ in quality? A permutation test of their means."""

import numpy as np

from cartelera.ratings.tested import TIE, Outcome, RatingsUnderTest


def find_quality(
    rows: RatingsUnderTest, *, n_permutations: int, alpha: float, rng: np.random.Generator
) -> Outcome:
    """Test whether titles' means vary more than chance allows.

    Each user's mean is taken off; the statistic is the share of the remaining variance that lies
    between titles. Under the null a user's ratings could as well have gone to any other of the
    titles the user rated: they are shuffled among each user's own rows, which keeps every user's
    mean and activity and every title's number of ratings. The p-value counts the observed order
    as one of the permutations (Phipson & Smyth 2010), (1 + #{null >= observed}) / (1 + n).

    Args:
        rows: Ratings, not all of them equal to their user's mean.
        n_permutations: Shuffles; the smallest possible p-value is 1 / (1 + n_permutations).
        alpha: The largest p-value that counts as quality.
        rng: Shuffles.

    Returns:
        The share of variance, 0 to 1, and its mean over the shuffles.
    """
    observed = _share_between_titles(rows, rows.centred)
    null = np.empty(n_permutations)
    for i in range(n_permutations):
        shuffled_within_users = np.argsort(rows.users + rng.random(len(rows.users)))
        null[i] = _share_between_titles(rows, rows.centred[shuffled_within_users])

    p_value = float((1 + np.sum(null >= observed * (1 - TIE))) / (1 + n_permutations))
    return Outcome(observed, float(null.mean()), p_value, p_value <= alpha)


def _share_between_titles(rows: RatingsUnderTest, centred: np.ndarray) -> float:
    """Return sum_t n_t * mean_t^2 over the total sum of squares."""
    sums = np.bincount(rows.titles, weights=centred)
    counts = np.bincount(rows.titles)
    return float(np.sum(sums**2 / counts) / np.sum(rows.centred**2))
