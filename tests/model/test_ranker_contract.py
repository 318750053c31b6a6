"""What every ranker promises, whatever it knows."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.evaluation.list_baselines import Ease, Impersonal, ItemKnn, Popularity
from cartelera.factorization.selection import NO_TITLE
from cartelera.models.registry import fit_factors
from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.histories import Histories
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.ranker import Ranker
from cartelera.ranking.rating_order import RatingOrder
from cartelera.ranking.top_k import top_k

SVD = {"n_factors": 3, "n_epochs": 20, "random_state": 0}


def ranking_model(train: pd.DataFrame) -> RankingModel:
    return fit_ranking(train, None, RankingParams(n_factors=4))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Callable[[pd.DataFrame], Ranker]:
    def fit(train):
        folder = tmp_path_factory.mktemp("ranking")
        ranking_model(train).save(folder, {})
        return RankingModel.load(folder)

    return fit


FITS = {
    "popularity": Popularity.fit,
    "loved": lambda train: Popularity.fit(train, rating_weight=1.0),
    "item_knn": lambda train: ItemKnn.fit(train, n_neighbours=5, rating_weight=0.5),
    "ease": lambda train: Ease.fit(train, reg=20.0, rating_weight=0.5),
    "ranking_model": ranking_model,
    "loaded": None,
    "impersonal": lambda train: Impersonal(ranking_model(train)),
    "rating_order": lambda train: RatingOrder(
        fit_factors("svd", train, SVD, scale=(0.5, 5.0)).factors
    ),
}


@pytest.fixture(scope="module", params=FITS)
def fit(request) -> Callable[[pd.DataFrame], Ranker]:
    return FITS[request.param] or request.getfixturevalue("loaded")


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    """Ratings with tastes: even users watch and love even titles, odd users odd ones."""
    rng = np.random.default_rng(1)
    pairs = rng.permutation(30 * 25)[:400]
    users, titles = pairs // 25, pairs % 25
    likes = users % 2 == titles % 2
    kept = likes | (rng.random(400) < 0.3)
    return pd.DataFrame(
        {
            c.USER_ID: users + 1,
            c.TITLE_ID: [f"hs{title}" for title in titles],
            c.RATING: np.where(likes, 4.5, 1.5),
            c.TIMESTAMP: np.arange(400),
        }
    )[kept]


@pytest.fixture(scope="module")
def ranker(fit, train) -> Ranker:
    return fit(train)


@pytest.fixture(scope="module")
def histories(ranker, train) -> Histories:
    """All users in train, and one who has rated nothing."""
    users = np.append(np.unique(train[c.USER_ID]), 999)
    return Histories.from_frame(train, ranker.title_ids, users)


def test_knows_the_titles_of_train_each_once(ranker, train):
    assert sorted(ranker.title_ids) == sorted(set(train[c.TITLE_ID]))


def test_scores_every_title_for_everybody(ranker, histories):
    scores = ranker.score_histories(histories)
    assert scores.shape == (histories.n_users, len(ranker.title_ids))
    assert np.isfinite(scores).all()


def test_nobody_asked_nothing_scored(ranker, histories):
    nobody = histories.part(slice(0, 0))
    assert ranker.score_histories(nobody).shape == (0, len(ranker.title_ids))


def test_scores_are_the_callers_to_change(ranker, histories):
    before = ranker.score_histories(histories).copy()
    ranker.score_histories(histories)[:] = -np.inf
    np.testing.assert_array_equal(ranker.score_histories(histories), before)


def test_a_users_scores_do_not_depend_on_the_other_users(ranker, histories):
    together = ranker.score_histories(histories)
    for user in range(histories.n_users):
        alone = ranker.score_histories(histories.part(slice(user, user + 1)))[0]
        np.testing.assert_allclose(alone, together[user], rtol=1e-4, atol=1e-5)


def test_lists_hold_the_best_unseen_titles_best_first(ranker, histories):
    top, scores = top_k(ranker, histories, 5), ranker.score_histories(histories)
    for user in range(histories.n_users):
        seen = histories.part(slice(user, user + 1)).codes
        listed = top.positions[user][top.positions[user] != NO_TITLE]
        n_left = len(ranker.title_ids) - len(seen)
        assert len(listed) == len(set(listed)) == min(5, n_left)
        assert not set(listed) & set(seen)
        left = np.delete(scores[user], np.append(listed, seen))
        assert left.max(initial=-np.inf) <= scores[user][listed].min() + 1e-5
        values = top.scores[user][: len(listed)]
        keys = list(zip(-values, np.asarray(ranker.title_ids)[listed], strict=True))
        assert keys == sorted(keys)


def test_shorter_lists_are_the_heads_of_longer_ones(ranker, histories):
    n_titles = len(ranker.title_ids)
    longest = top_k(ranker, histories, n_titles + 3)
    assert (longest.positions[:, n_titles:] == NO_TITLE).all()
    for k in (1, 4, n_titles):
        np.testing.assert_array_equal(
            top_k(ranker, histories, k).positions, longest.positions[:, :k]
        )


def test_only_allowed_titles_are_listed(ranker, histories):
    allowed = np.arange(len(ranker.title_ids)) % 3 == 0
    top = top_k(ranker, histories, len(allowed), allowed=allowed)
    assert allowed[top.positions[top.positions != NO_TITLE]].all()
    assert set(top.positions[-1]) == {*np.flatnonzero(allowed), NO_TITLE}


def test_fitting_twice_gives_the_same_ranker_and_leaves_train_alone(fit, ranker, histories, train):
    before = train.copy()
    again = fit(train)
    pd.testing.assert_frame_equal(train, before)
    np.testing.assert_array_equal(
        again.score_histories(histories), ranker.score_histories(histories)
    )


def test_one_rating_is_enough(fit):
    one = pd.DataFrame({c.USER_ID: [1], c.TITLE_ID: ["as1"], c.RATING: [4.0], c.TIMESTAMP: [0]})
    ranker = fit(one)
    stranger = Histories.from_frame(one, ranker.title_ids, np.array([2]))
    assert top_k(ranker, stranger, 1).positions.tolist() == [[0]]


def test_only_personal_rankers_find_the_tastes(ranker, histories):
    """Who rated even titles mostly gets an even title first, unless all get the same list."""
    even = np.array([int(title[2:]) % 2 == 0 for title in ranker.title_ids])
    first = top_k(ranker, histories, 1).positions[:-1, 0]
    users_even = histories.user_ids[:-1] % 2 == 1  # ids are one more than what made the tastes
    hits = np.mean(even[first] == users_even)
    if isinstance(ranker, ItemKnn | Ease | RankingModel):
        assert hits > 0.9
    elif isinstance(ranker, Popularity | Impersonal):
        assert hits < 0.7
