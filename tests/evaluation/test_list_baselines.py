import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.evaluation.co_ratings import count_co_ratings
from cartelera.evaluation.list_baselines import Ease, Impersonal, ItemKnn, Popularity
from cartelera.ranking.histories import Histories

PAIRS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 7)), min_size=1, max_size=30, unique=True
)


def rated(pairs) -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.USER_ID: [user for user, _ in pairs],
            c.TITLE_ID: [f"t{title}" for _, title in pairs],
            c.RATING: [0.5 + (3 * user + 5 * title) % 10 / 2 for user, title in pairs],
            c.TIMESTAMP: range(len(pairs)),
        }
    )


def dense(train: pd.DataFrame, ranker, values=None) -> np.ndarray:
    """Who rated what, users and titles in the order of their ids."""
    table = train.assign(x=1.0 if values is None else values)
    wide = table.pivot_table(index=c.USER_ID, columns=c.TITLE_ID, values="x", fill_value=0.0)
    return wide.to_numpy()


def histories(train, ranker) -> Histories:
    return Histories.from_frame(train, ranker.title_ids)


def test_popularity_counts_ratings(train):
    ranker = Popularity.fit(train)
    assert ranker.title_ids.tolist() == list("abcde")
    assert ranker.counts.tolist() == [4.0, 3.0, 2.0, 3.0, 1.0]
    assert ranker.score_histories(histories(train, ranker)).tolist() == [[4, 3, 2, 3, 1]] * 4


def test_loved_titles_count_more_if_asked(train):
    ranker = Popularity.fit(train, rating_weight=1.0)
    # 1 + (r - 3.5) / 1.5, at least 0: a has 5, 4, 3 and 1 stars, d has 1, 2 and 3.
    assert ranker.counts[0] == pytest.approx(2 + 4 / 3 + 2 / 3 + 0)
    assert ranker.counts[3] == pytest.approx(0 + 0 + 2 / 3)


@given(PAIRS, st.sampled_from([1, 3, 100]))
def test_co_ratings_are_the_gram_matrix_whatever_the_run(pairs, at_once):
    train = rated(pairs)
    ids = np.unique(train[c.TITLE_ID].to_numpy(dtype=object))
    runs = list(count_co_ratings(Histories.from_frame(train, ids), len(ids), at_once))
    x = dense(train, None)
    np.testing.assert_array_equal(np.concatenate([counts for _, counts in runs]), x.T @ x)
    assert [first for first, _ in runs] == list(range(0, len(ids), at_once))


@given(PAIRS, st.integers(1, 9), st.sampled_from([0.0, 2.0]), st.sampled_from([0.0, 1.0]))
def test_item_knn_is_its_formula(pairs, n_neighbours, shrinkage, rating_weight):
    train = rated(pairs)
    ranker = ItemKnn.fit(
        train, n_neighbours=n_neighbours, shrinkage=shrinkage, rating_weight=rating_weight
    )
    x = dense(train, ranker)
    norms = np.sqrt(x.sum(axis=0))
    similar = x.T @ x / (np.outer(norms, norms) + shrinkage)
    np.fill_diagonal(similar, 0.0)
    for row in similar:
        row[np.argsort(-row, kind="stable")[n_neighbours:]] = 0.0
    weights = np.maximum(0, 1 + rating_weight * (train[c.RATING] - 3.5) / 1.5)
    expected = dense(train, ranker, weights) @ similar.T
    scores = ranker.score_histories(histories(train, ranker))
    np.testing.assert_allclose(scores, expected, rtol=1e-12, atol=1e-12)


@given(PAIRS, st.integers(1, 9))
def test_fewer_neighbours_are_those_of_a_new_fit(pairs, n_neighbours):
    train = rated(pairs)
    fewer = ItemKnn.fit(train, n_neighbours=9).nearest(n_neighbours)
    anew = ItemKnn.fit(train, n_neighbours=n_neighbours)
    np.testing.assert_array_equal(fewer.neighbours.toarray(), anew.neighbours.toarray())


def test_item_knn_worked_by_hand(train):
    """c was rated with a by 1 and 3: 2 / sqrt(2 * 4); b with c by 1 alone: 1 / sqrt(3 * 2)."""
    similar = ItemKnn.fit(train, shrinkage=0.0).neighbours.toarray()
    a, b, c_ = 0, 1, 2
    assert similar[a, c_] == similar[c_, a] == pytest.approx(2 / np.sqrt(8))
    assert similar[b, c_] == pytest.approx(1 / np.sqrt(6))
    assert np.diag(similar).tolist() == [0.0] * 5


@given(PAIRS, st.sampled_from([1.0, 50.0]), st.sampled_from([0.0, 1.0]))
def test_ease_minimises_the_error_of_leaving_out(pairs, reg, rating_weight):
    """At the minimum of |X - XB|^2 + reg |B|^2 with diag B = 0 all other derivatives are 0."""
    train = rated(pairs)
    ranker = Ease.fit(train, reg=reg, rating_weight=rating_weight)
    weights = np.maximum(0, 1 + rating_weight * (train[c.RATING] - 3.5) / 1.5)
    x, b = dense(train, ranker, weights), ranker.weights.astype(float)
    derivative = x.T @ (x @ b - x) + reg * b
    np.fill_diagonal(derivative, 0.0)
    np.testing.assert_allclose(derivative, 0.0, atol=1e-4 * max(1.0, reg))
    assert (np.diag(b) == 0).all()
    scores = ranker.score_histories(histories(train, ranker))
    np.testing.assert_allclose(scores, x @ b, atol=1e-5)


def test_an_impersonal_ranker_gives_everybody_a_strangers_list(train):
    ranker = ItemKnn.fit(train)
    off = Impersonal(ranker)
    scores = off.score_histories(histories(train, ranker))
    assert scores.tolist() == [[0.0] * 5] * 4
    assert off.title_ids is ranker.title_ids
