import json

import pytest

from cartelera.evaluation.comparison import compare
from cartelera.evaluation.metrics import headline, to_metrics

SETTINGS = {"k": 2, "n_bootstrap": 50, "confidence": 0.9, "seed": 0}


@pytest.fixture
def models(model, fake):
    return {"model": model, "other": fake(["a"])}


def test_numbers_by_name(models, train, test):
    metrics = to_metrics(compare(models, train, test, relevant_at=4.0, **SETTINGS))

    assert metrics["model"]["rmse"] == pytest.approx(1.309307, abs=1e-9)
    assert metrics["model"]["rmse_low"] <= metrics["model"]["rmse"]
    assert metrics["model_minus"]["other"]["rmse"] == 0
    assert metrics["measured_on"]["n_ranked_users"] == 3
    assert metrics["measured_on"]["n_users_without_relevant_titles"] == 1
    json.dumps(metrics, allow_nan=False)


def test_what_is_not_determined_is_left_out(models, train, test):
    metrics = to_metrics(compare(models, train, test, relevant_at=6.0, **SETTINGS))

    assert "rmse" in metrics["model"]
    assert "ndcg_at_k" not in metrics["model"]
    assert "coverage_at_k" not in metrics["model"]
    json.dumps(metrics, allow_nan=False)


def test_the_headline_has_what_is_there_of_the_few_numbers():
    metrics = {
        "model": {"rmse": 0.9, "mae": 0.7, "coverage_at_k": 0.1},
        "bias_only": {"mae": 0.8},
        "signal": {"p_value": 0.001, "statistic": 0.2},
        "measured_on": {"k": 10},
    }
    assert headline(metrics) == {
        "model": {"rmse": 0.9, "coverage_at_k": 0.1},
        "bias_only": {},
        "signal": {"p_value": 0.001},
    }
