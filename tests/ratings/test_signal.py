import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ratings.simulated import World, frame

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.ratings.signal import assess_signal
from cartelera.ratings.tested import UNTESTED


def planted(title_sd: float, n_users: int = 60, n_titles: int = 40, seed: int = 0) -> pd.DataFrame:
    """Every user rates half of the titles; user means differ, titles differ by `title_sd`."""
    rng = np.random.default_rng(seed)
    users, titles = np.nonzero(rng.random((n_users, n_titles)) < 0.5)
    opinion = rng.normal(3.5, 0.6, n_users)[users] + rng.normal(0, title_sd, n_titles)[titles]
    stars = np.clip(np.round(2 * (opinion + rng.normal(0, 0.7, len(users)))) / 2, 0.5, 5)
    return frame(users, [f"as{t}" for t in titles], stars)


def verdict_of(ratings, n_permutations=199, alpha=0.01, seed=0, **more):
    return assess_signal(ratings, n_permutations=n_permutations, alpha=alpha, seed=seed, **more)


@pytest.mark.parametrize(
    ("world", "found", "beginning"),
    [
        (
            World(taste=1.0, n_each=25),
            (True, True),
            "Titles differ in quality in these ratings, and people",
        ),
        (World(), (True, False), "Titles differ in quality in these ratings, but their stars"),
        (
            World(taste=1.0, n_each=25, quality=0),
            (False, True),
            "People differ in taste in these ratings, but",
        ),
        (World(quality=0), (False, False), "These ratings show differences neither in titles' qua"),
    ],
    ids=["both", "quality", "taste", "neither"],
)
def test_the_verdict_names_what_there_is(world, found, beginning):
    verdict = verdict_of(world.rate(seed=1))
    assert (verdict.quality.is_found, verdict.taste.is_found) == found
    assert verdict.sentence.startswith(beginning)
    assert f"p = {verdict.quality.p_value:.3g}" in verdict.sentence
    assert f"p = {verdict.taste.p_value:.3g}" in verdict.sentence


def test_planted_quality_is_found():
    quality = verdict_of(planted(title_sd=0.4)).quality
    assert quality.is_found
    assert quality.p_value == 1 / 200  # no shuffle does as well
    assert quality.statistic > 2 * quality.expected


def test_titles_dealt_at_random_are_neither():
    ratings = planted(title_sd=0.4)
    rng = np.random.default_rng(1)
    ratings[c.TITLE_ID] = rng.permutation(ratings[c.TITLE_ID].to_numpy())
    verdict = verdict_of(ratings)
    assert not verdict.quality.is_found
    assert not verdict.taste.is_found
    assert verdict.quality.p_value > 0.01
    assert verdict.quality.statistic == pytest.approx(verdict.quality.expected, rel=0.3)
    assert "only users' own means predict" in verdict.sentence


def test_users_means_alone_are_neither():
    """Harsh users rate one half of the titles, mild ones the other: means differ, no more."""
    rng = np.random.default_rng(2)
    users = np.repeat(np.arange(40), 10)
    titles = [f"ns{code}" for code in (users % 2) * 10 + np.tile(np.arange(10), 40)]
    ratings = frame(users, titles, np.where(users % 2, 4.0, 2.0) + rng.choice([-0.5, 0.5], 400))
    raw_title_means = ratings.groupby(c.TITLE_ID)[c.RATING].mean()
    assert raw_title_means.max() - raw_title_means.min() > 1.5
    verdict = verdict_of(ratings)
    assert not verdict.quality.is_found
    assert not verdict.taste.is_found


def test_share_between_titles_worked_by_hand():
    """Centred ratings: user 1 gives a +1, b -1; user 2 gives a +1, c -1.

    Between titles: a 2 * 1^2, b 1, c 1, in all 4 of a sum of squares of 4. Of the four equally
    likely orders one puts 2 on a, one -2 (share 1), two put 0 on a (share 2/4): 3/4 on average.
    """
    ratings = frame([1, 1, 2, 2], ["a", "b", "a", "c"], [4, 2, 5, 3])
    verdict = verdict_of(ratings, n_permutations=4_000)
    assert verdict.quality.statistic == pytest.approx(1.0)
    assert verdict.quality.expected == pytest.approx(0.75, abs=0.02)
    assert verdict.quality.p_value == pytest.approx(0.5, abs=0.04)
    assert not verdict.taste.is_tested
    assert "Taste could not be tested" in verdict.sentence


