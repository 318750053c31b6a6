import itertools
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import surprise
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking import top_k as module
from cartelera.ranking.histories import Histories
from cartelera.ranking.rating_order import RatingOrder
from cartelera.ranking.top_k import top_k


class FakeRanker:
    """Scores titles as told, by user id."""

    def __init__(self, title_ids, scores):
        self.title_ids = np.array(list(title_ids), dtype=object)
        self.scores = np.array(scores, dtype=float)

    def score_histories(self, histories):
        return self.scores[histories.user_ids]


def lists_of(top) -> list[list[str]]:
    return [[top.title_ids[place] for place in row if place != NO_TITLE] for row in top.positions]


def histories_of(ranker, users, *pairs) -> Histories:
    """What users rated: pairs of user and title, all rated 4 stars."""
    ratings = pd.DataFrame(pairs, columns=[c.USER_ID, c.TITLE_ID])
    ratings = ratings.assign(**{c.RATING: 4.0, c.TIMESTAMP: np.arange(len(ratings))})
    return Histories.from_frame(ratings, ranker.title_ids, np.asarray(users, dtype=np.int64))


def test_worked_by_hand():
    model = FakeRanker(["d", "b", "a"], [[1.0, 3.0, 3.0], [5.0, 4.0, 3.0]])
    top = top_k(model, histories_of(model, [0, 1], (1, "d"), (1, "b")), 2)
    assert lists_of(top) == [["a", "b"], ["a"]]
    assert top.positions.tolist() == [[2, 1], [2, NO_TITLE]]
    np.testing.assert_array_equal(top.scores, [[3.0, 3.0], [3.0, np.nan]])
    assert model.scores.tolist() == [[1.0, 3.0, 3.0], [5.0, 4.0, 3.0]]


