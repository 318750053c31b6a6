import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import ConfigError, InputError
from cartelera.factorization.fitting import DivergedError
from cartelera.models.registry import fit_factors

SCALE = (0.5, 5.0)
PARAMS = {"n_factors": 4, "n_epochs": 5, "lr_all": 0.02, "random_state": 1}
ARRAYS = ("user_bias", "title_bias", "user_factors", "title_factors", "title_means")


@pytest.fixture(scope="module")
def parts(ratings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and validation ratings; one validation user and one title are unknown to train."""
    valid = ratings.iloc[250:].copy()
    valid.iloc[0, valid.columns.get_loc(c.USER_ID)] = 999
    valid.iloc[1, valid.columns.get_loc(c.TITLE_ID)] = "as999"
    return ratings.iloc[:250], valid


def fit_both(parts, **params):
    train, valid = parts
    return (
        fit_factors(name, train, {**PARAMS, **params, **own}, scale=SCALE, valid=valid)
        for name, own in (("svd", {"exact": True}), ("surprise_svd", {}))
    )


@pytest.mark.parametrize("biased", [True, False])
def test_exact_gives_the_model_of_surprise(parts, biased):
    ours, theirs = fit_both(parts, biased=biased)
    for name in (*ARRAYS, "user_ids", "title_ids"):
        np.testing.assert_array_equal(getattr(ours.factors, name), getattr(theirs.factors, name))
    assert ours.factors.global_mean == theirs.factors.global_mean
    assert ours.factors.biased is theirs.factors.biased is biased
    assert theirs.curve[c.EPOCH].tolist() == [5]
    assert ours.curve[c.VALID_RMSE].iloc[-1] == theirs.curve[c.VALID_RMSE].iloc[0]


@pytest.mark.parametrize("biased", [True, False])
def test_the_default_mode_gives_nearly_the_same(parts, biased):
    train, valid = parts
    params = {**PARAMS, "biased": biased}
    fast = fit_factors("svd", train, {**params, "n_threads": 2}, scale=SCALE, valid=valid)
    exact = fit_factors("svd", train, {**params, "exact": True}, scale=SCALE, valid=valid)
    for name in ARRAYS:
        np.testing.assert_allclose(
            getattr(fast.factors, name), getattr(exact.factors, name), atol=1e-5
        )
    np.testing.assert_allclose(fast.curve, exact.curve, atol=1e-5)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("biased", [True, False])
def test_the_curve_is_that_of_the_exported_model_after_each_epoch(parts, exact, biased):
    train, valid = parts
    params = {**PARAMS, "exact": exact, "biased": biased}
    curve = fit_factors("svd", train, params, scale=SCALE, valid=valid).curve
    assert list(curve) == list(c.CURVE_COLUMNS)
    assert curve[c.EPOCH].tolist() == [1, 2, 3, 4, 5]
    assert curve[c.TRAIN_RMSE].is_monotonic_decreasing
    for epoch, valid_rmse in zip(curve[c.EPOCH], curve[c.VALID_RMSE], strict=True):
        factors = fit_factors("svd", train, {**params, "n_epochs": epoch}, scale=SCALE).factors
        errors = factors.predict(valid[c.USER_ID], valid[c.TITLE_ID]) - valid[c.RATING]
        assert valid_rmse == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-6)


def test_surprises_train_rmse_is_that_of_its_model(parts):
    train, _ = parts
    fitted = fit_factors("surprise_svd", train, PARAMS, scale=SCALE)
    errors = fitted.factors.predict(train[c.USER_ID], train[c.TITLE_ID]) - train[c.RATING]
    assert fitted.curve[c.TRAIN_RMSE].item() == pytest.approx(np.sqrt(np.mean(errors**2)))


@pytest.mark.parametrize(("name", "n_calls"), [("svd", 5), ("surprise_svd", 1)])
def test_on_epoch_is_told_the_curve(parts, name, n_calls):
    train, valid = parts
    told = []

    def on_epoch(epoch, valid_rmse):
        told.append((epoch, valid_rmse))
        return False

    curve = fit_factors(name, train, PARAMS, scale=SCALE, valid=valid, on_epoch=on_epoch).curve
    assert told == list(zip(curve[c.EPOCH], curve[c.VALID_RMSE], strict=True))
    assert len(told) == n_calls


def test_on_epoch_stops_the_fit_after_its_epoch(parts):
    train, _ = parts
    stopped = fit_factors("svd", train, PARAMS, scale=SCALE, on_epoch=lambda epoch, _: epoch == 2)
    shorter = fit_factors("svd", train, {**PARAMS, "n_epochs": 2}, scale=SCALE)
    pd.testing.assert_frame_equal(stopped.curve, shorter.curve)
    assert stopped.curve[c.VALID_RMSE].isna().all()
    np.testing.assert_array_equal(stopped.factors.user_factors, shorter.factors.user_factors)


def test_title_means_are_drawn_towards_the_global_mean(ratings):
    factors = fit_factors("svd", ratings, PARAMS, scale=SCALE).factors
    of_title = ratings.loc[ratings[c.TITLE_ID] == "ns3", c.RATING]
    mu = ratings[c.RATING].mean()
    expected = (of_title.sum() + 10 * mu) / (len(of_title) + 10)
    assert factors.predict([-1], ["ns3"])[0] == pytest.approx(expected, rel=1e-6)


def test_leaves_the_ratings_as_they_were(ratings):
    before = ratings.copy()
    fit_factors("svd", ratings, PARAMS, scale=SCALE, valid=ratings)
    pd.testing.assert_frame_equal(ratings, before)


@pytest.mark.parametrize(
    ("name", "own"), [("svd", {}), ("svd", {"exact": True}), ("surprise_svd", {})]
)
@pytest.mark.parametrize("valid", [True, False])
def test_divergence_is_told(ratings, name, own, valid):
    params = {**PARAMS, **own, "lr_all": 5.0, "n_epochs": 10}
    with pytest.raises(DivergedError, match="lower the learning rates"):
        fit_factors(name, ratings, params, scale=SCALE, valid=ratings if valid else None)


def test_unknown_names_are_told(ratings):
    with pytest.raises(ConfigError, match="svdpp: allowed are svd, surprise_svd"):
        fit_factors("svdpp", ratings, PARAMS, scale=SCALE)
    with pytest.raises(ConfigError, match=r"n_factor: allowed are .*n_factors"):
        fit_factors("svd", ratings, {"n_factor": 3}, scale=SCALE)


@pytest.mark.parametrize("own", [{"exact": True}, {"n_threads": 2}])
def test_surprises_svd_has_none_of_our_own_parameters(ratings, own):
    with pytest.raises(ConfigError, match=f"surprise_svd has no parameter {next(iter(own))}"):
        fit_factors("surprise_svd", ratings, {**PARAMS, **own}, scale=SCALE)


def test_wrong_validation_ratings_are_told(ratings):
    with pytest.raises(InputError, match="no rows"):
        fit_factors("svd", ratings, PARAMS, scale=SCALE, valid=ratings.head(0))
