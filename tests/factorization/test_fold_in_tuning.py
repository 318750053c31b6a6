"""Newcomers: who is held out, what is chosen, what the curve measures."""

import dataclasses
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.factorization import fold_in_tuning as newcomers
from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import Ridge
from cartelera.factorization.fold_in_tuning import (
    COUNTS,
    LEVEL_GRID,
    REG_BU_GRID,
    REG_PU_GRID,
    choose_fold_in,
    fold_in_curve,
    with_ridge,
)
from cartelera.models.registry import fit_factors

SCALE = (0.5, 5.0)


def random_model(seed, *, n_titles=30, biased=True, tastes=1.0) -> Factors:
    rng = np.random.default_rng(seed)
    draw = {
        "user_bias": rng.normal(0, 0.3, 8) * biased,
        "title_bias": rng.normal(0, 0.3, n_titles) * biased,
        "user_factors": rng.normal(0.1, tastes, (8, 3)),
        "title_factors": rng.normal(0, 0.5, (n_titles, 3)),
        "title_means": rng.uniform(2, 4, n_titles),
    }
    return Factors(
        global_mean=3.0,
        user_ids=np.arange(8),
        title_ids=np.array([f"ns{code:02}" for code in range(n_titles)], dtype=object),
        scale=SCALE,
        biased=biased,
        **{name: values.astype(np.float32) for name, values in draw.items()},
    )


