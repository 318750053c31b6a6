import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera.evaluation.metrics.coverage import coverage_at_k
from cartelera.evaluation.metrics.gini import gini_at_k
from cartelera.evaluation.metrics.novelty import novelty_at_k
from cartelera.evaluation.metrics.overlap import overlap_at_k
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.top_k import TopK


def lists(*rows, n_titles=4) -> TopK:
    positions = np.array(rows, dtype=np.int32)
    ids = np.array([f"t{title}" for title in range(n_titles)], dtype=object)
    return TopK(np.arange(len(rows)), ids, positions, np.zeros(positions.shape))


THREE = lists([0, 1], [0, 2], [0, NO_TITLE])


def test_worked_by_hand():
    assert THREE.times_listed().tolist() == [3, 1, 1, 0]
    assert coverage_at_k(THREE, 4) == 3 / 4
    assert coverage_at_k(THREE, 6) == 3 / 6
    # 0, 1, 1 and 3 of 5 places: (-3 * 0 - 1 * 1 + 1 * 1 + 3 * 3) / (4 * 5).
    assert gini_at_k(THREE, 4) == pytest.approx(9 / 20)
    assert novelty_at_k(THREE, np.array([1.0, 2.0, 4.0, 8.0])).tolist() == [1.5, 2.5, 1.0]
    # Each has title 0 in common with two others, of two places.
    assert overlap_at_k(THREE).tolist() == [0.5, 0.5, 0.5]


def test_titles_that_do_not_compete_are_listed_never():
    padded = np.sort([0, 0, 3, 1, 1, 0])
    places = np.arange(1, 7)
    expected = ((2 * places - 7) * padded).sum() / (6 * 5)
    assert gini_at_k(THREE, 6) == pytest.approx(expected)


def test_the_extremes():
    one_list_for_all = lists([0, 1], [0, 1], [1, 0])
    assert overlap_at_k(one_list_for_all).tolist() == [1.0] * 3
    apart = lists([0, 1], [2, 3])
    assert overlap_at_k(apart).tolist() == [0.0, 0.0]
    assert gini_at_k(apart, 4) == 0.0
    assert gini_at_k(lists([0], [0], n_titles=1000), 1000) == pytest.approx(1, abs=0.002)


def test_without_users_or_titles_there_is_no_value():
    nobody = TopK(np.array([], int), np.array(["a"]), np.empty((0, 2), np.int32), np.empty((0, 2)))
    assert np.isnan(coverage_at_k(nobody, 1))
    assert np.isnan(gini_at_k(nobody, 1))
    assert overlap_at_k(nobody).shape == (0,)
    assert np.isnan(overlap_at_k(lists([0, 1]))).all()
    assert np.isnan(novelty_at_k(lists([NO_TITLE, NO_TITLE]), np.zeros(4))).all()


@given(hnp.arrays(np.int32, st.tuples(st.integers(2, 6), st.just(1)), elements=st.integers(0, 4)))
def test_overlap_is_the_mean_over_pairs(positions):
    top = lists(*positions, n_titles=5)
    n = len(positions)
    pairs = [set(positions[i]) == set(positions[j]) for i in range(n) for j in range(i)]
    assert overlap_at_k(top).mean() == pytest.approx(np.mean(pairs))


@given(
    hnp.arrays(
        np.int32, st.tuples(st.integers(1, 6), st.integers(1, 4)), elements=st.integers(0, 9)
    ),
    st.integers(10, 20),
)
def test_gini_lies_between_0_and_1(positions, n_titles):
    assert -1e-12 <= gini_at_k(lists(*positions, n_titles=10), n_titles) < 1
