"""The numbers of `metrics.json`, `comparison.json` and tracked runs, by name."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.cold_titles import ColdTitles
from cartelera.evaluation.comparison import MODEL, Comparison
from cartelera.evaluation.metrics import HIGH, LOW, CatalogueMetric, MeanMetric, Metric, of_kind
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.model_evaluation import Evaluation
from cartelera.evaluation.newcomer_lists import Newcomers
from cartelera.evaluation.rounding import DIGITS
from cartelera.evaluation.tuned import BIAS_ONLY, ITEM_KNN, POPULARITY, USER_MEAN

NEWCOMERS: Final = "newcomers"
COLD_TITLES: Final = "cold_titles"
SPLIT_DIGEST: Final = "split_digest"

_COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    POPULARITY: (NDCG,),
    ITEM_KNN: (NDCG,),
    BIAS_ONLY: (RMSE,),
    NEWCOMERS: ("model_ndcg_after_3",),
    COLD_TITLES: (NDCG,),
}
"""What tracked runs are compared by besides the model's own metrics: they have 20 in all."""

_OF_OTHERS: Final[Mapping[str, tuple[str, ...]]] = {
    **_COMPARED,
    USER_MEAN: (RMSE,),
    NEWCOMERS: ("model_ndcg_after_3", "popularity_ndcg_after_3"),
    "signal": ("quality_p_value", "taste_p_value"),
}
"""What the headline has besides the model's own metrics."""


def to_metrics(comparison: Comparison) -> dict[str, Any]:
    """Return all metrics of all models as nested plain numbers.

    Returns:
        By model name, each metric, its `_low` and `_high`; under `model_minus`, by name of the
        other model, the same for the paired differences, first model minus other; under
        `measured_on` the counts and settings. What the data do not determine, or a model does not
        do, is left out.
    """
    metrics: dict[str, Any] = {}
    for model in comparison.models:
        metrics[model] = {}
        for metric in of_kind(MeanMetric):
            metrics[model] |= _named(metric.key, comparison.interval(model, metric.key))
        for metric in of_kind(CatalogueMetric):
            metrics[model] |= _known({metric.key: comparison.interval(model, metric.key).value})

    metrics["model_minus"] = {
        other: {
            name: number
            for metric in of_kind(Metric)
            if (difference := comparison.difference(metric.key, other)) is not None
            for name, number in _named(metric.key, difference).items()
        }
        for other in comparison.models[1:]
    }

    settings = comparison.settings
    metrics["measured_on"] = {
        "n_test_ratings": comparison.n_test_ratings,
        "n_test_users": comparison.n_test_users,
        "n_ranked_users": comparison.n_ranked_users,
        "n_users_without_relevant_titles": comparison.n_test_users - comparison.n_relevant_users,
        "k": settings.k,
        "relevant_at": settings.relevant_at,
        "confidence": settings.confidence,
    }
    return metrics


def newcomer_metrics(newcomers: Newcomers) -> dict[str, float]:
    """Return lists by the number of ratings as plain numbers, such as `model_ndcg_after_3`.

    With each its `_low` and `_high`; the first model minus another as
    `model_minus_popularity_ndcg_after_3`.
    """
    numbers: dict[str, float] = {}
    first = next(iter(newcomers.ndcg))
    minus = {f"{first}_minus_{other}": values for other, values in newcomers.differences.items()}
    for name, values in {**newcomers.ndcg, **minus}.items():
        for n, interval in zip(newcomers.n_ratings, values, strict=True):
            numbers |= _named(f"{name}_ndcg_after_{n}", interval)
    return numbers


def cold_title_metrics(cold: ColdTitles) -> dict[str, float]:
    """Return lists of unrated titles as plain numbers."""
    return {
        **_named(NDCG, cold.ndcg),
        **_named(f"random_{NDCG}", cold.random),
        **_named(f"minus_random_{NDCG}", cold.difference),
        "n_users": cold.n_users,
        "n_titles": cold.n_titles,
    }


def all_metrics(
    evaluation: Evaluation, cold: ColdTitles, signal: Mapping[str, Any], split_digest: str
) -> dict[str, Any]:
    """Return everything that was measured as nested plain numbers.

    Args:
        evaluation: Of the model.
        cold: Its lists of unrated titles.
        signal: What the exploration found in the ratings: `quality` and `taste`.
        split_digest: The split that was measured on.
    """
    return {
        **to_metrics(evaluation.comparison),
        NEWCOMERS: newcomer_metrics(evaluation.newcomers),
        COLD_TITLES: cold_title_metrics(cold),
        "signal": {
            f"{test}_{name}": value
            for test in ("quality", "taste")
            for name, value in signal[test].items()
        },
        SPLIT_DIGEST: split_digest,
    }


def headline(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the few numbers that runs are compared by.

    Args:
        metrics: All of them, nested.
    """
    own: list[str] = []
    for metric in of_kind(Metric):
        if metric.headline != "nothing":
            own.append(metric.key)
        if metric.headline == "interval":
            own += [metric.key + LOW, metric.key + HIGH]

    few = _pick(metrics, {MODEL: own, **_OF_OTHERS})
    return few | {SPLIT_DIGEST: metrics[SPLIT_DIGEST]} if SPLIT_DIGEST in metrics else few


def compared(metrics: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Pick the values that tracked runs are compared by: fewer still, without intervals.

    Args:
        metrics: All of them, nested.
    """
    own = [metric.key for metric in of_kind(Metric) if metric.headline != "nothing"]
    return _pick(metrics, {MODEL: own, **_COMPARED})


def _pick(
    metrics: Mapping[str, Any], names: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, float]]:
    return {
        group: {name: metrics[group][name] for name in wanted if name in metrics[group]}
        for group, wanted in names.items()
        if group in metrics
    }


def _named(name: str, interval: Interval) -> dict[str, float]:
    return _known({name: interval.value, name + LOW: interval.low, name + HIGH: interval.high})


def _known(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(x, DIGITS) for name, x in numbers.items() if math.isfinite(x)}
