"""What is planted: tastes that lists can follow, works on two platforms, titles nobody rates."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.sources import sample
from cartelera.sources._choices import draw_opinions
from cartelera.sources._titles import invent_titles
from cartelera.sources.oracle import expected_relevance
from cartelera.sources.tastes import Tastes, chance_of, draw_stars

TRUTH = Path(__file__).parents[1] / "model" / "sample_truth.json"
WORK = "work"
RELEVANT_AT, K = 4.0, 10


@pytest.fixture(scope="module")
def tastes(made) -> Tastes:
    return made.truth.tastes


@pytest.fixture(scope="module")
def titles(made) -> pd.DataFrame:
    """All titles with their work and whether anybody rates them, in the order of the truth."""
    tastes = made.truth.tastes
    catalogue = pd.concat(
        [
            table.drop_duplicates(c.SHOW_ID).assign(
                platform=platform, id=lambda rows, p=platform: p[0] + rows[c.SHOW_ID]
            )
            for platform, table in made.catalogues.items()
        ]
    )
    return (
        catalogue.set_index("id")
        .loc[tastes.title_ids]
        .assign(work=tastes.works, rated=np.isfinite(tastes.log_popularity))
    )


def tiny_tastes(works: list[int], weights: list[float], n_users: int, n_ratings: int) -> Tastes:
    """Users without tastes, who find every title worth 3.3 stars."""
    n_titles = len(works)
    with np.errstate(divide="ignore"):
        log_popularity = np.log(weights)
    return Tastes(
        title_ids=np.array([f"as{n}" for n in range(n_titles)]),
        works=np.array(works),
        log_popularity=log_popularity,
        title_factors=np.zeros((n_titles, 2)),
        title_bias=np.zeros(n_titles),
        choice_factors=np.zeros((n_users, 2)),
        opinion_factors=np.zeros((n_users, 2)),
        user_bias=np.zeros(n_users),
        n_ratings=np.full(n_users, n_ratings),
        noise=0.5,
    )


# Lists


class Lists:
    """Lists of works for the users of the default sample, measured as the project does."""

    def __init__(self, train: pd.DataFrame, test: pd.DataFrame, n_users: int) -> None:
        self.works = np.unique(train[WORK])
        self.ratings = np.zeros((n_users, len(self.works)))
        self.ratings[train[c.USER_ID] - 1, self._codes(train)] = train[c.RATING]
        relevant = test[test[c.RATING] >= RELEVANT_AT]
        self._n_relevant = np.bincount(relevant[c.USER_ID] - 1, minlength=n_users)
        relevant = relevant[self._codes(relevant) >= 0]
        self._is_relevant = np.zeros(self.ratings.shape, dtype=bool)
        self._is_relevant[relevant[c.USER_ID] - 1, self._codes(relevant)] = True

    def _codes(self, rows: pd.DataFrame) -> np.ndarray:
        return pd.Index(self.works).get_indexer(pd.Index(rows[WORK]))

    def ndcg(self, scores: np.ndarray) -> float:
        unseen = np.where(self.ratings > 0, -np.inf, scores)
        top = np.argsort(-unseen, axis=1, kind="stable")[:, :K]
        gains = 1 / np.log2(np.arange(2, K + 2))
        perfect = np.concatenate([[0], np.cumsum(gains)])[np.minimum(self._n_relevant, K)]
        found = np.take_along_axis(self._is_relevant, top, axis=1) @ gains
        return float(np.mean(found[perfect > 0] / perfect[perfect > 0]))

    def popularity(self) -> np.ndarray:
        return np.broadcast_to((self.ratings > 0).sum(axis=0), self.ratings.shape).astype(float)

    def truncated_svd(self) -> np.ndarray:
        """Score by the ranking model's formula, with parameters of about the right size."""
        k, reg, reg_count, beta, rho, gamma = 8, 1.0, 2.0, 1.5, 0.3, 0.8
        rated = self.ratings > 0
        weights = np.where(rated, np.maximum(0, 1 + beta * (self.ratings - 3.5) / 1.5), 0)
        scaled = weights * rated.sum(axis=1, keepdims=True) ** -rho
        norms = np.square(scaled).sum(axis=0)
        ridge = reg * norms.mean() + reg_count * norms

        _, s, axes = np.linalg.svd(scaled / np.sqrt(ridge), full_matrices=False)
        shrunken = np.square(s[:k]) / (1 + np.square(s[:k]))
        factors = axes[:k].T * np.sqrt(shrunken)
        left_out = (1 - np.square(factors).sum(axis=1)) ** gamma
        output = factors * (np.sqrt(ridge) / left_out)[:, None]
        return (weights * left_out / ridge) @ output @ output.T


