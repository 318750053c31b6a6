import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import Ridge
from cartelera.factorization.recommender import FALLBACK, FOLD_IN, Recommendation
from cartelera.models.registry import fit_factors

SCALE = (0.5, 5.0)
CARD = {"fold_in": {"reg_bu": 10.0, "reg_pu": 30.0, "level": 1.0}}
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
        card=CARD,
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
    expected = factors.newcomer_levels[codes].astype(float)
    b, p = 0.0, np.zeros(q.shape[1])
    step = 0.9 / (np.square(q).sum() + len(codes) + max(reg_bu, reg_pu))
    for _ in range(200_000):
        errors = ratings - expected - b - q @ p
        to_b = (errors.sum() - reg_bu * b) if factors.biased else 0.0
        to_p = q.T @ errors - reg_pu * p
        b, p = b + step * to_b, p + step * to_p
        if abs(to_b) + np.abs(to_p).sum() < tolerance:
            return b, p
    raise AssertionError("no convergence")


@given(
    question=questions(),
    reg_bu=st.sampled_from([0.1, 2.0, 10.0]),
    reg_pu=st.sampled_from([0.1, 2.0, 10.0]),
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


def test_sgd_holds_back_as_many_times_as_there_are_ratings():
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
    alike = factors.fold_in(factors.title_ids, ratings, reg_bu=6 * reg_bu, reg_pu=6 * reg_pu)
    assert alike.bias == pytest.approx(b, abs=2e-3)
    np.testing.assert_allclose(alike.factors, p, atol=2e-3)
    constant = factors.fold_in(factors.title_ids, ratings, reg_bu=reg_bu, reg_pu=reg_pu)
    assert np.abs(constant.factors - p).max() > 0.05


def test_many_ratings_and_few_are_solved_alike():
    """More ratings than factors or fewer: two ways to the same answer."""
    rng = np.random.default_rng(5)
    for n_ratings in (6, 7, 8, 60):
        factors = make(rng.normal(size=(n_ratings, 7)), rng.normal(size=n_ratings))
        ratings = rng.integers(1, 6, n_ratings)
        user = factors.fold_in(factors.title_ids, ratings)
        b, p = refit(factors, factors.title_ids.tolist(), ratings, 10.0, 30.0)
        assert user.bias == pytest.approx(b, abs=1e-7)
        np.testing.assert_allclose(user.factors, p, atol=1e-7)


def test_worked_by_hand():
    # One rating, one factor: (q^2 + reg, q; q, 1 + reg) (p, b) = d (q, 1), d = 5 - 3.25 - 0.5.
    factors = make([[2.0], [1.0]], [0.5, 0.0])
    user = factors.fold_in(["as0"], [5.0], reg_bu=1.0, reg_pu=1.0)
    assert (user.bias, user.factors.tolist()) == (pytest.approx(1.25 / 6), [pytest.approx(2.5 / 6)])
    assert factors.predict_folded(user, ["as1"]) == pytest.approx([3.25 + 3.75 / 6])


def test_two_ratings_worked_by_hand():
    """The mean bias is b = 0.25, the mean taste p = 0.5."""
    factors = dataclasses.replace(
        make([[1.0], [-1.0], [2.0]], [0.5, 0.0, -0.5]),
        card={"fold_in": {"reg_bu": 8.0, "reg_pu": 4.0, "level": 1.0}},
        user_ids=np.array([1, 2]),
        user_bias=np.array([1.0, -0.5], dtype=np.float32),
        user_factors=np.array([[1.5], [-0.5]], dtype=np.float32),
    )
    # 3.25 + 0.25 + b_i + 0.5 q_i
    assert factors.newcomer_levels.tolist() == [4.5, 3.0, 4.0]
    # d = (0.5, 1): A'A + D = (2 + 4, 0; 0, 2 + 8), A'd = (-0.5, 1.5).
    user = factors.fold_in(["as0", "as1"], [5.0, 4.0])
    assert user.bias == pytest.approx(0.15)
    assert user.factors.tolist() == [pytest.approx(-1 / 12)]
    assert factors.predict_folded(user, ["as2"]) == pytest.approx([4.0 + 0.15 - 1 / 6])
    # w_j = (2, 1) . ((1, -1) / 6, (1, 1) / 10) times d
    assert user.contributions(factors.title_factors[2]) == pytest.approx(
        [0.5 * (2 / 6 + 0.1), 1.0 * (-2 / 6 + 0.1)]
    )


def test_from_the_titles_means_worked_by_hand():
    card = {"fold_in": {"reg_bu": 3.0, "reg_pu": None, "level": 0.0}}
    factors = dataclasses.replace(make([[2.0], [1.0]], [0.5, 0.0]), card=card)
    assert factors.title_means.tolist() == [2.0, 4.0]
    user = factors.fold_in(["as0"], [4.0])
    assert (user.bias, user.factors.tolist()) == (0.5, [0.0])  # 2 / (1 + 3); no factors
    assert factors.predict_folded(user, ["as1", "as0", "zz"]).tolist() == [4.5, 2.5, 3.75]
    assert [(line.title_id, line.score) for line in factors.recommend(user, 2)] == [
        ("as1", 4.5),
        ("as0", 2.5),
    ]


@given(
    question=questions(),
    weaker=st.sampled_from([0.0, 0.1, 1.0, 10.0]),
    times=st.sampled_from([1.5, 10.0, math.inf]),
    level=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_more_regularisation_leaves_less_of_a_user(question, weaker, times, level):
    factors, title_ids, ratings = question
    card = {"fold_in": {"reg_bu": 10.0, "reg_pu": 10.0, "level": level}}
    factors = dataclasses.replace(factors, card=card)
    stronger = weaker * times if weaker else times
    users = [
        factors.fold_in(title_ids, ratings, reg_bu=reg, reg_pu=reg) for reg in (weaker, stronger)
    ]
    sizes = [math.hypot(user.bias, *user.factors) for user in users]
    assert sizes[1] <= sizes[0] + 1e-9


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_an_infinite_constant_leaves_the_level(level):
    card = {"fold_in": {"reg_bu": None, "reg_pu": None, "level": level}}
    factors = dataclasses.replace(make(np.ones((4, 2)), np.arange(4) / 4), card=card)
    for n in (1, 4):
        user = factors.fold_in(factors.title_ids[:n], [5.0] * n)
        assert (user.bias, user.factors.tolist()) == (0.0, [0.0, 0.0])
        np.testing.assert_array_equal(
            factors.predict_folded(user, factors.title_ids), factors.newcomer_levels
        )


def test_two_ratings_of_five_do_not_make_a_list_of_fives():
    rng = np.random.default_rng(1)
    factors = make(rng.normal(0, 0.3, (30, 10)), np.linspace(-0.5, 1.0, 30))
    user = factors.fold_in(["as20", "as21"], [5.0, 5.0])
    scores = [line.score for line in factors.recommend(user, 10)]
    assert max(scores) < 4.75
    # With a constant times n of the fit's size the two would say everything.
    user = factors.fold_in(["as20", "as21"], [5.0, 5.0], reg_bu=0.04, reg_pu=0.04)
    assert factors.recommend(user, 10)[0].score > 5.0


def test_many_own_ratings_give_about_what_the_fit_gave(ratings):
    params = {"n_factors": 3, "n_epochs": 400, "lr_all": 0.02, "reg_all": 0.1, "random_state": 0}
    fitted = fit_factors("svd", ratings, params, scale=SCALE).factors
    factors = dataclasses.replace(fitted, card=CARD)
    differences = []
    for user_id, own in ratings.groupby(c.USER_ID):
        constant = 0.1 * len(own)  # what SGD holds back with
        folded = factors.fold_in(own[c.TITLE_ID], own[c.RATING], reg_bu=constant, reg_pu=constant)
        known = factors.predict(np.full(len(factors.title_ids), user_id), factors.title_ids)
        differences.append(factors.predict_folded(folded, factors.title_ids) - known)
    assert np.sqrt(np.mean(np.square(differences))) < 0.15


def test_takes_the_constants_from_the_card_or_else_the_defaults():
    factors = make([[1.0], [0.5]], [0.0, 0.2])

    def bias(card, **own):
        with_card = dataclasses.replace(factors, card=card)
        return with_card.fold_in(["as0"], [5.0], **own).bias

    default = bias({}, reg_bu=10.0, reg_pu=30.0)
    assert bias({}) == bias({"params": {"reg_all": 0.3}}) == default
    card = {"fold_in": {"reg_bu": 2, "reg_pu": 0.5, "level": 0.5}}
    assert bias(card) == bias({}, reg_bu=2.0, reg_pu=0.5) != default
    assert bias(card, reg_bu=10.0, reg_pu=30.0) == default


@given(
    reg_bu=st.floats(0, allow_infinity=True),
    reg_pu=st.floats(0, allow_infinity=True),
    level=st.floats(0, 1),
)
@settings(max_examples=30)
def test_a_card_gives_back_the_constants_it_was_given(reg_bu, reg_pu, level):
    ridge = Ridge(reg_bu, reg_pu, level)
    card = json.loads(json.dumps({"fold_in": ridge.to_card()}, allow_nan=False))
    assert Ridge.of_card(card) == ridge


def test_starts_from_a_mean_of_the_average_user_and_the_titles_means(factors):
    # 3 + b_i + (0.5, 1) . q_i beside 3.5, 2.5, 3.5; a user's prediction is not touched by it.
    expected = {0.0: [3.5, 2.5, 3.5], 0.5: [4.0, 3.0, 3.375], 1.0: [4.5, 3.5, 3.25]}
    for level, levels in expected.items():
        card = {"fold_in": Ridge(level=level).to_card()}
        model = dataclasses.replace(factors, card=card)
        assert model.newcomer_levels.tolist() == levels
        assert model.predict([10], ["as1"]).tolist() == [4.25]
    assert factors.newcomer_levels.tolist() == expected[0.5]


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        (None, TypeError),
        ([10.0, 10.0], TypeError),
        ({"reg_bu": 1.0, "reg_pu": 1.0}, KeyError),
        ({"reg_bu": 1.0, "level": 0.0}, KeyError),
        ({"reg_bu": [1], "reg_pu": 1.0, "level": 0.0}, TypeError),
        ({"reg_bu": 1.0, "reg_pu": "much", "level": 0.0}, ValueError),
        ({"reg_bu": -1.0, "reg_pu": 1.0, "level": 0.0}, ValueError),
        ({"reg_bu": 1.0, "reg_pu": float("nan"), "level": 0.0}, ValueError),
        ({"reg_bu": 1.0, "reg_pu": 1.0, "level": 1.5}, ValueError),
    ],
)
def test_a_card_without_sense_is_refused(entry, error):
    with pytest.raises(error):
        Ridge.of_card({"fold_in": entry})


