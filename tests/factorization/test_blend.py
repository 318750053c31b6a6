import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.factorization.blend import blend
from cartelera.factorization.factors import Factors
from cartelera.models.registry import fit_factors

SCALE = (0.5, 5.0)


def single(seed, *, n_factors=3, biased=True, n_users=4, n_titles=6, **params) -> Factors:
    """Make a model of random numbers; the seed changes nothing that blends must share."""
    rng = np.random.default_rng(seed)
    draw = {
        "user_bias": rng.normal(0, 0.3, n_users) * biased,
        "title_bias": rng.normal(0, 0.3, n_titles) * biased,
        "user_factors": rng.normal(0, 0.7, (n_users, n_factors)),
        "title_factors": rng.normal(0, 0.7, (n_titles, n_factors)),
        "title_means": np.linspace(2, 4, n_titles),
    }
    return Factors(
        global_mean=3.0,
        user_ids=np.arange(n_users),
        title_ids=np.array([f"ns{code}" for code in range(n_titles)], dtype=object),
        scale=SCALE,
        biased=biased,
        card={"params": params},
        **{name: values.astype(np.float32) for name, values in draw.items()},
    )


def test_by_hand(factors):
    other = dataclasses.replace(
        factors,
        user_bias=np.array([0.0, 0.5], dtype=np.float32),
        title_bias=np.array([0.25, 0.5, -0.25], dtype=np.float32),
        user_factors=np.array([[2.0], [1.0]], dtype=np.float32),
        title_factors=np.array([[0.5], [-1.0], [1.0]], dtype=np.float32),
    )

    blended = blend([factors, other])

    # User 10: 3 + 0.5 + (0.25, 0, -0.25) + (0.5, 2, 0) and 3 + 0 + (0.25, 0.5, -0.25) + (1, -2, 2).
    expected = [(4.25 + 4.25) / 2, (5.5 + 1.5) / 2, (3.25 + 4.75) / 2]
    np.testing.assert_allclose(blended.score_titles([10])[0], expected, rtol=1e-6)
    assert blended.user_factors.shape == (2, 3)
    assert blended.predict([10, 10, 77], ["as1", "zz", "ds2"]) == pytest.approx([4.25, 3.25, 2.5])


@given(
    seeds=st.lists(st.integers(0, 99), min_size=1, max_size=5),
    sizes=st.lists(st.integers(1, 4), min_size=5, max_size=5),
    biased=st.booleans(),
)
def test_scores_are_the_mean_of_the_models_scores(seeds, sizes, biased):
    models = [
        single(seed, n_factors=size, biased=biased)
        for seed, size in zip(seeds, sizes, strict=False)
    ]
    users = [0, 1, 2, 3, 99]

    blended = blend(models)

    mean = np.mean([model.score_titles(users) for model in models], axis=0)
    np.testing.assert_allclose(blended.score_titles(users), mean, atol=1e-5)
    pairs = np.repeat(np.arange(4), 6), np.tile(blended.title_ids, 4)
    np.testing.assert_allclose(
        blended.predict(*pairs), np.clip(mean[:4].ravel(), *SCALE), atol=1e-5
    )


def test_the_order_of_the_models_does_not_matter():
    models = [single(seed) for seed in range(3)]
    scores = [blend(order).score_titles([0, 1]) for order in (models, models[::-1])]
    np.testing.assert_allclose(*scores, atol=1e-5)


@given(n=st.integers(1, 5), rated=st.integers(1, 6), seed=st.integers(0, 99), biased=st.booleans())
def test_a_user_is_folded_into_copies_as_into_the_one_model(n, rated, seed, biased):
    one = single(seed, biased=biased)
    title_ids, ratings = one.title_ids[:rated], np.arange(rated) % 5 + 0.5

    blended = blend([one] * n)

    users = [model.fold_in(title_ids, ratings) for model in (one, blended)]
    assert users[1].bias == pytest.approx(users[0].bias, abs=1e-6)
    predictions = [
        model.predict_folded(user, model.title_ids)
        for model, user in zip((one, blended), users, strict=True)
    ]
    np.testing.assert_allclose(*predictions, atol=1e-5)
    contributions = [
        user.contributions(model.title_factors[-1])
        for model, user in zip((one, blended), users, strict=True)
    ]
    np.testing.assert_allclose(*contributions, atol=1e-5)


