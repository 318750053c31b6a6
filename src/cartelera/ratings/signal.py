"""What is there to learn in these ratings? Two tests say so before a model is fitted."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.ratings.quality import find_quality
from cartelera.ratings.taste import find_taste
from cartelera.ratings.tested import UNTESTED, Outcome, RatingsUnderTest, draw_testable

MAX_ROWS = 100_000
"""Ratings the tests look at: enough to see faint signs, few enough to take seconds."""

_FLAT = 1e-9  # a mean square below this, in stars squared, is rounding
_OF_TASTE = 1  # what the seed of the test of taste has beside the seed

_VERDICTS = {
    (True, True): "Titles differ in quality in these ratings, and people in taste.",
    (True, False): (
        "Titles differ in quality in these ratings, but their stars show no differences in "
        "people's taste: by stars, lists are the same good titles for everyone."
    ),
    (False, True): (
        "People differ in taste in these ratings, but titles show no differences in quality: "
        "no title is a better choice for everyone."
    ),
    (False, False): (
        "These ratings show differences neither in titles' quality nor in people's taste: only "
        "users' own means predict."
    ),
}
"""By whether quality and taste are found."""


@dataclass(frozen=True)
class SignalVerdict:
    """What the tests found.

    Attributes:
        quality: Whether titles differ in quality. The statistic is the share of the variance of
            user-centred ratings that lies between titles, 0 to 1.
        taste: Whether people differ in taste beyond that. The statistic is the correlation of how
            people deviate on titles from everyone's judgement with how those like them do.
        sentence: The verdict in plain words, with the numbers.
        n_tested: Ratings the tests looked at.
    """

    quality: Outcome
    taste: Outcome
    sentence: str
    n_tested: int


def assess_signal(
    ratings: pd.DataFrame, *, n_permutations: int, alpha: float, seed: int, max_rows: int = MAX_ROWS
) -> SignalVerdict:
    """Test whether titles differ in quality, and people in taste beyond it.

    The two are tested apart, each at `alpha`; see `find_quality` and `find_taste`. Users with one
    rating say nothing about either and are left out. Of more than `max_rows` ratings the tests take
    whole users at random until that many are reached.

    Args:
        ratings: Columns `user_id`, `title_id`, `rating` (stars).
        n_permutations: Draws behind each p-value, the smallest being 1 / (1 + n_permutations).
        alpha: The largest p-value that counts as more than chance.
        seed: Seed of the sampling and of both tests.
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
    rows = draw_testable(ratings, max_rows, rng)
    untestable = _why_untestable(ratings, rows)
    if untestable:
        sentence = f"Neither quality nor taste could be tested in these ratings: {untestable}."
        return SignalVerdict(UNTESTED, UNTESTED, sentence, len(rows.users))

    quality = find_quality(rows, n_permutations=n_permutations, alpha=alpha, rng=rng)
    of_taste = np.random.default_rng((seed, _OF_TASTE))
    taste = find_taste(rows, n_flips=n_permutations, alpha=alpha, rng=of_taste)

    sentence = _sentence(quality, taste, n_permutations)
    if rows.is_drawn:
        sentence += (
            f" Tested on {len(rows.users):,} of {len(ratings):,} ratings: all ratings of "
            f"{rows.n_users:,} users drawn at random."
        )
    return SignalVerdict(quality, taste, sentence, len(rows.users))


def _why_untestable(ratings: pd.DataFrame, rows: RatingsUnderTest) -> str | None:
    if ratings.empty:
        return "there are no ratings"
    if ratings[c.TITLE_ID].eq(ratings[c.TITLE_ID].iloc[0]).all():
        return "they are all of one title"
    if rows.users.size == 0:
        return "no user rated more than one title"
    if np.mean(rows.centred**2) < _FLAT:
        return "every user gives the same rating to every title"
    return None


def _sentence(quality: Outcome, taste: Outcome, n_permutations: int) -> str:
    of_quality = (
        f"Quality: once each user's own mean is taken off, {quality.statistic:.1%} of the variance "
        f"lies between titles, where chance alone would put {quality.expected:.1%} (permutation "
        f"test with {n_permutations:,} shuffles, p = {quality.p_value:.3g})."
    )
    of_taste = (
        f"Taste: how people depart from everyone's judgement of a title correlates by "
        f"{taste.statistic:.3f} with how those who departed like them elsewhere do, where chance "
        f"alone would give 0 (ratings kept aside, {n_permutations:,} flips of signs, "
        f"p = {taste.p_value:.3g})."
    )
    if not taste.is_tested:
        of_taste = "Taste could not be tested: too few people rated the same titles."
    return f"{_verdict(quality, taste)} {of_quality} {of_taste}"


def _verdict(quality: Outcome, taste: Outcome) -> str:
    if taste.is_tested:
        return _VERDICTS[quality.is_found, taste.is_found]
    if quality.is_found:
        return "Titles differ in quality in these ratings."
    return "Titles show no differences in quality in these ratings."