def test_a_model_with_such_a_card_is_not_loaded(factors, tmp_path):
    factors.save(tmp_path, {"fold_in": {"reg_bu": -1.0, "reg_pu": 1.0, "level": 0.0}})
    with pytest.raises(InputError, match="reg_bu=-1"):
        Factors.load(tmp_path)


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
    # Levels 4, 3, 3.375; d = 5 - 3; K = |q|^2 + 1 + 1 = 6.25; b = 2 / 6.25, p = 0.32 q.
    scores = {"as1": 4.0 + 0.32 + 0.16, "ds2": 3.0 + 0.32 + 1.36, "hs3": 3.375 + 0.32 - 0.08}
    best = [Recommendation(t, pytest.approx(scores[t]), FOLD_IN) for t in ("ds2", "as1", "hs3")]
    assert factors.recommend(user, 3) == best
    assert factors.recommend(user, 3, seen=user.title_ids) == best[1:]
    assert factors.recommend(user, 1, allowed=np.array([False, False, True])) == best[2:]
    predicted = factors.predict_folded(user, ["as1", "zz", "hs3"])
    assert predicted.tolist() == pytest.approx([scores["as1"], 3.32, scores["hs3"]])


def test_predictions_stay_inside_the_scale(factors):
    rated = (["as1", "ds2", "hs3"], [5.0, 5.0, 5.0])
    enthusiast = factors.fold_in(*rated, reg_bu=0.0, reg_pu=0.1)
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
