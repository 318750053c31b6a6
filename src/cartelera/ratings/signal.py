"""Is there taste in these ratings at all? A permutation test says so before a model is fitted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.errors import ConfigError

MAX_ROWS = 100_000
"""Ratings the test looks at: enough to see faint taste, few enough to take seconds."""

_NO_TASTE = "There is no taste to learn in these ratings"
_FLAT = 1e-9  # a mean square below this, in stars squared, is rounding
_TIE = 1 - 1e-12  # sums of the same numbers in another order differ by rounding


@dataclass(frozen=True)
class SignalVerdict:
    """What the test found.

    Attributes:
        statistic: Share of the variance of user-centred ratings that lies between titles, 0 to 1.
        expected: The mean of that share when chance alone deals ratings to titles.
        p_value: How often chance alone does as well; 1 when nothing could be tested.
        has_taste: Whether the p-value is at most alpha.
        sentence: The verdict in plain words.
        n_tested: Ratings the test looked at.
    """

    statistic: float
    expected: float
    p_value: float
    has_taste: bool
    sentence: str
    n_tested: int


@dataclass(frozen=True)
class _Rows:
    """Ratings to test, sorted by user: codes from 0 on and ratings without the user's mean."""

    users: np.ndarray
    titles: np.ndarray
    centred: np.ndarray
    drawn: bool  # whether some testable users were left out

    def share_between_titles(self, centred: np.ndarray) -> float:
        """Give sum_t n_t * mean_t^2 over the total sum of squares."""
        sums = np.bincount(self.titles, weights=centred)
        counts = np.bincount(self.titles)
        return float(np.sum(sums**2 / counts) / np.sum(self.centred**2))


def taste_signal(
    ratings: pd.DataFrame, *, n_permutations: int, alpha: float, seed: int, max_rows: int = MAX_ROWS
) -> SignalVerdict:
    """Test whether titles' means vary more than chance allows.

    Each user's mean is taken off; the statistic is the share of the remaining variance that lies
    between titles. Under the null a user's ratings could as well have gone to any other of the
    titles the user rated: they are shuffled among each user's own rows, which keeps every user's
    mean and activity and every title's number of ratings. The p-value counts the observed order
    as one of the permutations (Phipson & Smyth 2010), (1 + #{null >= observed}) / (1 + n).

    Users with one rating cannot be shuffled and are left out. Of more than `max_rows` ratings the
    test takes whole users at random until that many are reached.

    Args:
        ratings: Columns `user_id`, `title_id`, `rating` (stars).
        n_permutations: Shuffles; the smallest possible p-value is 1 / (1 + n_permutations).
        alpha: The largest p-value that counts as taste.
        seed: Seed of the sampling and the shuffles.
        max_rows: Ratings to look at, at most about.

    Raises:
        ConfigError: If so few permutations can never reach alpha.
    """
    if alpha * (1 + n_permutations) < 1:
        raise ConfigError(
            f"n_permutations={n_permutations} is too few for alpha={alpha}: "
            f"{int(np.ceil(1 / alpha)) - 1} or more are needed for a p-value so small."
        )
    rng = np.random.default_rng(seed)
    rows = _testable_rows(ratings, max_rows, rng)
    untestable = _why_untestable(ratings, rows)
    if untestable:
        return SignalVerdict(0.0, 0.0, 1.0, False, f"{_NO_TASTE}: {untestable}.", len(rows.users))

    observed = rows.share_between_titles(rows.centred)
    null = np.empty(n_permutations)
    for i in range(n_permutations):
        shuffled_within_users = np.argsort(rows.users + rng.random(len(rows.users)))
        null[i] = rows.share_between_titles(rows.centred[shuffled_within_users])
    p_value = float((1 + np.sum(null >= observed * _TIE)) / (1 + n_permutations))
    expected = float(null.mean())
    has_taste = p_value <= alpha

    sentence = _sentence(observed, expected, p_value, n_permutations, has_taste)
    if rows.drawn:
        sentence += (
            f" Tested on {len(rows.users):,} of {len(ratings):,} ratings: all ratings of "
            f"{rows.users[-1] + 1:,} users drawn at random."
        )
    return SignalVerdict(observed, expected, p_value, has_taste, sentence, len(rows.users))


def _testable_rows(ratings: pd.DataFrame, max_rows: int, rng: np.random.Generator) -> _Rows:
    """Take whole users with two ratings or more, at random up to the cap."""
    users, _ = pd.factorize(ratings[c.USER_ID], sort=True)
    activity = np.bincount(users)
    testable = np.flatnonzero(activity > 1)
    too_many = bool(activity[testable].sum() > max_rows)
    if too_many:
        drawn = rng.permutation(testable)
        rows_before = np.cumsum(activity[drawn]) - activity[drawn]
        testable = drawn[rows_before < max_rows]
    chosen = np.zeros(len(activity), dtype=bool)
    chosen[testable] = True

    positions = np.flatnonzero(chosen[users])
    positions = positions[np.argsort(users[positions], kind="stable")]
    codes, _ = pd.factorize(users[positions])
    titles, _ = pd.factorize(ratings[c.TITLE_ID].iloc[positions])
    values = ratings[c.RATING].to_numpy(dtype=np.float64)[positions]
    means = np.bincount(codes, weights=values) / np.maximum(np.bincount(codes), 1)
    return _Rows(codes, titles, values - means[codes], drawn=too_many)


def _why_untestable(ratings: pd.DataFrame, rows: _Rows) -> str | None:
    if ratings.empty:
        return "there are no ratings"
    if ratings[c.TITLE_ID].eq(ratings[c.TITLE_ID].iloc[0]).all():
        return "they are all of one title"
    if rows.users.size == 0:
        return "no user rated more than one title"
    if np.mean(rows.centred**2) < _FLAT:
        return "every user gives the same rating to every title"
    return None


def _sentence(
    observed: float, expected: float, p_value: float, n_permutations: int, has_taste: bool
) -> str:
    test = f"permutation test with {n_permutations:,} shuffles, p = {p_value:.3g}"
    if has_taste:
        return (
            f"There is taste in these ratings: once each user's own mean is taken off, "
            f"{observed:.1%} of the variance lies between titles, where chance alone would put "
            f"{expected:.1%} ({test})."
        )
    return (
        f"{_NO_TASTE}: titles' means vary no more than chance allows. Once each user's own mean "
        f"is taken off, {observed:.1%} of the variance lies between titles, and chance alone "
        f"would put {expected:.1%} there ({test}). So only users' own means predict."
    )
