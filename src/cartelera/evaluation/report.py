"""The page about the model: one self-contained HTML file for people."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.cold_titles import ColdTitles
from cartelera.evaluation.comparison import Comparison
from cartelera.evaluation.contrast import Contrast
from cartelera.evaluation.drift import Drift
from cartelera.evaluation.metrics import (
    METRICS,
    Better,
    CatalogueMetric,
    ListMetric,
    Metric,
    StarMetric,
    of_kind,
)
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.model_names import IMPERSONAL, model_name
from cartelera.evaluation.newcomer_lists import Newcomers
from cartelera.evaluation.pictures import Pictures
from cartelera.evaluation.residuals import Residuals
from cartelera.evaluation.spot_checks import SpotCheck
from cartelera.evaluation.tuned import BIAS_ONLY, EASE, ITEM_KNN, POPULARITY, USER_MEAN
from cartelera.evaluation.verdicts import (
    Verdict,
    list_verdict,
    newcomer_verdict,
    personal_verdict,
    rmse_verdict,
)

NEWCOMER: Final = 3
"""After how many ratings a newcomer's lists are judged in a sentence."""

_TEMPLATE = "report.html.j2"


@dataclass(frozen=True)
class Extras:
    """What the page shows besides the comparison, as far as it is there.

    Attributes:
        about: How the model was made, in a sentence or two.
        verdicts: Further verdicts, such as the one beside the champion.
        residuals: Where true ratings lie around predictions.
        drift: How new ratings differ from those before them.
        drift_since: Which ratings those are, in words.
        newcomers: Lists made from few ratings.
        cold: Lists of titles that nobody rated.
        contrast: Lists of very different users.
        chosen: The constants baselines were fitted with.
    """

    about: str = ""
    verdicts: Sequence[Verdict] = ()
    residuals: Residuals | None = None
    drift: Drift | None = None
    drift_since: str = ""
    newcomers: Newcomers | None = None
    cold: ColdTitles | None = None
    contrast: Contrast | None = None
    chosen: Mapping[str, Mapping[str, float]] | None = None


NO_EXTRAS: Final = Extras()


def render(
    comparison: Comparison,
    pictures: Pictures,
    checks: list[SpotCheck],
    *,
    signal: Mapping[str, Any],
    n_train: int,
    extras: Extras = NO_EXTRAS,
) -> str:
    """Write the page.

    Args:
        comparison: Its first model is the one in question.
        pictures: What to show.
        checks: From `spot_checks.spot_checks`.
        signal: The verdict on the ratings: `quality`, `taste` and `sentence`.
        n_train: Number of ratings in train.
        extras: Further parts.
    """
    # A name that is missing in the template is an error, not a gap in the page.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    raters = list(comparison.predictions)
    return environment.get_template(_TEMPLATE).render(
        comparison=comparison,
        signal=signal,
        lists={
            "cards": _cards(comparison, NDCG, (POPULARITY, ITEM_KNN, EASE)),
            "verdicts": _list_verdicts(comparison, extras),
            "table": _table(
                comparison,
                comparison.rankers,
                [*of_kind(ListMetric), *of_kind(CatalogueMetric)],
            ),
            "pictures": pictures.lists,
        },
        stars={
            "cards": _cards(comparison, RMSE, (BIAS_ONLY, USER_MEAN)),
            "verdicts": [*_star_verdicts(comparison), *extras.verdicts],
            "table": _table(comparison, raters, of_kind(StarMetric)),
            "pictures": pictures.stars,
        },
        glossary=_glossary(comparison),
        chosen=_chosen(extras.chosen or {}),
        drift_pictures=pictures.drift,
        checks=checks,
        n_train=n_train,
        extras=extras,
    )


def _list_verdicts(comparison: Comparison, extras: Extras) -> list[Verdict]:
    others = comparison.differences.get(NDCG, {})
    verdicts = [
        list_verdict(comparison, other) for other in (POPULARITY, ITEM_KNN) if other in others
    ]
    if IMPERSONAL in others:
        verdicts.append(personal_verdict(comparison, IMPERSONAL))
    newcomers = extras.newcomers
    if newcomers is not None and POPULARITY in newcomers.differences:
        verdicts.append(newcomer_verdict(newcomers, POPULARITY, NEWCOMER, comparison.confidence))
    return verdicts


def _star_verdicts(comparison: Comparison) -> list[Verdict]:
    others = comparison.differences.get(RMSE, {})
    return [rmse_verdict(comparison, other) for other in (BIAS_ONLY, USER_MEAN) if other in others]


def _cards(comparison: Comparison, key: str, others: Sequence[str]) -> list[dict[str, Any]]:
    shown = [model for model in (comparison.first, *others) if model in comparison.models]
    return [
        {
            "name": model_name(model),
            "metric": METRICS[key].name(comparison.k),
            **_cell(comparison.interval(model, key), METRICS[key], None),
            "first": model == comparison.first,
        }
        for model in shown
    ]


def _table(
    comparison: Comparison, models: Sequence[str], metrics: Sequence[Metric]
) -> dict[str, Any]:
    table = comparison.table
    best = {one.key: table[one.key].min() for one in metrics if one.better is Better.low}
    best |= {one.key: table[one.key].max() for one in metrics if one.better is Better.high}

    return {
        "metrics": [metric.name(comparison.k) for metric in metrics],
        "rows": [
            {
                "name": model_name(model),
                "first": model == comparison.first,
                "cells": [
                    _cell(comparison.interval(model, metric.key), metric, best.get(metric.key))
                    for metric in metrics
                ],
            }
            for model in models
        ],
    }


def _cell(interval: Interval, metric: Metric, best: float | None) -> dict[str, Any]:
    if math.isnan(interval.value):
        return {"value": "\u2013", "range": "", "best": False}
    low, high = metric.show(interval.low), metric.show(interval.high)
    return {
        "value": metric.show(interval.value),
        "range": f"{low} \u2013 {high}" if interval.low < interval.high else "",
        "best": interval.value == best,
    }


def _glossary(comparison: Comparison) -> list[tuple[str, str]]:
    """Return the name of each metric and what it says."""
    relevant_at = comparison.settings.relevant_at
    return [
        (metric.name(comparison.k), metric.explain(comparison.k, relevant_at))
        for metric in of_kind(Metric)
    ]


def _chosen(chosen: Mapping[str, Mapping[str, float]]) -> str:
    """Return the constants of baselines in a sentence; nothing if there are none."""
    sentences: list[str] = []
    for model, own in chosen.items():
        constants = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in own.items())
        sentences.append(f"{model_name(model)} ({constants})")
    return "; ".join(sentences)
