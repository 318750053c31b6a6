"""What every rater promises, whatever it knows."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.baselines import BiasOnly, GlobalMean, TitleMean, UserMean
from cartelera.factorization.blend import blend
from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import Rater
from cartelera.models.registry import MODELS, StarModel, fit_factors

SCALE = (0.5, 5.0)
PARAMS = {"n_factors": 3, "n_epochs": 100, "lr_all": 0.02, "random_state": 0}


def factors_of(name: str) -> Callable[..., Rater]:
    return lambda train, scale: fit_factors(name, train, PARAMS, scale=scale).factors


@pytest.fixture(scope="module")
def loaded_factors(tmp_path_factory) -> Callable[..., Rater]:
    def fit(train, scale):
        folder = tmp_path_factory.mktemp("factors")
        fit_factors("svd", train, PARAMS, scale=scale).factors.save(folder, {})
        return Factors.load(folder)

    return fit


def blend_of_three(train: pd.DataFrame, scale: tuple[float, float]) -> Rater:
    params = [{**PARAMS, "n_factors": 2 + seed, "random_state": seed} for seed in range(3)]
    return blend([fit_factors("svd", train, own, scale=scale).factors for own in params])


FITS = {
    "global_mean": GlobalMean.fit,
    "user_mean": UserMean.fit,
    "bias_only": BiasOnly.fit,
    "title_mean": TitleMean.fit,
    **{name: factors_of(name) for name, model in MODELS.items() if isinstance(model, StarModel)},
    "blend": blend_of_three,
    "loaded_factors": None,
}


@pytest.fixture(scope="module", params=FITS)
def fit(request) -> Callable[..., Rater]:
    return FITS[request.param] or request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    """Ratings with tastes: even users love even titles, odd users odd ones."""
    rng = np.random.default_rng(1)
    pairs = rng.permutation(30 * 25)[:400]
    users, titles = pairs // 25, pairs % 25
    stars = np.where(users % 2 == titles % 2, 4.5, 1.5) + rng.choice([-0.5, 0.0, 0.5], 400)
    return pd.DataFrame(
        {c.USER_ID: users + 1, c.TITLE_ID: [f"hs{title}" for title in titles], c.RATING: stars}
    )


@pytest.fixture(scope="module")
def model(fit, train) -> Rater:
    return fit(train, scale=SCALE)


@pytest.fixture(scope="module")
def pairs(train) -> tuple[list[int], list[str]]:
    """Known pairs, unrated pairs, and pairs with an unknown user, title or both."""
    users = [*train[c.USER_ID].head(20), 1, 2, 3, 999, -1, 1, 999]
    return users, [*train[c.TITLE_ID].head(20), "hs1", "hs1", "hs2", "hs3", "hs3", "zz", "zz"]


def test_knows_the_titles_of_train_each_once(model, train):
    assert sorted(model.title_ids) == sorted(set(train[c.TITLE_ID]))


def test_predicts_stars_inside_the_scale(model, pairs):
    predictions = model.predict(*pairs)
    assert predictions.shape == (len(pairs[0]),)
    assert predictions.dtype == np.float64
    assert ((predictions >= SCALE[0]) & (predictions <= SCALE[1])).all()


def test_a_pairs_prediction_does_not_depend_on_its_company(model, pairs):
    users, titles = pairs
    alone = [model.predict([u], [t])[0] for u, t in zip(users, titles, strict=True)]
    np.testing.assert_array_equal(model.predict(users, titles), alone)
    np.testing.assert_array_equal(model.predict(users[::-1], titles[::-1]), alone[::-1])


def test_takes_lists_arrays_and_columns_alike(model, pairs):
    users, titles = pairs
    expected = model.predict(users, titles)
    for as_type in (np.array, pd.Series, pd.Index):
        np.testing.assert_array_equal(model.predict(as_type(users), as_type(titles)), expected)
    frame = pd.DataFrame({c.USER_ID: users, c.TITLE_ID: titles}, index=range(90, 90 + len(users)))
    predictions = model.predict(frame[c.USER_ID].astype("int32"), frame[c.TITLE_ID])
    np.testing.assert_array_equal(predictions, expected)


def test_nothing_asked_nothing_answered(model):
    assert model.predict([], []).shape == (0,)


def test_fitting_twice_gives_the_same_model_and_leaves_train_alone(fit, model, train, pairs):
    before = train.copy()
    again = fit(train, scale=SCALE)
    pd.testing.assert_frame_equal(train, before)
    np.testing.assert_array_equal(again.predict(*pairs), model.predict(*pairs))


def test_one_rating_is_enough(fit):
    model = fit(pd.DataFrame({c.USER_ID: [1], c.TITLE_ID: ["as1"], c.RATING: [4.0]}), scale=SCALE)
    assert model.predict([1, 2], ["as1", "as2"]) == pytest.approx([4.0, 4.0], abs=0.2)


def test_a_user_id_in_text_is_refused_not_taken_for_a_stranger(model):
    with pytest.raises(TypeError, match="whole numbers"):
        model.predict(["1"], ["hs1"])


def test_ratings_outside_the_scale_are_refused(fit, train):
    with pytest.raises(InputError, match="outside the scale"):
        fit(train, scale=(1.0, 4.0))


def test_only_a_model_with_factors_finds_the_tastes(model, train):
    errors = model.predict(train[c.USER_ID], train[c.TITLE_ID]) - train[c.RATING]
    rmse = np.sqrt(np.mean(errors**2))
    assert rmse < 0.6 if isinstance(model, Factors) else rmse > 1.2