@given(
    scores=hnp.arrays(float, (4, 7), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    seen=hnp.arrays(bool, (4, 7)),
    allowed=hnp.arrays(bool, 7),
    order=st.permutations("abcdefg"),
    k=st.integers(1, 9),
)
def test_lists_are_those_of_a_plain_sort(scores, seen, allowed, order, k):
    model = FakeRanker(order, scores)
    pairs = [(user, order[title]) for user, title in np.argwhere(seen)]
    histories = histories_of(model, range(4), *pairs)
    lists = lists_of(top_k(model, histories, k, allowed=allowed))
    for user in range(4):
        left = [title for title in range(7) if allowed[title] and not seen[user, title]]
        expected = sorted(left, key=lambda title: (-scores[user, title], order[title]))
        assert lists[user] == [order[title] for title in expected[:k]]


def test_lists_in_small_blocks_are_the_same(monkeypatch):
    model = FakeRanker("abcde", np.random.default_rng(0).integers(0, 3, (9, 5)))
    histories = histories_of(model, range(9), (0, "a"), (5, "c"), (8, "e"), (8, "b"))
    at_once = top_k(model, histories, 3)
    monkeypatch.setattr(module, "_BLOCK_BYTES", 2 * 4 * 5)
    in_blocks = top_k(model, histories, 3)
    np.testing.assert_array_equal(in_blocks.positions, at_once.positions)
    np.testing.assert_array_equal(in_blocks.scores, at_once.scores)


def test_memory_does_not_grow_with_the_users(monkeypatch):
    class Constant(FakeRanker):
        def score_histories(self, histories):
            return np.tile(np.arange(500.0), (histories.n_users, 1))

    monkeypatch.setattr(module, "_BLOCK_BYTES", 1 << 18)
    model = Constant([f"as{title}" for title in range(500)], [])
    histories = histories_of(model, range(20_000))
    tracemalloc.start()
    try:
        top = top_k(model, histories, 2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (top.positions == [499, 498]).all()
    assert peak < 10 << 20 < 20_000 * 500 * 8


def test_seen_titles_that_do_not_compete_are_no_matter():
    model = FakeRanker("ab", [[1.0, 2.0]])
    histories = histories_of(model, [0], (0, "unknown"), (0, "b"), (7, "a"))
    assert lists_of(top_k(model, histories, 2)) == [["a"]]


def test_what_was_rated_stays_hidden_when_the_ranker_is_told_less():
    model = FakeRanker("abc", [[3.0, 2.0, 1.0]])
    everything = histories_of(model, [0], (0, "a"), (0, "b"))
    told = everything.latest(1)
    assert told.codes.tolist() == [1]
    assert lists_of(top_k(model, told, 3)) == [["a", "c"]]
    assert lists_of(top_k(model, told, 3, seen=everything)) == [["c"]]
    with pytest.raises(ValueError, match="different users"):
        top_k(model, told, 3, seen=histories_of(model, [5]))


def test_without_users_nothing_is_recommended():
    model = FakeRanker("ab", np.empty((0, 2)))
    top = top_k(model, histories_of(model, []), 2)
    assert top.positions.shape == top.scores.shape == (0, 2)


def test_wrong_questions_and_scores_are_refused():
    model = FakeRanker("ab", [[np.nan, 1.0]])
    histories = histories_of(model, [0])
    with pytest.raises(InputError, match="not numbers"):
        top_k(model, histories, 1)
    with pytest.raises(ValueError, match="k=0"):
        top_k(model, histories, 0)
    for allowed in (np.ones(3, dtype=bool), np.ones(2)):
        with pytest.raises(ValueError, match="one boolean for each of 2"):
            top_k(model, histories, 1, allowed=allowed)


def factors_of(algorithm: surprise.SVD) -> Factors:
    trainset = algorithm.trainset
    return Factors(
        global_mean=trainset.global_mean,
        user_bias=algorithm.bu.astype(np.float32),
        title_bias=algorithm.bi.astype(np.float32),
        user_factors=algorithm.pu.astype(np.float32),
        title_factors=algorithm.qi.astype(np.float32),
        user_ids=np.array([trainset.to_raw_uid(user) for user in trainset.all_users()]),
        title_ids=np.array([trainset.to_raw_iid(i) for i in trainset.all_items()], dtype=object),
        title_means=np.zeros(trainset.n_items, dtype=np.float32),
        scale=(0.5, 5.0),
    )


def test_lists_are_those_of_surprises_predict_loop():
    rng = np.random.default_rng(0)
    pairs = rng.permutation(20 * 40)[:300]
    ratings = pd.DataFrame(
        {
            c.USER_ID: pairs // 40 + 100,
            c.TITLE_ID: [f"ns{pair % 40}" for pair in pairs],
            c.RATING: rng.integers(1, 11, 300) / 2,
        }
    )
    dataset = surprise.Dataset.load_from_df(ratings, surprise.Reader(rating_scale=(0.5, 5.0)))
    algorithm = surprise.SVD(n_factors=30, random_state=0).fit(dataset.build_full_trainset())
    factors = factors_of(algorithm)
    users, titles = factors.user_ids, factors.title_ids.tolist()
    expected = []
    for user in users.tolist():
        scores = {title: algorithm.predict(user, title, clip=False).est for title in titles}
        expected.append(sorted(titles, key=lambda title: (-scores[title], title))[:10])
    assert lists_of(top_k(RatingOrder(factors), histories_of(factors, users), 10)) == expected
    one_by_one = [[line.title_id for line in factors.recommend(user, 10)] for user in users]
    assert one_by_one == expected


def test_equal_titles_stay_in_alphabetical_order_whatever_the_block(monkeypatch):
    """Twins have the same score, however the product of matrices rounds each of them."""
    rng = np.random.default_rng(2)
    n_titles, n_users = 999, 40
    twins = rng.integers(0, 30, n_titles)
    title_ids = np.array([f"ns{code}" for code in rng.permutation(n_titles)], dtype=object)
    factors = Factors(
        global_mean=3.0,
        user_bias=rng.normal(size=n_users).astype(np.float32),
        title_bias=rng.normal(size=30).astype(np.float32)[twins],
        user_factors=rng.normal(size=(n_users, 37)).astype(np.float32),
        title_factors=rng.normal(size=(30, 37)).astype(np.float32)[twins],
        user_ids=np.arange(n_users),
        title_ids=title_ids,
        title_means=np.full(n_titles, 3.0, dtype=np.float32),
        scale=(0.5, 5.0),
    )
    users = np.append(factors.user_ids, -1)
    lists = lists_of(top_k(RatingOrder(factors), histories_of(factors, users), 50))
    assert lists == [[line.title_id for line in factors.recommend(user, 50)] for user in users]
    monkeypatch.setattr(module, "_BLOCK_BYTES", 7 * 4 * n_titles)
    assert lists_of(top_k(RatingOrder(factors), histories_of(factors, users), 50)) == lists
    families = dict(zip(title_ids, twins, strict=True))
    for titles in lists[:-1]:
        for left, right in itertools.pairwise(titles):
            assert families[left] != families[right] or left < right
    assert lists[-1] == sorted(title_ids)[:50]
