"""Titles to rate first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.ranking.elicitation import titles_to_rate

# Two tastes: two titles of the one, the best known of all, and two of the other.
FACTORS = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=np.float32)
N_RATINGS = np.array([100, 90, 60, 50], dtype=np.int32)


def ask(k: int, **more) -> list[int]:
    return titles_to_rate(FACTORS, N_RATINGS, k, **more).tolist()


def test_first_is_known_and_second_is_different():
    # After the first: .9 (.5² (1 + .9)) / (.5 + 1) = .285, against .6 (.6 + .5) / (1 + 1) = .33.
    assert ask(2) == [0, 2]


def test_by_hand_with_equally_known_titles():
    # K = [[4, 2], [2, 1]] + a third, unlike: 4² + 2² over 4 + s² wins, then the unlike one.
    factors = np.array([[2.0, 0], [1, 0], [0, 1]])
    assert titles_to_rate(factors, np.full(3, 5), 3).tolist() == [0, 2, 1]


def test_what_was_rated_is_neither_asked_for_nor_covered_again():
    assert ask(1, rated=np.array([0])) == [2]
    assert ask(1, rated=np.array([0, 2])) == [1]
    assert ask(4, rated=np.array([0, 1, 2, 3])) == []


def test_only_allowed_and_rated_titles():
    assert ask(4, allowed=np.array([False, True, True, False])) == [1, 2]
    n_ratings = np.array([0, 0, 3, 0])
    assert titles_to_rate(FACTORS, n_ratings, 4).tolist() == [2]
    assert titles_to_rate(FACTORS, np.zeros(4, np.int32), 4).tolist() == []


def test_factors_that_say_nothing_leave_popularity():
    found = titles_to_rate(np.zeros((3, 2)), np.array([1, 5, 3]), 3)
    assert sorted(found.tolist()) == [0, 1, 2]


def test_at_least_one():
    with pytest.raises(ValueError, match="k=0"):
        ask(0)


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_each_once_and_arguments_stay_as_they_are(seed, k):
    rng = np.random.default_rng(seed)
    factors, n_ratings = rng.normal(size=(9, 3)), rng.integers(0, 20, 9)
    allowed, rated = rng.random(9) < 0.8, np.unique(rng.integers(0, 9, 2))
    before = allowed.copy()

    found = titles_to_rate(factors, n_ratings, k, allowed=allowed, rated=rated)
    possible = np.flatnonzero(allowed & (n_ratings > 0))
    possible = np.setdiff1d(possible, rated)
    assert len(set(found.tolist())) == len(found) == min(k, len(possible))
    assert set(found) <= set(possible)
    np.testing.assert_array_equal(allowed, before)
