import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation import ranking
from cartelera.evaluation.ranking import (
    NO_TITLE,
    average_precision_at_k,
    coverage_at_k,
    find_hits,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    self_information,
    top_k,
)

NOBODY_SAW_ANYTHING = pd.DataFrame({c.USER_ID: [], c.TITLE_ID: []}).astype(
    {c.USER_ID: "int64", c.TITLE_ID: "str"}
)
SECOND_PLACE = 1 / np.log2(3)

LISTS = hnp.arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 8)))


def lists_of(top: ranking.TopK) -> dict[int, list[str]]:
    return {
        int(user): [top.title_ids[place] for place in places if place != NO_TITLE]
        for user, places in zip(top.user_ids, top.positions, strict=True)
    }


@pytest.fixture
def top(model, train):
    return top_k(model, np.array([1, 2, 4]), train, 2)


@pytest.fixture
def hits(top, test):
    return find_hits(top, test[test[c.RATING] >= 4])


def test_lists_leave_out_what_was_seen_and_break_ties_by_the_alphabet(top):
    assert lists_of(top) == {1: ["e"], 2: ["d", "c"], 4: ["c", "e"]}
    assert top.positions[0].tolist() == [0, NO_TITLE]


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


def test_coverage_worked_by_hand(top):
    assert coverage_at_k(top) == pytest.approx(3 / 5)


def test_novelty_worked_by_hand(train):
    bits = self_information(train, np.array(["a", "c", "e", "never rated"], dtype=object))

    assert bits.tolist() == [0.0, 1.0, 2.0, 2.0]


def test_lists_in_small_blocks_are_the_same(model, train, monkeypatch):
    users = np.array([1, 2, 4])
    at_once = top_k(model, users, train, 3).positions
    monkeypatch.setattr(ranking, "_BLOCK_BYTES", 1)

    assert (top_k(model, users, train, 3).positions == at_once).all()


@given(
    scores=hnp.arrays(float, (4, 7), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    seen=hnp.arrays(bool, (4, 7)),
    order=st.permutations("abcdefg"),
    k=st.integers(1, 9),
)
def test_lists_are_those_of_a_plain_sort(fake, scores, seen, order, k):
    pairs = np.argwhere(seen)
    seen_rows = pd.DataFrame(
        {c.USER_ID: pairs[:, 0], c.TITLE_ID: [order[title] for title in pairs[:, 1]]}
    )
    model = fake(order, dict(enumerate(scores)))

    lists = lists_of(top_k(model, np.arange(4), seen_rows, k))

    for user in range(4):
        unseen = [place for place in range(7) if not seen[user, place]]
        expected = sorted(unseen, key=lambda place: (-scores[user, place], order[place]))
        assert lists[user] == [order[place] for place in expected[:k]]


def test_seen_titles_that_do_not_compete_are_no_matter(fake):
    seen = pd.DataFrame({c.USER_ID: [1, 1, 7], c.TITLE_ID: ["unknown", "b", "a"]})

    assert lists_of(top_k(fake(["a", "b"]), np.array([1]), seen, 2)) == {1: ["a"]}


def test_scores_that_are_not_numbers_are_refused(fake):
    with pytest.raises(InputError, match="not numbers"):
        top_k(fake(["a", "b"], {1: [np.nan, 1.0]}), np.array([1]), NOBODY_SAW_ANYTHING, 1)


def test_without_users_nothing_is_recommended(model, train):
    top = top_k(model, np.array([], dtype=np.int64), train, 2)

    assert top.positions.shape == (0, 2)
    assert np.isnan(coverage_at_k(top))


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
