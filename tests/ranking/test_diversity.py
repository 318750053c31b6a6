"""Greedy re-ranking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.ranking.diversity import diversify


def candidates(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, 4))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return np.sort(rng.random(n))[::-1], directions


def test_by_hand():
    # Twins first; the third is unlike them, the fourth in between and worst.
    scores = np.array([1.0, 0.9, 0.5, 0.0])
    directions = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])

    # Second place: .9 - .1 * .9 - .1 = .71, against .5 * .9 = .45.
    assert diversify(scores, directions, 3, 0.1).tolist() == [0, 1, 2]
    # .9 * .6 - .4 = .14, against .5 * .6 = .3; then .14, against 0 - .4 * .8 = -.32.
    assert diversify(scores, directions, 3, 0.4).tolist() == [0, 2, 1]
    # Only the likeness to the nearest counts: 1 against .8 in the third place.
    assert diversify(scores, directions, 3, 1.0).tolist() == [0, 2, 3]


def test_equal_scores_and_unknown_titles():
    assert diversify(np.ones(3), np.zeros((3, 2)), 3, 0.5).tolist() == [0, 1, 2]
    assert diversify(np.zeros(0), np.zeros((0, 2)), 5, 0.5).tolist() == []


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan")])
def test_only_from_0_to_1(diversity):
    with pytest.raises(ValueError, match="diversity"):
        diversify(np.ones(1), np.ones((1, 1)), 1, diversity)


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 12))
def test_nothing_changes_at_0(seed, n, k):
    scores, directions = candidates(seed, n)
    assert diversify(scores, directions, k, 0.0).tolist() == list(range(min(k, n)))


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 12), st.floats(0, 1))
def test_each_once_and_the_best_first(seed, n, k, diversity):
    chosen = diversify(*candidates(seed, n), k, diversity).tolist()
    assert len(chosen) == len(set(chosen)) == min(k, n)
    assert chosen[0] == 0


@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.2, 0.5]))
def test_unit_and_origin_of_scores_do_not_matter(seed, diversity):
    scores, directions = candidates(seed, 20)
    chosen = diversify(scores, directions, 8, diversity).tolist()
    assert diversify(scores * 64 + 8, directions, 8, diversity).tolist() == chosen


def test_lists_are_more_diverse_on_average():
    def likeness(diversity: float) -> float:
        total = 0.0
        for seed in range(30):
            scores, directions = candidates(seed, 50)
            listed = directions[diversify(scores, directions, 10, diversity)]
            total += float((listed @ listed.T).sum())
        return total

    assert likeness(0.0) > likeness(0.2) > likeness(0.6)
