import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import Recommendation


def test_predicts_by_the_formula_inside_the_scale(factors):
    predictions = factors.predict([10, 10, 20, 20], ["as1", "ds2", "as1", "ds2"])
    # 3 + 0.5 + 0.25 + 0.5; 3 + 0.5 + 2 clipped; 3 - 0.5 + 0.25 + 2; 3 - 0.5 - 1
    assert predictions.tolist() == [4.25, 5.0, 4.75, 1.5]


def test_without_biases_only_the_factors_speak(factors):
    unbiased = dataclasses.replace(factors, biased=False, user_bias=0 * factors.user_bias)
    unbiased = dataclasses.replace(unbiased, title_bias=0 * factors.title_bias)
    assert unbiased.predict([10, 20], ["ds2", "as1"]).tolist() == [2.0, 2.0]
    assert unbiased.score_titles([10]).tolist() == [[0.5, 2.0, 0.0]]
    assert unbiased.predict([10, 99], ["zz", "zz"]).tolist() == [3.0, 3.0]


def test_falls_back_for_whoever_it_does_not_know_and_says_so(factors):
    users, titles = [99, 10, 20, 99, 10], ["ds2", "zz", "zz", "zz", "as1"]
    assert factors.predict(users, titles).tolist() == [2.5, 3.5, 2.5, 3.0, 4.25]
    assert factors.origin(users, titles).tolist() == ["fallback"] * 4 + ["model"]


def test_scores_every_title_without_clipping(factors):
    assert factors.score_titles([20, 99, 10]).tolist() == [
        [4.75, 1.5, 3.25],
        [3.5, 2.5, 3.5],
        [4.25, 5.5, 3.25],
    ]


def test_large_batches_are_predicted_like_small_ones(factors, monkeypatch):
    users, titles = [10, 20, 99, 10, 20], ["as1", "hs3", "as1", "zz", "ds2"]
    whole = factors.predict(users, titles)
    monkeypatch.setattr("cartelera.factorization.scoring._PAIRS_AT_ONCE", 2)
    np.testing.assert_array_equal(factors.predict(users, titles), whole)


def test_recommends_the_best_first(factors):
    assert factors.recommend(10, 2) == [
        Recommendation("ds2", 5.5, "model"),
        Recommendation("as1", 4.25, "model"),
    ]


def test_recommends_the_best_means_to_strangers_alphabetically_when_equal(factors):
    assert factors.recommend(99, 3) == [
        Recommendation("as1", 3.5, "fallback"),
        Recommendation("hs3", 3.5, "fallback"),
        Recommendation("ds2", 2.5, "fallback"),
    ]


def test_filters_before_the_cut(factors):
    allowed = np.array([True, False, True])
    assert [r.title_id for r in factors.recommend(10, 2, allowed=allowed)] == ["as1", "hs3"]
    assert [r.title_id for r in factors.recommend(10, 2, seen=["ds2", "zz"])] == ["as1", "hs3"]
    assert [r.title_id for r in factors.recommend(10, 9, seen={"as1"})] == ["ds2", "hs3"]
    assert factors.recommend(10, 2, allowed=np.zeros(3, dtype=bool)) == []


def test_refuses_lists_that_make_no_sense(factors):
    with pytest.raises(ValueError, match="k=0"):
        factors.recommend(10, 0)
    with pytest.raises(ValueError, match="one boolean for each of 3"):
        factors.recommend(10, 1, allowed=np.ones(2, dtype=bool))
    with pytest.raises(ValueError, match="one boolean for each of 3"):
        factors.recommend(10, 1, allowed=np.ones(3))


@given(
    scores=st.lists(st.integers(0, 4), min_size=1, max_size=30),
    k=st.integers(1, 8),
    data=st.data(),
)
def test_recommend_is_the_head_of_the_sorted_allowed_titles(scores, k, data):
    n = len(scores)
    title_ids = data.draw(st.permutations([f"ns{code}" for code in range(n)]))
    allowed = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    factors = Factors(
        global_mean=0.0,
        user_bias=np.zeros(1, dtype=np.float32),
        title_bias=np.array(scores, dtype=np.float32),
        user_factors=np.zeros((1, 1), dtype=np.float32),
        title_factors=np.zeros((n, 1), dtype=np.float32),
        user_ids=np.array([1]),
        title_ids=np.array(title_ids, dtype=object),
        title_means=np.zeros(n, dtype=np.float32),
        scale=(0.5, 5.0),
    )
    whole = sorted(
        (-score, title_id)
        for score, title_id, may in zip(scores, title_ids, allowed, strict=True)
        if may
    )
    answer = factors.recommend(1, k, allowed=allowed)
    assert [(-r.score, r.title_id) for r in answer] == whole[:k]


def test_text_user_ids_are_refused_not_taken_for_strangers(factors):
    with pytest.raises(TypeError, match="whole numbers"):
        factors.predict(["10"], ["as1"])
    with pytest.raises(TypeError, match="whole numbers"):
        factors.score_titles([10.0])


def test_users_and_titles_must_make_pairs(factors):
    with pytest.raises(ValueError, match="2 users and 1 titles"):
        factors.predict([10, 20], ["as1"])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("title_bias", np.zeros(2, dtype=np.float32), r"title_bias .* shape \(3,\)"),
        ("title_factors", np.zeros((3, 1), dtype=np.float32), "title_factors"),
        ("user_factors", np.zeros(2, dtype=np.float32), "matrix of factors"),
        ("user_bias", np.zeros(2), "user_bias is float64"),
        ("title_means", np.array([1, np.nan, 2], dtype=np.float32), "title_means has a number"),
        ("global_mean", float("inf"), "global_mean"),
    ],
)
def test_parts_that_do_not_fit_are_refused(factors, name, value, words):
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(factors, **{name: value})


def test_the_exported_model_needs_none_of_the_libraries_it_was_fitted_with():
    code = (
        "import sys, cartelera.factorization.factors; "
        "print(*{'numba', 'surprise', 'scipy', 'mlflow', 'optuna', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