def test_a_seed_gives_one_answer():
    ratings = planted(title_sd=0.2)
    assert verdict_of(ratings, seed=5) == verdict_of(ratings, seed=5)
    one, other = verdict_of(ratings, seed=5), verdict_of(ratings, seed=6)
    assert one.quality.expected != other.quality.expected
    assert one.taste.statistic != other.taste.statistic


def test_many_ratings_are_tested_on_whole_users():
    ratings = planted(title_sd=0.4)
    verdict = verdict_of(ratings, max_rows=400)
    assert 400 <= verdict.n_tested < 450
    assert f"Tested on {verdict.n_tested:,} of {len(ratings):,} ratings" in verdict.sentence
    assert verdict.quality.is_found


def test_nobody_is_said_to_be_left_out_who_is_not():
    ratings = planted(title_sd=0.4)
    assert "drawn at random" not in verdict_of(ratings, max_rows=len(ratings) - 1).sentence


@pytest.mark.parametrize(
    ("ratings", "why"),
    [
        (frame([], [], []), "there are no ratings"),
        (frame([1, 2, 3], ["a", "a", "a"], [1, 3, 5]), "all of one title"),
        (frame([1, 2, 3], ["a", "b", "c"], [1, 3, 5]), "no user rated more than one title"),
        (frame([1, 1, 2, 2], ["a", "b", "a", "b"], [4, 4, 2, 2]), "the same rating"),
    ],
)
def test_what_cannot_be_tested_is_not_said_to_be_missing(ratings, why):
    verdict = verdict_of(ratings)
    assert verdict.quality == verdict.taste == UNTESTED
    assert verdict.sentence.startswith("Neither quality nor taste could be tested in these rat")
    assert why in verdict.sentence


def test_one_rating_a_title_is_no_quality():
    quality = verdict_of(frame([1, 1, 2, 2], ["a", "b", "c", "d"], [1, 5, 2, 4])).quality
    assert (quality.p_value, quality.is_found) == (1.0, False)


def test_quality_is_told_where_taste_cannot_be_tested():
    """Everybody rates two titles of the same pair: nobody departs from others elsewhere."""
    users = np.repeat(np.arange(60), 2)
    pairs = pd.DataFrame({c.USER_ID: users, c.TITLE_ID: np.tile(["as1", "as2"], 60)})
    verdict = verdict_of(pairs.assign(rating=np.tile([4.5, 2.0], 60)))

    assert verdict.quality.is_found
    assert not verdict.taste.is_tested
    assert verdict.sentence.startswith("Titles differ in quality in these ratings.")


def test_as_few_permutations_as_alpha_needs_are_enough():
    assert verdict_of(planted(0.1), n_permutations=99, alpha=0.01).quality.is_tested


def test_too_few_permutations_for_alpha_are_refused():
    with pytest.raises(ConfigError, match=r"n_permutations=99 is too few for alpha=0.001: 999"):
        verdict_of(planted(0.1), n_permutations=99, alpha=0.001)


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.sampled_from([1.0, 2.5, 5.0])),
        max_size=12,
        unique_by=lambda row: row[:2],
    )
)
def test_any_ratings_get_a_verdict_in_range(rows):
    verdict = verdict_of(frame(*([row[i] for row in rows] for i in range(3))))
    for outcome in (verdict.quality, verdict.taste):
        assert 0 < outcome.p_value <= 1
        assert outcome.is_found == (outcome.p_value <= 0.01)
        assert 0 <= outcome.expected <= 1 + 1e-9
    assert 0 <= verdict.quality.statistic <= 1 + 1e-9
    assert -1 - 1e-9 <= verdict.taste.statistic <= 1 + 1e-9
