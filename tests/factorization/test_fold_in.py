import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import Regularisation
from cartelera.factorization.recommender import FALLBACK, FOLD_IN, Recommendation
from cartelera.factorization.svd import fit_factors

SCALE = (0.5, 5.0)
STARS = st.integers(1, 10).map(lambda half_stars: half_stars / 2)


def make(title_factors, title_bias, *, biased=True) -> Factors:
    title_factors = np.asarray(title_factors, dtype=np.float32)
    n_titles, n_factors = title_factors.shape
    return Factors(
        global_mean=3.25,
        user_bias=np.zeros(1, dtype=np.float32),
        title_bias=np.asarray(title_bias, dtype=np.float32) * np.float32(biased),
        user_factors=np.zeros((1, n_factors), dtype=np.float32),
        title_factors=title_factors,
        user_ids=np.array([1]),
        title_ids=np.array([f"as{code}" for code in range(n_titles)], dtype=object),
        title_means=np.linspace(2, 4, n_titles).astype(np.float32),
        scale=SCALE,
        biased=biased,
    )


@st.composite
def questions(draw):
    n_titles, n_factors = draw(st.integers(1, 7)), draw(st.integers(1, 4))
    small = st.integers(-20, 20).map(lambda number: number / 20)
    factors = make(
        draw(hnp.arrays(np.float64, (n_titles, n_factors), elements=small)),
        draw(hnp.arrays(np.float64, n_titles, elements=small)),
        biased=draw(st.booleans()),
    )
    ratings = draw(st.lists(STARS, min_size=n_titles, max_size=n_titles))
    return factors, factors.title_ids.tolist(), ratings


def refit(factors, title_ids, ratings, reg_bu, reg_pu, *, tolerance=1e-11):
    """Descend the gradient of the user's regularised squared error until nothing changes."""
    codes = [factors.title_ids.tolist().index(title_id) for title_id in title_ids]
    q = factors.title_factors[codes].astype(float)
    offset = factors.global_mean if factors.biased else 0.0
    expected = offset + factors.title_bias[codes].astype(float)
    b, p, n = 0.0, np.zeros(q.shape[1]), len(codes)
    step = 0.9 / (np.square(q).sum() + n + n * max(reg_bu, reg_pu))
    for _ in range(200_000):
        errors = ratings - expected - b - q @ p
        to_b = (errors.sum() - n * reg_bu * b) if factors.biased else 0.0
        to_p = q.T @ errors - n * reg_pu * p
        b, p = b + step * to_b, p + step * to_p
        if abs(to_b) + np.abs(to_p).sum() < tolerance:
            return b, p
    raise AssertionError("no convergence")


@given(
    question=questions(),
    reg_bu=st.sampled_from([0.02, 0.1, 2.0]),
    reg_pu=st.sampled_from([0.02, 0.1, 2.0]),
)
def test_is_the_limit_of_refitting_the_user_alone(question, reg_bu, reg_pu):
    factors, title_ids, ratings = question
    user = factors.fold_in(title_ids, ratings, reg_bu=reg_bu, reg_pu=reg_pu)
    b, p = refit(factors, title_ids, ratings, reg_bu, reg_pu)
    assert user.bias == pytest.approx(b, abs=1e-7)
    np.testing.assert_allclose(user.factors, p, atol=1e-7)


@pytest.mark.parametrize(("reg_bu", "reg_pu"), [(0.0, 0.0), (0.0, 0.1), (0.1, 0.0)])
@pytest.mark.parametrize("n_ratings", [2, 9])
def test_is_the_limit_without_regularisation_too(reg_bu, reg_pu, n_ratings):
    rng = np.random.default_rng(n_ratings)
    factors = make(rng.normal(size=(9, 4)), rng.normal(size=9))
    title_ids, ratings = factors.title_ids[:n_ratings].tolist(), rng.integers(1, 6, n_ratings)
    user = factors.fold_in(title_ids, ratings, reg_bu=reg_bu, reg_pu=reg_pu)
    b, p = refit(factors, title_ids, ratings, reg_bu, reg_pu)
    assert user.bias == pytest.approx(b, abs=1e-7)
    np.testing.assert_allclose(user.factors, p, atol=1e-7)


