import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera.errors import InputError
from cartelera.factorization import selection
from cartelera.factorization.selection import NO_TITLE, alphabetical_ranks, best_in_rows

SCORES = hnp.array_shapes(min_dims=2, max_dims=2, max_side=40).flatmap(
    lambda shape: hnp.arrays(
        np.float32, shape, elements=st.sampled_from([-np.inf, -1.0, 0.0, 0.25, 0.5, 3.0])
    )
)


@pytest.fixture(autouse=True, scope="module")
def small_limits():
    """Let a handful of titles go through the code that thousands go through."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "_MIN_GROUPS", 4)
        patch.setattr(selection, "_GROUPS_PER_PLACE", 1)
        patch.setattr(selection, "_CROWDED", 3)
        yield


def plainly(scores, k, ranks):
    order = sorted(range(len(scores)), key=lambda title: (-scores[title], ranks[title]))
    listed = [title for title in order if scores[title] > -np.inf][:k]
    return listed + [NO_TITLE] * (k - len(listed))


def test_ranks_are_places_in_the_alphabet():
    assert alphabetical_ranks(np.array(["ns2", "as1", "ns10"], dtype=object)).tolist() == [2, 0, 1]


def test_worked_by_hand():
    scores = np.array([[1.0, 3.0, -np.inf, 3.0], [-np.inf, -np.inf, 2.0, -np.inf]])
    best = best_in_rows(scores, 3, np.array([3, 2, 1, 0], dtype=np.int32))
    assert best.positions.tolist() == [[3, 1, 0], [2, NO_TITLE, NO_TITLE]]
    np.testing.assert_array_equal(best.scores, [[3.0, 3.0, 1.0], [2.0, np.nan, np.nan]])


@given(scores=SCORES, k=st.integers(1, 45), data=st.data())
def test_is_the_head_of_a_plain_sort(scores, k, data):
    n_titles = scores.shape[1]
    ranks = np.array(data.draw(st.permutations(range(n_titles))), dtype=np.int32)
    best = best_in_rows(scores, k, ranks)
    assert best.positions.tolist() == [plainly(row, k, ranks) for row in scores]
    for row, positions, values in zip(scores, best.positions, best.scores, strict=True):
        listed = positions != NO_TITLE
        assert values[listed].tolist() == row[positions[listed]].tolist()
        assert np.isnan(values[~listed]).all()


@given(
    true=hnp.arrays(
        np.float64, (3, 30), elements=st.sampled_from([0.0, 1e-9, 0.001, 0.0015, 0.1, 1.0])
    ),
    noise=hnp.arrays(np.float64, (3, 30), elements=st.floats(-0.001, 0.001)),
    k=st.integers(1, 9),
    is_hidden=hnp.arrays(np.bool_, (3, 30)),
)
def test_rounded_scores_give_the_lists_of_the_exact_ones(true, noise, k, is_hidden):
    rounded = np.where(is_hidden, -np.inf, true + noise)
    ranks = np.arange(30, dtype=np.int32)[::-1].copy()
    error = np.full(3, 0.001 + 1e-12)
    best = best_in_rows(rounded, k, ranks, exact=lambda r, t: true[r, t], error=error)
    exact = np.where(is_hidden, -np.inf, true)
    assert best.positions.tolist() == [plainly(row, k, ranks) for row in exact]


def test_only_what_may_be_listed_is_scored_exactly():
    scores = np.arange(100, dtype=np.float32)[np.newaxis]
    asked = []

    def exact(rows, titles):
        asked.extend(titles.tolist())
        return titles.astype(np.float64)

    best_in_rows(scores, 2, np.arange(100, dtype=np.int32), exact=exact, error=0.5)
    assert 2 <= len(asked) < 10


@pytest.mark.parametrize("place", [0, 7, 49])
def test_scores_that_are_not_numbers_are_refused(place):
    scores = np.zeros((2, 50), dtype=np.float32)
    scores[1, place] = np.nan
    with pytest.raises(InputError, match="not numbers"):
        best_in_rows(scores, 1, np.arange(50, dtype=np.int32))


@pytest.mark.parametrize("shape", [(0, 5), (2, 0)])
def test_nothing_to_choose_from(shape):
    best = best_in_rows(np.zeros(shape), 3, np.arange(shape[1], dtype=np.int32))
    assert best.positions.shape == (shape[0], 3)
    assert (best.positions == NO_TITLE).all()
