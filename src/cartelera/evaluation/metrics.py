"""A comparison as numbers by name, for files and for tracking."""

import math
from collections.abc import Mapping
from typing import Any, Final

from cartelera.evaluation.accuracy import Interval
from cartelera.evaluation.comparison import (
    COVERAGE,
    HIGH,
    LOW,
    NDCG,
    PAIRED,
    RMSE,
    WITH_INTERVAL,
    Comparison,
)

DIGITS = 6
"""Decimals kept: float32 arithmetic differs beyond them from one machine to the next."""

_HEADLINE: Final[Mapping[str, tuple[str, ...]]] = {
    "model": (RMSE, RMSE + LOW, RMSE + HIGH, NDCG, COVERAGE),
    "bias_only": (RMSE, NDCG),
    "user_mean": (RMSE,),
    "global_mean": (RMSE,),
    "popularity": (NDCG,),
    "signal": ("p_value",),
}


def to_metrics(comparison: Comparison) -> dict[str, Any]:
    """Give all measures of all models as nested plain numbers.

    Returns:
        By model name, each measure, its `_low` and `_high`; under `model_minus`, by name of the
        other model, the same for the paired differences, first model minus other; under
        `measured_on` the counts and settings. What the data do not determine is left out.
    """
    metrics: dict[str, Any] = {}
    for model in comparison.predictions:
        metrics[model] = {}
        for measure in WITH_INTERVAL:
            metrics[model] |= _named(measure, comparison.interval(model, measure))
        coverage = comparison.interval(model, COVERAGE)
        metrics[model] |= _known({COVERAGE: coverage.value})
    metrics["model_minus"] = {
        other: {
            name: number
            for measure in PAIRED
            for name, number in _named(measure, comparison.differences[measure][other]).items()
        }
        for other in list(comparison.predictions)[1:]
    }
    metrics["measured_on"] = {
        "n_test_ratings": comparison.n_test_ratings,
        "n_test_users": comparison.n_test_users,
        "n_ranked_users": comparison.n_ranked_users,
        "n_users_without_relevant_titles": comparison.n_test_users - comparison.n_ranked_users,
        "k": comparison.k,
        "relevant_at": comparison.relevant_at,
        "confidence": comparison.confidence,
    }
    return metrics


def headline(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the few numbers that runs are compared by.

    Args:
        metrics: All of them, nested.
    """
    return {
        group: {name: metrics[group][name] for name in names if name in metrics[group]}
        for group, names in _HEADLINE.items()
        if group in metrics
    }


def _named(measure: str, interval: Interval) -> dict[str, float]:
    return _known(
        {measure: interval.value, measure + LOW: interval.low, measure + HIGH: interval.high}
    )


def _known(numbers: Mapping[str, float]) -> dict[str, float]:
    return {name: round(x, DIGITS) for name, x in numbers.items() if math.isfinite(x)}