@pytest.fixture(scope="module")
def fitted(ratings) -> list[Factors]:
    settings = [(4, 0.1, 0), (7, 0.15, 1), (3, 0.05, 2)]
    models = []
    for n_factors, reg_all, seed in settings:
        params = {"n_factors": n_factors, "reg_all": reg_all, "n_epochs": 30, "random_state": seed}
        model = fit_factors("svd", ratings, params, scale=SCALE).factors
        models.append(dataclasses.replace(model, card={"params": params}))
    return models


def test_folding_into_the_blend_is_close_to_blending_what_is_folded_into_the_models(
    fitted, ratings
):
    """Closer than the models are to each other: what remains is in the models' b_i."""
    blended = blend(fitted)
    for user_id in sorted(ratings["user_id"].unique())[:8]:
        rows = ratings[ratings["user_id"] == user_id]
        folded = [
            model.predict_folded(model.fold_in(rows["title_id"], rows["rating"]), model.title_ids)
            for model in (blended, *fitted)
        ]
        mean = np.mean(folded[1:], axis=0)
        distance = np.sqrt(np.mean((folded[0] - mean) ** 2))
        spread = np.sqrt(np.mean((np.array(folded[1:]) - mean) ** 2))
        assert distance < 0.05
        assert distance < spread


def test_the_blends_contributions_add_up_and_explain(fitted, ratings):
    blended = blend(fitted)
    rows = ratings[ratings["user_id"] == 100]
    user = blended.fold_in(rows["title_id"], rows["rating"])
    for q in blended.title_factors:
        total = user.bias + q @ user.factors
        assert user.contributions(q).sum() == pytest.approx(total, abs=1e-6)
    title_id = next(t for t in blended.title_ids if t not in set(rows["title_id"]))
    assert all(reason.contribution > 0 for reason in blended.explain(user, title_id, 3))


def test_a_saved_blend_folds_in_as_before(fitted, tmp_path):
    blended = blend(fitted)
    blended.save(tmp_path, blended.card)
    loaded = Factors.load(tmp_path)
    rated = (blended.title_ids[:3], [5.0, 1.0, 4.0])
    users = [model.fold_in(*rated) for model in (blended, loaded)]
    np.testing.assert_array_equal(users[0].factors, users[1].factors)
    assert users[0].bias == users[1].bias
    assert not np.allclose(users[0].factors, blended.fold_in(*rated, reg_pu=0.02).factors)


def test_constants_mean_the_same_for_one_model_and_for_many():
    card = {"fold_in": {"reg_bu": 3.0, "reg_pu": 2.0, "level": 0.5}}
    one = dataclasses.replace(single(0, n_factors=2), card=card)
    blended = blend([one, one])
    assert "fold_in" not in blended.card
    with_card = dataclasses.replace(blended, card={**blended.card, **card})
    users = [model.fold_in(["ns1", "ns4"], [5.0, 2.0]) for model in (one, with_card)]
    assert users[1].bias == pytest.approx(users[0].bias)
    predictions = [
        model.predict_folded(user, one.title_ids)
        for model, user in zip((one, with_card), users, strict=True)
    ]
    np.testing.assert_allclose(*predictions, rtol=1e-6)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"user_ids": np.array([0, 1, 2, 4])}, "user_ids"),
        ({"title_ids": np.array(list("abcdef"), dtype=object)}, "title_ids"),
        ({"title_means": np.ones(6, dtype=np.float32)}, "title_means"),
        ({"scale": (1.0, 5.0)}, "scale"),
        ({"biased": False}, "biased"),
    ],
)
def test_models_that_do_not_belong_together_are_refused(changed, said):
    with pytest.raises(ValueError, match=f"differ in {said}"):
        blend([single(0), dataclasses.replace(single(1), **changed)])


def test_other_users_than_in_the_first_model_are_refused():
    with pytest.raises(ValueError, match="differ in user_ids"):
        blend([single(0), single(0, n_users=5)])


def test_no_models_and_blends_of_blends_are_refused():
    with pytest.raises(ValueError, match="no models"):
        blend([])
    with pytest.raises(ValueError, match="a blend already"):
        blend([single(0), blend([single(0), single(1)])])
