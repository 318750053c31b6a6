import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera import columns as c
from cartelera.evaluation.judged_lists import find_hits
from cartelera.evaluation.metrics.average_precision import average_precision_at_k
from cartelera.evaluation.metrics.ndcg import ndcg_at_k
from cartelera.evaluation.metrics.precision import precision_at_k
from cartelera.evaluation.metrics.recall import recall_at_k
from cartelera.evaluation.metrics.stratified_recall import stratified_recall_at_k
from cartelera.evaluation.metrics.tail_recall import tail_recall_at_k
from cartelera.ranking.histories import Histories
from cartelera.ranking.top_k import top_k

SECOND_PLACE = 1 / np.log2(3)

LISTS = hnp.arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 8)))


@pytest.fixture
def top(ranker, train):
    users = np.array([1, 2, 4])
    return top_k(ranker, Histories.from_frame(train, ranker.title_ids, users), 2)


@pytest.fixture
def hits(top, test):
    return find_hits(top, test[test[c.RATING] >= 4])


def test_hits_worked_by_hand(hits):
    places, n_relevant = hits

    assert places.tolist() == [[True, False], [False, True], [True, False]]
    assert n_relevant.tolist() == [2, 1, 1]


def test_measures_worked_by_hand(hits):
    places, n_relevant = hits

    assert precision_at_k(places).tolist() == [0.5, 0.5, 0.5]
    assert recall_at_k(places, n_relevant).tolist() == [0.5, 1.0, 1.0]
    assert ndcg_at_k(places, n_relevant) == pytest.approx(
        [1 / (1 + SECOND_PLACE), SECOND_PLACE, 1.0]
    )
    assert average_precision_at_k(places, n_relevant).tolist() == [0.5, 0.5, 1.0]


def test_recall_of_the_less_known_worked_by_hand():
    """Three relevant titles of weights 1, 1/2 and 1/2; the list hits the first and one half."""
    hits = np.array([[True, False, True]])
    weights = np.array([[1.0, 0.25, 0.5]])
    assert stratified_recall_at_k(hits, weights, np.array([2.0])).tolist() == [0.75]

    is_tail = np.array([[False, True, True]])
    assert tail_recall_at_k(hits, is_tail, np.array([2])).tolist() == [0.5]
    assert np.isnan(tail_recall_at_k(hits & ~is_tail, is_tail, np.array([0]))).all()


@given(hits=LISTS)
def test_where_all_titles_weigh_the_same_recall_is_recall(hits):
    n_relevant = np.maximum(1, hits.sum(axis=1))
    same = np.full(hits.shape, 0.3)
    recall = recall_at_k(hits, n_relevant)
    np.testing.assert_allclose(stratified_recall_at_k(hits, same, 0.3 * n_relevant), recall)
    everywhere = np.ones(hits.shape, dtype=bool)
    np.testing.assert_array_equal(tail_recall_at_k(hits, everywhere, n_relevant), recall)


@given(hits=LISTS, further=st.integers(0, 5))
def test_measures_lie_between_0_and_1(hits, further):
    n_relevant = hits.sum(axis=1) + further + (hits.sum(axis=1) + further == 0)

    for values in (
        precision_at_k(hits),
        recall_at_k(hits, n_relevant),
        ndcg_at_k(hits, n_relevant),
        average_precision_at_k(hits, n_relevant),
    ):
        assert ((values >= 0) & (values <= 1 + 1e-12)).all()


@given(k=st.integers(1, 10), n_relevant=st.integers(1, 15))
def test_a_perfect_list_gives_1(k, n_relevant):
    perfect = (np.arange(k) < n_relevant)[None, :]
    relevant = np.array([n_relevant])

    assert ndcg_at_k(perfect, relevant) == pytest.approx([1.0])
    assert average_precision_at_k(perfect, relevant) == pytest.approx([1.0])
    assert recall_at_k(perfect, relevant) == pytest.approx([min(1.0, k / n_relevant)])


@given(hits=LISTS)
def test_a_hit_further_up_never_makes_a_list_worse(hits):
    n_relevant = np.maximum(1, hits.sum(axis=1))
    sorted_hits = -np.sort(-hits.astype(int), axis=1) > 0

    for measure in (ndcg_at_k, average_precision_at_k):
        assert (measure(sorted_hits, n_relevant) >= measure(hits, n_relevant) - 1e-12).all()


def test_users_without_relevant_titles_have_no_value():
    hits, none = np.array([[False, False]]), np.array([0])

    for measure in (recall_at_k, ndcg_at_k, average_precision_at_k):
        assert np.isnan(measure(hits, none)).all()
