"""What the tests of the ratings have in common: the ratings they look at, and what they find."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c

TIE = 1e-12
"""Sums of the same numbers in another order differ by rounding, up to this share."""


@dataclass(frozen=True)
class Outcome:
    """What one test found.

    Attributes:
        statistic: What was measured, 0 for what could not be tested.
        expected: The mean of that when there is nothing but chance.
        p_value: How often chance alone does as well; 1 when nothing could be tested.
        is_found: Whether the p-value is at most alpha.
        is_tested: Whether these ratings could be tested at all.
    """

    statistic: float
    expected: float
    p_value: float
    is_found: bool
    is_tested: bool = True


UNTESTED = Outcome(0.0, 0.0, 1.0, is_found=False, is_tested=False)
"""The outcome on ratings that say nothing either way."""


@dataclass(frozen=True)
class RatingsUnderTest:
    """Ratings to test, sorted by user.

    Attributes:
        users: Code of each rating's user, from 0 on; shape (n_ratings,).
        titles: Code of each rating's title, from 0 on; shape (n_ratings,).
        values: The ratings, in stars; shape (n_ratings,).
        centred: The ratings without the user's mean, in stars; shape (n_ratings,).
        is_drawn: Whether some testable users were left out.
    """

    users: np.ndarray
    titles: np.ndarray
    values: np.ndarray
    centred: np.ndarray
    is_drawn: bool

    @property
    def n_users(self) -> int:
        """Number of users."""
        return int(self.users[-1]) + 1 if self.users.size else 0


def draw_testable(
    ratings: pd.DataFrame, max_rows: int, rng: np.random.Generator
) -> RatingsUnderTest:
    """Take whole users with two ratings or more, at random up to the cap.

    Args:
        ratings: Columns `user_id`, `title_id`, `rating` (stars).
        max_rows: Ratings from which on no further user is taken.
        rng: Draws the users.
    """
    users, _ = pd.factorize(ratings[c.USER_ID], sort=True)
    activity = np.bincount(users)
    testable = np.flatnonzero(activity > 1)
    n_testable = len(testable)
    if activity[testable].sum() > max_rows:
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
    return RatingsUnderTest(
        codes, titles, values, values - means[codes], len(testable) < n_testable
    )