def test_is_where_sgd_with_falling_steps_ends():
    """The updates of Surprise's SVD, one rating after the other, for b_u and p_u only."""
    rng = np.random.default_rng(0)
    factors = make(rng.normal(size=(6, 3)), rng.normal(size=6))
    ratings, reg_bu, reg_pu = rng.integers(1, 6, 6), 0.05, 0.2
    q, b, p = factors.title_factors.astype(float), 0.0, np.zeros(3)
    for epoch in range(4000):
        rate = 1 / (20 + epoch)
        for code in range(6):
            error = ratings[code] - (3.25 + b + factors.title_bias[code] + q[code] @ p)
            b += rate * (error - reg_bu * b)
            p += rate * (error * q[code] - reg_pu * p)
    user = factors.fold_in(factors.title_ids, ratings, reg_bu=reg_bu, reg_pu=reg_pu)
    assert user.bias == pytest.approx(b, abs=2e-3)
    np.testing.assert_allclose(user.factors, p, atol=2e-3)


def test_many_ratings_and_few_are_solved_alike():
    """More ratings than factors or fewer: two ways to the same answer."""
    rng = np.random.default_rng(5)
    for n_ratings in (6, 7, 8, 60):
        factors = make(rng.normal(size=(n_ratings, 7)), rng.normal(size=n_ratings))
        ratings = rng.integers(1, 6, n_ratings)
        user = factors.fold_in(factors.title_ids, ratings)
        b, p = refit(factors, factors.title_ids.tolist(), ratings, 0.02, 0.02)
        assert user.bias == pytest.approx(b, abs=1e-7)
        np.testing.assert_allclose(user.factors, p, atol=1e-7)


def test_worked_by_hand():
    # One rating, one factor: (q^2 + reg, q; q, 1 + reg) (p, b) = d (q, 1), d = 5 - 3.25 - 0.5.
    factors = make([[2.0], [1.0]], [0.5, 0.0])
    user = factors.fold_in(["as0"], [5.0], reg_bu=1.0, reg_pu=1.0)
    assert (user.bias, user.factors.tolist()) == (pytest.approx(1.25 / 6), [pytest.approx(2.5 / 6)])
    assert factors.predict_folded(user, ["as1"]) == pytest.approx([3.25 + 3.75 / 6])


def test_a_known_users_own_ratings_give_almost_what_the_fit_gave(ratings):
    params = {"n_factors": 3, "n_epochs": 400, "lr_all": 0.02, "reg_all": 0.1, "random_state": 0}
    fitted = fit_factors("svd", ratings, params, scale=SCALE).factors
    factors = dataclasses.replace(fitted, card={"params": params})
    differences = []
    for user_id, own in ratings.groupby(c.USER_ID):
        folded = factors.fold_in(own[c.TITLE_ID], own[c.RATING])
        known = factors.predict(np.full(len(factors.title_ids), user_id), factors.title_ids)
        differences.append(factors.predict_folded(folded, factors.title_ids) - known)
    assert np.sqrt(np.mean(np.square(differences))) < 0.1


def test_regularises_as_the_card_says():
    factors = make([[1.0], [0.5]], [0.0, 0.2])

    def bias(card, **own):
        with_card = dataclasses.replace(factors, card=card)
        return with_card.fold_in(["as0"], [5.0], **own).bias

    default = bias({}, reg_bu=0.02, reg_pu=0.02)
    assert bias({}) == bias({"params": {"n_factors": 1}}) == default
    assert bias({"params": {"reg_all": 0.3}}) == bias({}, reg_bu=0.3, reg_pu=0.3) != default
    apart = {"params": {"reg_all": 0.3, "reg_bu": 0.1, "reg_pu": None, "reg_qi": 9}}
    assert bias(apart) == bias({}, reg_bu=0.1, reg_pu=0.3)
    assert bias(apart, reg_bu=0.02, reg_pu=0.02) == default