@pytest.fixture(scope="module")
def lists(parts, tastes) -> Lists:
    return Lists(*parts, n_users=len(tastes.user_bias))


@pytest.fixture(scope="module")
def oracle(lists, tastes) -> np.ndarray:
    relevance = expected_relevance(tastes, test_fraction=0.2, relevant_at=RELEVANT_AT)
    return relevance[:, pd.Index(tastes.title_ids).get_indexer(pd.Index(lists.works))]


def test_recorded_oracle_is_what_the_generator_plants(lists, oracle):
    recorded = json.loads(TRUTH.read_text())

    assert lists.ndcg(oracle) == pytest.approx(recorded["test_oracle_ndcg"], abs=1e-9)


def test_a_right_list_comes_near_the_oracle_and_leaves_popularity_far_behind(lists, oracle):
    best, right = lists.ndcg(oracle), lists.ndcg(lists.truncated_svd())
    popularity = lists.ndcg(lists.popularity())

    assert 0.9 * best < right < best
    assert right > 1.7 * popularity
    assert popularity > 0.3 * best


def test_neither_what_people_choose_nor_what_they_like_is_all_of_the_oracle(lists, oracle, tastes):
    users = np.arange(len(tastes.user_bias))
    titles = pd.Index(tastes.title_ids).get_indexer(pd.Index(lists.works))
    chosen = lists.ndcg(tastes.log_weights(users, titles))
    liked = lists.ndcg(tastes.opinions(users[:, None], titles[None, :]))

    assert max(chosen, liked) < lists.ndcg(oracle)


def test_later_ratings_come_from_the_same_taste_as_earlier_ones(parts, tastes):
    def pull(rows: pd.DataFrame) -> float:
        users = rows[c.USER_ID].to_numpy() - 1
        titles = pd.Index(tastes.title_ids).get_indexer(pd.Index(rows[c.TITLE_ID]))
        return float((tastes.choice_factors[users] * tastes.title_factors[titles]).sum(1).mean())

    train, test = (pull(part) for part in parts)

    assert train > 0.3
    assert test == pytest.approx(train, rel=0.1)


# The oracle


def test_expected_relevance_by_hand():
    # Of two equal works each user rates one, so p = 1/2, and what is not in train is in test with
    # the chance 0.2 p / (1 - 0.8 p) = 1/6. 3.3 stars with a noise of 0.5 become 3 or more with the
    # chance P(Z > -1.1) = 0.864334.
    tastes = tiny_tastes([0, 1, 0, 3], [1, 1, 1, 0], n_users=2, n_ratings=1)

    relevance = expected_relevance(tastes, test_fraction=0.2, relevant_at=3.0)

    np.testing.assert_allclose(relevance, [[0.864334 / 6] * 3 + [0]] * 2, atol=1e-6)


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32), n_ratings=st.integers(20, 400), fraction=st.floats(0.05, 0.95))
def test_expected_relevance_is_a_chance_and_the_same_for_all_titles_of_a_work(
    seed, n_ratings, fraction
):
    tastes = sample.generate(
        n_titles=100, n_users=10, n_ratings=n_ratings, noise=0.8, seed=seed
    ).truth.tastes

    relevance = expected_relevance(tastes, test_fraction=fraction, relevant_at=4.0)

    assert ((relevance >= 0) & (relevance <= 1)).all()
    assert (relevance[:, np.isinf(tastes.log_popularity)] == 0).all()
    both = np.isfinite(tastes.log_popularity) & np.isfinite(tastes.log_popularity[tastes.works])
    np.testing.assert_array_equal(relevance[:, both], relevance[:, tastes.works[both]])
    np.testing.assert_array_equal(
        relevance[3:5],
        expected_relevance(tastes, test_fraction=fraction, relevant_at=4.0, users=np.array([3, 4])),
    )


@pytest.mark.parametrize("stars", [0.5, 1.0, 3.5, 4.0, 4.2, 5.0])
def test_chance_of_stars_is_the_share_among_many_draws(stars):
    latent = np.array([-1.0, 2.13, 3.5, 4.9])
    rng = np.random.default_rng(0)

    share = np.mean([draw_stars(latent, 0.8, rng) >= stars for _ in range(20_000)], axis=0)

    np.testing.assert_allclose(share, chance_of(stars, latent, 0.8), atol=0.015)
    assert set(chance_of(stars, latent, 0.0)) <= {0.0, 1.0}