def ratings_of(model, n_users, seed, *, noise=1.0, spread=0.0) -> pd.DataFrame:
    """Draw ratings of other users, each of a few titles and with a bias and taste of their own."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(100, 100 + n_users):
        titles = rng.permutation(len(model.title_ids))[: rng.integers(1, 28)]
        taste = rng.normal(0, spread, model.title_factors.shape[1])
        stars = (
            model.title_means[titles]
            + rng.normal(0, spread)
            + model.title_factors[titles] @ taste
            + rng.normal(0, noise, len(titles))
        )
        stars = np.clip(np.round(stars * 2) / 2, *SCALE)
        rows += [
            (user, model.title_ids[title], value, time)
            for time, (title, value) in enumerate(zip(titles, stars, strict=True))
        ]
    return pd.DataFrame(rows, columns=list(c.CLEAN_RATING_COLUMNS)).astype({c.TITLE_ID: "str"})


def test_curve_worked_by_hand():
    """One factor that is 0, so only biases count; levels 3.5 and 3, means 3 and 4."""
    model = Factors(
        global_mean=3.0,
        user_bias=np.zeros(1, dtype=np.float32),
        title_bias=np.array([0.5, 0.0, 0.0], dtype=np.float32),
        user_factors=np.zeros((1, 1), dtype=np.float32),
        title_factors=np.array([[0.0], [0.0], [1.0]], dtype=np.float32),
        user_ids=np.array([1]),
        title_ids=np.array(["as1", "as2", "as3"], dtype=object),
        title_means=np.array([3.0, 4.0, 3.0], dtype=np.float32),
        scale=SCALE,
    )
    model = with_ridge(model, Ridge(1.0, 1.0, 1.0))
    ratings = pd.DataFrame(
        [
            (7, "as2", 5.0, 20),  # second: 3 + b, b = (4.5 - 3.5) / 2
            (7, "as1", 4.5, 10),
            (8, "as3", 4.0, 5),  # first: b = p = 1 / 3, of which only b counts for as1
            (8, "as1", 2.0, 9),
            (8, "zz", 1.0, 1),  # unknown
            (9, "as1", 4.0, 1),  # nothing left to predict
        ],
        columns=list(c.CLEAN_RATING_COLUMNS),
    )

    curve = fold_in_curve(model, ratings)

    assert curve.columns.tolist() == ["n_ratings", "n_users", *_RMSES]
    assert curve[["n_ratings", "n_users"]].values.tolist() == [[1, 2]]
    expected = [
        math.hypot(5 - 3.5, 2 - (3.5 + 1 / 3)),
        math.hypot(5 - 4, 2 - 3),
        math.hypot(5 - 3.5, 2 - (3.5 + 1 / 2)),  # without factors b = 1 / 2
    ]
    assert curve[_RMSES].to_numpy()[0] == pytest.approx(np.array(expected) / math.sqrt(2))


_RMSES = ["rmse", "title_mean_rmse", "bias_rmse"]


@pytest.mark.parametrize("biased", [True, False])
def test_the_grid_measures_what_folding_in_predicts(biased):
    model = random_model(1, biased=biased)
    ratings = ratings_of(model, 6, 1)
    sums, n_predicted = newcomers._measure(model, ratings)
    errors = sums.sum(axis=0) / n_predicted.sum(axis=0)[:, None, None, None]
    for level, reg_bu, reg_pu in [(0, 0, 0), (1, 3, 3), (2, 5, 6), (1, 2, 0), (0, 0, 5)]:
        ridge = Ridge(REG_BU_GRID[reg_bu], REG_PU_GRID[reg_pu], LEVEL_GRID[level])
        curve = fold_in_curve(with_ridge(model, ridge), ratings)
        np.testing.assert_allclose(
            np.sqrt(errors[:, level, reg_bu, reg_pu]), curve[c.RMSE], rtol=1e-5
        )


@given(seed=st.integers(0, 99), biased=st.booleans(), spread=st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=8)
def test_what_is_chosen_is_never_worse_than_the_titles_means(seed, biased, spread):
    """Of whatever quality the model is."""
    model = random_model(seed, biased=biased)
    train = ratings_of(model, 40, seed, spread=spread)
    curve = choose_fold_in(train, lambda _: model, seed).curve
    assert curve[c.N_RATINGS].tolist() == list(COUNTS)
    assert (curve[c.RMSE] <= curve[c.TITLE_MEAN_RMSE] + 1e-6).all()


def test_where_the_model_knows_nothing_nothing_moves_from_the_titles_means():
    """Ratings are the means exactly, so any departure is for the worse."""
    model = dataclasses.replace(random_model(3), title_means=np.full(30, 3.5, dtype=np.float32))
    train = ratings_of(model, 60, 3, noise=0.0)
    choice = choose_fold_in(train, lambda _: model, 0)
    assert choice.ridge == Ridge(math.inf, math.inf, 0.0)
    np.testing.assert_array_equal(choice.curve[c.RMSE], choice.curve[c.TITLE_MEAN_RMSE])


def test_strong_opinions_are_believed_sooner():
    model = random_model(5)
    opinionated = ratings_of(model, 200, 5, noise=0.3, spread=1.0)
    chosen = choose_fold_in(opinionated, lambda _: model, 0).ridge
    assert chosen.reg_bu < 10
    assert chosen.reg_pu < 30


@pytest.mark.parametrize(
    ("gains", "is_taken"),
    [
        ([1, 1, 1, 1, 1], True),  # 5 / sqrt(5) standard errors
        ([1, 1, 1], False),  # 3 / sqrt(3) of them
        ([6, -1, -1, -1], False),  # owed to one user
        ([-1, -1, -1, -1, -1], False),
    ],
)
def test_only_clearly_better_constants_take_the_place_of_the_defaults(gains, is_taken):
    default, other = newcomers._place(Ridge()), newcomers._place(Ridge(2.0, 1.0, 0.0))
    shares = np.full((len(gains), 2, len(LEVEL_GRID), len(REG_BU_GRID), len(REG_PU_GRID)), 10.0)
    shares[(..., *default)] = 9.0
    shares[(..., *other)] = 9.0 - np.array(gains)[:, np.newaxis]
    assert newcomers._choose(shares) == (other if is_taken else default)
    # Once the defaults are worse than the titles' means they are out, whatever the standard error.
    shares[(slice(None), 0, *default)] = 10.5
    assert newcomers._choose(shares) == (other if sum(gains) > -1 else newcomers._TITLE_MEANS)


def test_the_curve_of_a_choice_is_that_of_its_constants():
    """With one part, that is; with more, each has a model of its own."""
    model = random_model(2)
    train = ratings_of(model, 40, 2, spread=0.5)
    choice = choose_fold_in(train, lambda _: model, 0)
    parts = newcomers.draw_newcomers(train, 0)
    held_out = train[train[c.USER_ID].isin(np.concatenate(parts))]
    expected = fold_in_curve(with_ridge(model, choice.ridge), held_out)
    pd.testing.assert_frame_equal(choice.curve, expected, rtol=1e-5)


@pytest.mark.parametrize(("enough", "n_parts"), [(1000, 5), (13, 2), (3, 1)])
def test_fifths_are_held_out_until_there_are_enough_users(monkeypatch, enough, n_parts):
    monkeypatch.setattr(newcomers, "ENOUGH_USERS", enough)
    model = random_model(0)
    train = ratings_of(model, 40, 0)
    n_ratings = train[c.USER_ID].value_counts()
    assert (n_ratings == 1).any()
    fitted: list[pd.DataFrame] = []

    def fit(ratings):
        fitted.append(ratings)
        return model

    def held_out(seed):
        fitted.clear()
        choose_fold_in(train, fit, seed)
        return [set(train[c.USER_ID]) - set(part[c.USER_ID]) for part in fitted]

    parts = held_out(1)
    assert [len(part) for part in parts] == [min(enough, (n_ratings > 1).sum() // 5)] * n_parts
    assert len(set().union(*parts)) == sum(map(len, parts))  # nobody twice
    assert min(n_ratings[list(set().union(*parts))]) > 1
    for part, rest in zip(parts, fitted, strict=True):
        assert len(rest) == (~train[c.USER_ID].isin(part)).sum()
    assert held_out(1) == parts != held_out(2)


def test_with_too_few_users_the_defaults_serve():
    model = random_model(0, biased=False)
    choice = choose_fold_in(ratings_of(model, 4, 0), lambda _: model, 0)
    assert choice.ridge == Ridge()
    assert choice.curve.empty
    assert tuple(choice.curve.columns) == c.FOLD_IN_CURVE_COLUMNS


def test_the_choice_is_the_same_every_time_and_leaves_known_users_alone(ratings):
    ratings = ratings.assign(**{c.TIMESTAMP: np.arange(len(ratings))})
    params = {"n_factors": 3, "n_epochs": 10, "random_state": 0}

    def fit(part):
        return fit_factors("svd", part, params, scale=SCALE).factors

    first, second = (choose_fold_in(order, fit, 4) for order in (ratings, ratings[::-1]))
    assert first.ridge == second.ridge
    model = fit(ratings)
    users, titles = ratings[c.USER_ID], ratings[c.TITLE_ID]
    np.testing.assert_array_equal(
        with_ridge(model, Ridge(1.0, 2.0, 0.0)).predict(users, titles),
        model.predict(users, titles),
    )


@pytest.fixture(scope="module")
def real_ratings() -> pd.DataFrame:
    """Real ratings of the real catalogues, outside the project; of several of a pair the latest."""
    if "CARTELERA_REAL_DATA" not in os.environ:
        pytest.skip("CARTELERA_REAL_DATA is not set")
    folder = Path(os.environ["CARTELERA_REAL_DATA"]) / "streaming" / "ratings"
    raw = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("*.csv"))])
    names = {c.RAW_USER: c.USER_ID, c.RAW_TITLE_ID: c.TITLE_ID}
    ordered = raw.rename(columns=names).sort_values([c.USER_ID, c.TIMESTAMP, c.TITLE_ID])
    return ordered.drop_duplicates([c.USER_ID, c.TITLE_ID], keep="last", ignore_index=True)


@pytest.mark.parametrize(("n_factors", "chooses"), [(16, True), (100, False)])
def test_real_newcomers_are_better_off_than_with_the_titles_means(real_ratings, n_factors, chooses):
    """On users neither the fit nor the choice has seen, by what is chosen or by the defaults."""
    params = {"n_factors": n_factors, "reg_all": 0.05, "random_state": 0}

    def fit(part):
        return fit_factors("svd", part, params, scale=SCALE).factors

    unseen = real_ratings[c.USER_ID] % 3 == 0
    train = real_ratings[~unseen]
    model = fit(train)
    if chooses:
        model = with_ridge(model, choose_fold_in(train, fit, seed=0).ridge)

    curve = fold_in_curve(model, real_ratings[unseen])

    assert curve[c.N_RATINGS].tolist() == list(COUNTS)
    assert (curve[c.RMSE] < curve[c.TITLE_MEAN_RMSE]).all()


def test_real_newcomers_with_two_ratings_of_five_get_no_list_of_fives(real_ratings):
    params = {"n_factors": 50, "reg_all": 0.05, "random_state": 0}
    model = fit_factors("svd", real_ratings, params, scale=SCALE).factors
    favourites = real_ratings[c.TITLE_ID].value_counts().index[:12]
    for pair in zip(favourites[::2], favourites[1::2], strict=True):
        user = model.fold_in(pair, [5.0, 5.0])
        assert model.recommend(user, 1, seen=pair)[0].score < 4.95