@pytest.mark.parametrize(
    ("card", "error"),
    [
        ({"params": [1]}, TypeError),
        ({"params": {"reg_all": [1]}}, TypeError),
        ({"params": {"reg_pu": "much"}}, ValueError),
        ({"params": {"reg_pu": -1}}, ValueError),
        ({"params": {"reg_bu": float("nan")}}, ValueError),
        ({"members": {}}, TypeError),
        ({"members": []}, TypeError),
        ({"members": "ab"}, TypeError),
        ({"members": [{"params": {}}]}, KeyError),
        ({"members": [{"n_factors": 3}]}, KeyError),
        ({"members": [{"n_factors": 2.0, "params": {}}]}, TypeError),
        ({"members": [{"n_factors": 10**15, "params": {}}]}, ValueError),
        ({"members": [{"n_factors": n, "params": {}} for n in (4, -1)]}, ValueError),
        ({"members": [{"n_factors": 1, "params": {}}] * 2}, ValueError),
        (
            {
                "members": [
                    {"n_factors": 1, "params": {"reg_bu": -1.0}},
                    {"n_factors": 2, "params": {"reg_bu": 0.1}},
                ]
            },
            ValueError,
        ),
    ],
)
def test_a_card_without_sense_is_refused(card, error):
    with pytest.raises(error):
        Regularisation.of_card(card, 3)


def test_members_keep_their_own_regularisation_of_factors_and_share_one_of_the_bias():
    members = [
        {"n_factors": 1, "params": {"reg_all": 0.1}},
        {"n_factors": 2, "params": {"reg_bu": 0.3, "reg_pu": 0.02}},
    ]
    regularisation = Regularisation.of_card({"members": members}, 3)
    assert regularisation.reg_pu == (0.1, 0.02, 0.02)
    assert regularisation.reg_bu == pytest.approx(2 / (1 / 0.1 + 1 / 0.3))
    members[0]["params"] = {"reg_bu": 0.0}
    assert Regularisation.of_card({"members": members}, 3).reg_bu == 0


@pytest.mark.parametrize("title_ids", [[], ["zz", "yy"]])
def test_without_known_titles_the_fallback_answers(factors, title_ids):
    user = factors.fold_in(title_ids, [4.0] * len(title_ids))
    assert (user.origin, user.ignored, user.bias) == (FALLBACK, tuple(title_ids), 0.0)
    assert user.factors.tolist() == [0.0, 0.0]
    titles = ["as1", "ds2", "zz"]
    np.testing.assert_array_equal(
        factors.predict_folded(user, titles), factors.predict([99] * 3, titles)
    )
    assert factors.recommend(user, 3) == factors.recommend(99, 3)
    assert factors.explain(user, "as1", 3) == []


def test_titles_the_model_does_not_know_are_ignored_and_reported(factors):
    user = factors.fold_in(["zz", "as1", "yy", "ds2"], [1.0, 4.0, 5.0, 2.5])
    alone = factors.fold_in(["as1", "ds2"], [4.0, 2.5])
    assert user.ignored == ("zz", "yy")
    assert (user.title_ids.tolist(), user.ratings.tolist()) == (["as1", "ds2"], [4.0, 2.5])
    assert (user.bias, user.factors.tolist()) == (alone.bias, alone.factors.tolist())


@pytest.mark.parametrize("value", [0.0, 5.5, float("nan"), float("inf")])
def test_ratings_outside_the_scale_are_refused(factors, value):
    with pytest.raises(InputError, match=r"of ds2 is outside the scale: .* from 0\.5 to 5"):
        factors.fold_in(["as1", "ds2"], [3.0, value])


def test_contradictions_are_refused(factors):
    with pytest.raises(InputError, match="more than once: as1, zz"):
        factors.fold_in(["zz", "as1", "ds2", "as1", "zz"], [1, 2, 3, 4, 5])
    with pytest.raises(ValueError, match="2 titles and 1 ratings"):
        factors.fold_in(["as1", "ds2"], [3.0])
    with pytest.raises(ValueError, match="reg_pu=-1"):
        factors.fold_in(["as1"], [3.0], reg_pu=-1)


