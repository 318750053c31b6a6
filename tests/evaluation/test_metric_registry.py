from dataclasses import replace

import numpy as np
import pytest

from cartelera.evaluation import report
from cartelera.evaluation.comparison import compare
from cartelera.evaluation.metrics import METRICS, Better, ListMetric, Metric, of_kind, register
from cartelera.evaluation.metrics_json import headline, to_metrics
from cartelera.evaluation.pictures import Pictures


def hit_rate(lists):
    """Whether there is a hit in the list."""
    return lists.hits.any(axis=1).astype(np.float64)


HIT_RATE = ListMetric(
    key="hit_rate_at_k",
    label="Hit rate@{k}",
    better=Better.high,
    order=115,
    help="Share of the users whose {k} titles hold one of {relevant_at} stars.",
    is_paired=True,
    headline="value",
    of_lists=hit_rate,
)


@pytest.fixture
def compared(monkeypatch, model, fake, train, test, settings):
    monkeypatch.setitem(METRICS, HIT_RATE.key, HIT_RATE)
    return compare({"model": model, "popularity": fake("ab")}, train, test, settings)


def test_a_metric_that_is_defined_here_alone_is_everywhere(compared, train):
    metrics = to_metrics(compared)
    page = report.render(
        compared,
        Pictures([], [], []),
        [],
        signal={"taste": {"is_found": True}, "sentence": ""},
        n_train=len(train),
    )

    assert compared.table["hit_rate_at_k"].tolist() == [1.0, 0.0]
    assert metrics["model"]["hit_rate_at_k_low"] == 1.0
    assert metrics["model_minus"]["popularity"]["hit_rate_at_k"] == 1.0
    assert headline(metrics)["model"]["hit_rate_at_k"] == 1.0
    assert page.index("NDCG@2</th>") < page.index("Hit rate@2</th>") < page.index("Recall@2</th>")
    assert "Share of the users whose 2 titles hold one of 4.0 stars. Higher is better." in page


def test_a_key_stands_for_one_metric():
    with pytest.raises(ValueError, match="ndcg_at_k already"):
        register(METRICS["ndcg_at_k"])


def test_every_metric_has_words_and_a_place_of_its_own():
    metrics = of_kind(Metric)

    assert len({metric.order for metric in metrics}) == len(metrics) == len(METRICS)
    assert all(metric.explain(10, 4.0).endswith(".") for metric in metrics)
    assert len({metric.name(10) for metric in metrics}) == len(metrics)


def test_values_are_shown_with_three_decimals_or_in_percent():
    assert HIT_RATE.show(0.12345) == "0.123"
    assert replace(HIT_RATE, is_share=True).show(0.12345) == "12.3%"