# Works on two platforms


def test_some_works_stand_on_two_platforms_under_one_name(titles):
    same = titles.groupby([c.TITLE, c.TYPE, c.RELEASE_YEAR])[WORK]
    twins = titles[titles[WORK].duplicated(keep=False)]

    assert (same.agg(np.ptp) == 0).all()
    assert same.ngroups == titles[WORK].nunique()
    assert titles[WORK].nunique() == pytest.approx(0.98 * len(titles), abs=1)
    assert (twins.groupby(WORK)["platform"].nunique() == 2).all()
    assert twins[twins["rated"]][WORK].nunique() >= 5


def test_no_name_comes_twice_on_a_platform(titles):
    assert not titles.duplicated(["platform", c.TITLE]).any()


def test_a_works_titles_have_all_in_common_but_what_is_the_platforms_own():
    invented = invent_titles(400, np.random.default_rng(0))
    rows = pd.concat(invented.catalogues.values(), ignore_index=True)
    own = [c.SHOW_ID, c.DATE_ADDED, c.CERTIFICATE, c.LISTED_IN]
    second = np.flatnonzero(invented.works != np.arange(400))
    first = invented.works[second]

    assert len(second) == 8
    pd.testing.assert_frame_equal(
        rows.loc[first].drop(columns=own).reset_index(drop=True),
        rows.loc[second].drop(columns=own).reset_index(drop=True),
    )
    for factors in (invented.genre_factors, invented.cast_factors, invented.appeal):
        np.testing.assert_array_equal(factors[first], factors[second])


def test_nobody_rates_a_work_twice_and_both_its_titles_are_rated(parts):
    ratings = pd.concat(parts)
    titles = ratings.groupby(WORK)[c.TITLE_ID].nunique()

    assert not ratings.duplicated([c.USER_ID, WORK]).any()
    assert (titles == 2).sum() >= 5


def test_a_works_titles_share_its_weight():
    # works 0 and 1 weigh 3 and 1; titles 0 and 2 are work 0
    tastes = tiny_tastes([0, 1, 0], [3, 1, 3], n_users=20_000, n_ratings=1)

    opinions = draw_opinions(tastes, np.random.default_rng(0))

    shares = opinions[c.TITLE_ID].value_counts(normalize=True)[list(tastes.title_ids)]
    np.testing.assert_allclose(shares, [0.375, 0.25, 0.375], atol=0.015)


# Titles nobody rates, and what their content says


def test_many_titles_are_rated_by_nobody_series_among_them(titles, made):
    rated = titles.index.isin(made.truth.ratings[c.TITLE_ID])
    series = titles[c.TYPE] == "TV Show"

    np.testing.assert_array_equal(rated, titles["rated"])
    assert 0.15 < rated[series].mean() < 0.25
    assert 0.15 < rated[~series].mean() < 0.25


def indicators(cells: pd.Series, at_least: int) -> np.ndarray:
    """One column a word of a comma-separated list that stands in so many cells or more."""
    table = cells.str.get_dummies(", ")
    return table.loc[:, table.sum() >= at_least].to_numpy(dtype=float)


def ridge_r2(features: np.ndarray, targets: np.ndarray, learn: np.ndarray) -> np.ndarray:
    """Fit a ridge on some rows; return R² of each target on the others."""
    x, y = features - features[learn].mean(0), targets - targets[learn].mean(0)
    gram = x[learn].T @ x[learn] + 3.0 * np.eye(x.shape[1])
    predicted = x[~learn] @ np.linalg.solve(gram, x[learn].T @ y[learn])
    errors = np.square(y[~learn] - predicted).mean(0)
    return 1 - errors / y[~learn].var(0)


def test_tastes_of_titles_nobody_rates_can_be_learnt_from_genres_and_cast(titles, tastes):
    rated = titles["rated"].to_numpy()
    genres = indicators(titles[c.LISTED_IN], 3)
    both = np.hstack([genres, indicators(titles[c.CAST], 5)])

    from_genres = ridge_r2(genres, tastes.title_factors, rated)
    from_both = ridge_r2(both, tastes.title_factors, rated)
    shuffled = np.random.default_rng(0).permutation(tastes.title_factors)

    assert (from_genres > 0.3).all()
    assert (from_both > from_genres).all()
    assert (from_both < 0.9).all()
    assert (ridge_r2(both, shuffled, rated) < 0.05).all()