def test_predicts_and_recommends_with_the_same_filters(factors):
    user = factors.fold_in(["ds2"], [5.0], reg_bu=1.0, reg_pu=1.0)
    # d = 2; K = |q|^2 + 1 + 1 = 6.25; b = 2 / 6.25 = 0.32, p = 0.32 q = (0.64, -0.16)
    scores = {"as1": 3.25 + 0.32 + 0.16, "ds2": 3.0 + 0.32 + 1.36, "hs3": 2.75 + 0.32 - 0.08}
    best = [Recommendation(t, pytest.approx(scores[t]), FOLD_IN) for t in ("ds2", "as1", "hs3")]
    assert factors.recommend(user, 3) == best
    assert factors.recommend(user, 3, seen=user.title_ids) == best[1:]
    assert factors.recommend(user, 1, allowed=np.array([False, False, True])) == best[2:]
    predicted = factors.predict_folded(user, ["as1", "zz", "hs3"])
    assert predicted.tolist() == pytest.approx([scores["as1"], 3.32, scores["hs3"]])


def test_predictions_stay_inside_the_scale(factors):
    enthusiast = factors.fold_in(["as1", "ds2", "hs3"], [5.0, 5.0, 5.0])
    assert factors.predict_folded(enthusiast, ["as1", "ds2", "hs3", "zz"]).max() <= 5.0
    assert max(line.score for line in factors.recommend(enthusiast, 3)) > 4.5


@given(question=questions(), reg=st.sampled_from([0.0, 0.02, 0.5]))
def test_contributions_add_up_to_what_the_user_adds(question, reg):
    factors, title_ids, ratings = question
    user = factors.fold_in(title_ids, ratings, reg_bu=reg, reg_pu=reg)
    for q in factors.title_factors:
        total = user.bias + q @ user.factors
        assert user.contributions(q).sum() == pytest.approx(total, abs=1e-6)


def test_a_contribution_is_what_the_rating_changes():
    rng = np.random.default_rng(3)
    factors = make(rng.normal(size=(5, 3)), rng.normal(size=5))
    title_ids, ratings = factors.title_ids[:4].tolist(), np.array([4.0, 2.0, 3.5, 5.0])
    contributions = factors.fold_in(title_ids, ratings).contributions(factors.title_factors[4])
    # Were a rating what the model expects of anyone, its contribution would be missing.
    expected = 3.25 + factors.title_bias.astype(float)
    for place in range(4):
        without = ratings.copy()
        without[place] = expected[place]
        pair = [factors.fold_in(title_ids, stars) for stars in (ratings, without)]
        scores = [user.bias + factors.title_factors[4] @ user.factors for user in pair]
        assert contributions[place] == pytest.approx(scores[0] - scores[1])


def test_explains_by_the_ratings_that_speak_for_a_title():
    factors = make([[1.0], [0.5], [-1.0], [1.0], [0.8]], [0.0] * 5)
    user = factors.fold_in(["as0", "as1", "as2", "as3"], [5.0, 5.0, 1.0, 2.0])
    contributions = dict(
        zip(user.title_ids, user.contributions(factors.title_factors[4]), strict=True)
    )
    reasons = factors.explain(user, "as4", 5)
    assert {reason.title_id: reason.contribution for reason in reasons} == {
        title_id: value for title_id, value in contributions.items() if value > 0
    }
    assert [reason.contribution for reason in reasons] == sorted(
        (reason.contribution for reason in reasons), reverse=True
    )
    assert reasons[0].title_id == "as0"
    assert reasons[0].rating == 5.0
    assert "as3" not in {reason.title_id for reason in reasons}
    assert factors.explain(user, "as4", 1) == reasons[:1]


def test_a_title_does_not_explain_itself(factors):
    user = factors.fold_in(["as1", "hs3"], [5.0, 4.0])
    assert [reason.title_id for reason in factors.explain(user, "as1", 5)] == ["hs3"]


def test_an_unknown_title_cannot_be_explained(factors):
    with pytest.raises(InputError, match="no title 'zz'"):
        factors.explain(factors.fold_in(["as1"], [4.0]), "zz", 3)
