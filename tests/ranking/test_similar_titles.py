"""Titles like a title, by ratings and catalogue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.ranking.similar import CONTENT_WEIGHT, HALF_TRUST, Likeness, nearest

RANKS = np.arange(4, dtype=np.int32)


def likeness(factors, content, n_ratings) -> Likeness:
    return Likeness(
        np.array(factors, np.float32), np.array(content, np.float32), np.array(n_ratings, np.int32)
    )


@pytest.fixture
def four() -> Likeness:
    """A much rated title, a fellow of its viewers, a fellow by the catalogue, one all alone."""
    many = 90 * int(HALF_TRUST) // 10  # w = 0.9
    return likeness(
        [[2, 0], [3, 0], [5, 0], [0, 1]],
        [[1, 0], [0, 2], [3, 0], [0, 0]],
        [many, many, 0, 0],
    )


def test_likeness_by_hand(four):
    # |v| is sqrt(.81 + c) of the first two; the factors of titles without ratings do not count.
    length = four.lengths[0]
    assert length**2 == pytest.approx(four.trust[0] ** 2 + CONTENT_WEIGHT)
    expected = np.array([length**2, four.trust[0] ** 2, CONTENT_WEIGHT, 0]) / length**2
    np.testing.assert_allclose(four.to(0), expected, rtol=1e-6)


def test_nearest(four):
    best = nearest(four, 0, 3, RANKS)
    assert best.positions.tolist() == [[1, 2, 3]]
    hidden = np.array([False, True, False, False])
    assert nearest(four, 0, 3, RANKS, hidden).positions.tolist() == [[2, 3, -1]]


def test_title_without_ratings_has_neighbours_by_the_catalogue(four):
    assert nearest(four, 2, 1, RANKS).positions.tolist() == [[0]]


def test_nothing_is_like_a_title_of_which_nothing_is_known(four):
    assert nearest(four, 3, 2, RANKS).positions.tolist() == [[-1, -1]]
    assert four.to(3).tolist() == [0, 0, 0, 0]


def test_few_ratings_leave_the_word_to_the_catalogue():
    # Viewers say the second is like the first, the catalogue says the third.
    def nearest_with(n_ratings: int) -> int:
        given = likeness(
            [[1, 0], [1, 0], [0, 1]], [[1, 0], [0, 1], [1, 0]], [n_ratings, 1000, 1000]
        )
        return int(nearest(given, 0, 1, RANKS[:3]).positions[0, 0])

    assert nearest_with(1) == 2
    assert nearest_with(1000) == 1


def test_without_content():
    given = likeness([[1, 0], [1, 1], [0, 1]], np.zeros((3, 0)), [10, 10, 10])
    assert nearest(given, 0, 2, RANKS[:3]).positions.tolist() == [[1, 2]]
    assert given.directions(np.array([1])).shape == (1, 2)


@given(st.integers(0, 10_000))
def test_directions_agree_with_likeness(seed):
    rng = np.random.default_rng(seed)
    given = likeness(rng.normal(size=(6, 3)), rng.normal(size=(6, 2)), rng.integers(0, 40, 6))
    directions = given.directions(np.arange(6))

    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), 1, rtol=1e-5)
    products = directions @ directions[0] * given.lengths / given.lengths.max()
    np.testing.assert_allclose(given.to(0), products, atol=1e-5)
    assert np.abs(given.to(0)).max() <= 1
