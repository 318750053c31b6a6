import json
from dataclasses import replace

import pytest

from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.cold_titles import ColdTitles
from cartelera.evaluation.comparison import compare
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics_json import (
    cold_title_metrics,
    compared,
    headline,
    newcomer_metrics,
    to_metrics,
)
from cartelera.evaluation.newcomer_lists import Newcomers
from cartelera.evaluation.resampling import UNKNOWN


@pytest.fixture
def models(model, fake):
    return {"model": model, "other": fake("a"), "lists": Entry(ranker=model.ranker)}


def test_numbers_by_name(models, train, test, settings):
    metrics = to_metrics(compare(models, train, test, settings))

    assert metrics["model"]["rmse"] == pytest.approx(1.309307, abs=1e-9)
    assert metrics["model"]["rmse_low"] <= metrics["model"]["rmse"]
    assert metrics["model"]["coverage_at_k"] == 0.6
    assert metrics["model_minus"]["other"]["rmse"] == 0
    assert metrics["measured_on"]["n_ranked_users"] == 3
    assert metrics["measured_on"]["n_users_without_relevant_titles"] == 1
    json.dumps(metrics, allow_nan=False)


def test_what_a_model_does_not_do_is_left_out(models, train, test, settings):
    metrics = to_metrics(compare(models, train, test, settings))

    assert "rmse" not in metrics["lists"]
    assert "rmse" not in metrics["model_minus"]["lists"]
    assert metrics["model_minus"]["lists"]["ndcg_at_k"] == 0


def test_what_is_not_determined_is_left_out(models, train, test, settings):
    metrics = to_metrics(compare(models, train, test, replace(settings, relevant_at=6.0)))

    assert "rmse" in metrics["model"]
    assert "ndcg_at_k" not in metrics["model"]
    assert "coverage_at_k" not in metrics["model"]
    json.dumps(metrics, allow_nan=False)


def test_newcomers_by_the_number_of_ratings():
    found = Newcomers(
        (1, 3),
        {"model": [Interval(0.2, 0.1, 0.3), UNKNOWN], "popularity": [Interval(0.1, 0.1, 0.1)] * 2},
        {"popularity": [Interval(0.1, 0.05, 0.15), UNKNOWN]},
    )
    assert newcomer_metrics(found) == {
        "model_ndcg_after_1": 0.2,
        "model_ndcg_after_1_low": 0.1,
        "model_ndcg_after_1_high": 0.3,
        "popularity_ndcg_after_1": 0.1,
        "popularity_ndcg_after_1_low": 0.1,
        "popularity_ndcg_after_1_high": 0.1,
        "popularity_ndcg_after_3": 0.1,
        "popularity_ndcg_after_3_low": 0.1,
        "popularity_ndcg_after_3_high": 0.1,
        "model_minus_popularity_ndcg_after_1": 0.1,
        "model_minus_popularity_ndcg_after_1_low": 0.05,
        "model_minus_popularity_ndcg_after_1_high": 0.15,
    }


def test_cold_titles():
    found = ColdTitles(Interval(0.2, 0.1, 0.3), Interval(0.03, 0.02, 0.04), UNKNOWN, 9, 50)
    assert cold_title_metrics(found) == {
        "ndcg_at_k": 0.2,
        "ndcg_at_k_low": 0.1,
        "ndcg_at_k_high": 0.3,
        "random_ndcg_at_k": 0.03,
        "random_ndcg_at_k_low": 0.02,
        "random_ndcg_at_k_high": 0.04,
        "n_users": 9,
        "n_titles": 50,
    }


def test_the_headline_has_what_is_there_of_the_few_numbers():
    metrics = {
        "model": {"rmse": 0.9, "mae": 0.7, "coverage_at_k": 0.1},
        "bias_only": {"mae": 0.8},
        "newcomers": {"model_ndcg_after_1": 0.1, "model_ndcg_after_3": 0.2},
        "signal": {"quality_p_value": 0.001, "taste_p_value": 0.02, "taste_statistic": 0.2},
        "measured_on": {"k": 10},
    }
    assert headline(metrics) == {
        "model": {"rmse": 0.9, "coverage_at_k": 0.1},
        "bias_only": {},
        "newcomers": {"model_ndcg_after_3": 0.2},
        "signal": {"quality_p_value": 0.001, "taste_p_value": 0.02},
    }


def test_runs_are_compared_by_a_dozen_values_at_most(models, train, test, settings):
    metrics = to_metrics(compare(models, train, test, settings))

    few = compared(metrics | {"newcomers": {"model_ndcg_after_3": 0.2, "model_ndcg_after_9": 0.3}})

    assert few["model"]["rmse"] == metrics["model"]["rmse"]
    assert not any(name.endswith(("_low", "_high")) for name in few["model"])
    assert few["newcomers"] == {"model_ndcg_after_3": 0.2}
    assert len(few["model"]) <= 5
