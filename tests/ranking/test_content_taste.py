"""How far content counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cartelera.ranking.content_taste import Mixing, Taste, content_weights, read_taste
from cartelera.ranking.score_scales import Scales

MIXING = Mixing()
EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]


def taste_of(*directions: list[float], weights: list[float] | None = None) -> Taste:
    given_weights = np.array(weights or [1.0] * len(directions))
    return read_taste(given_weights, np.reshape(directions, (-1, 2)), many(len(directions)), MIXING)


def many(n: int) -> np.ndarray:
    return np.full(n, 1000)


def test_two_like_titles_are_half_the_evidence_of_many() -> None:
    halfway = Mixing(coherence_low=0.0, coherence_high=1.0)
    two = read_taste(np.ones(2), np.array([EAST, EAST]), many(2), halfway)
    ten = read_taste(np.ones(10), np.array([EAST] * 10), many(10), halfway)

    assert (two.focus, ten.focus) == (pytest.approx(0.5), pytest.approx(0.9))


@pytest.mark.parametrize(
    "directions", [[], [EAST], [EAST, NORTH], [EAST, WEST], [EAST, NORTH, WEST, [0.0, 0.0]]]
)
def test_nothing_is_made_of_few_or_unlike_titles(directions: list[list[float]]) -> None:
    assert taste_of(*directions).focus == 0


def test_disliked_titles_say_nothing_of_a_taste() -> None:
    liked = taste_of(EAST, EAST, EAST)
    among_disliked = taste_of(EAST, NORTH, EAST, EAST, weights=[1, 0, 1, 1])

    assert among_disliked.focus == liked.focus
    assert among_disliked.own_likeness == liked.own_likeness == 1
    assert taste_of(EAST, EAST, weights=[0, 0]).focus == 0


def test_own_likeness_leaves_each_title_out_of_itself() -> None:
    # 0.5 for each of the two to the east, 0 for the one to the north.
    assert taste_of(EAST, EAST, NORTH).own_likeness == pytest.approx(1 / 3)


def test_content_comes_into_the_range_of_the_ranking() -> None:
    ranking, content = np.array([4.0, 2.0, 0.0, 7.0]), np.array([0.0, 0.1, 0.2, 0.3])
    scales = Scales.of(ranking[np.newaxis], content[np.newaxis], 3)
    focused = Taste(np.zeros(2), 3.0, 1.0, 1.0, 0.0, 30)

    rated, _ = content_weights(focused, scales, MIXING)

    # Of three titles the spread is from the best to the middle one: 2 and 0.1; the pull is 1.375.
    assert rated == pytest.approx(1.375 * 2 / 0.1)


def test_where_nobody_else_rated_a_history_content_decides() -> None:
    ranking, content = np.array([4.0, 2.0, 0.0]), np.array([0.0, 0.1, 0.2])
    known = Taste(np.zeros(2), 3.0, 0.0, 0.0, 0.0, 3)
    unknown = Taste(np.zeros(2), 3.0, 0.0, 0.0, 1.0, 3)

    weights = [content_weights(taste, Scales(20.0), MIXING)[0] for taste in (known, unknown)]
    assert [int(np.argmax(ranking + weight * content)) for weight in weights] == [0, 2]


@given(arrays(np.float64, (6, 3), elements=st.floats(-1, 1)), st.integers(0, 6))
def test_tastes_stay_in_their_ranges(vectors: np.ndarray, n_unrated: int) -> None:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 1e-6)
    taste = read_taste(np.ones(6), directions, (np.arange(6) >= n_unrated) * 1000, MIXING)

    assert 0 <= taste.focus <= 1
    assert -1 - 1e-9 <= taste.own_likeness <= 1 + 1e-9
    assert taste.unrated_share == pytest.approx(n_unrated / 6)
