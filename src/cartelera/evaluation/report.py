"""The page about the model: one self-contained HTML file for people."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cartelera.evaluation import breakdown, figures
from cartelera.evaluation.accuracy import Interval
from cartelera.evaluation.comparison import COVERAGE, MAE, MEASURES, NDCG, NOVELTY, RMSE, Comparison
from cartelera.evaluation.spot_checks import SpotCheck
from cartelera.evaluation.words import HIGHER_IS_BETTER, LOWER_IS_BETTER, measure_name, model_name

BIAS_ONLY: Final = "bias_only"
USER_MEAN: Final = "user_mean"
GLOBAL_MEAN: Final = "global_mean"
POPULARITY: Final = "popularity"

_TEMPLATE = "report.html.j2"
_CURVE_CAPTION = (
    "Error by pass over the ratings: on train as the pass goes, on validation ratings after it. "
    "Validation ratings are a part of train, never the held-out ones."
)
_ONE_EPOCH_CAPTION = "Only the error after the last pass over the ratings is known."
_DIGITS = {RMSE: 4, MAE: 4, NOVELTY: 2}


@dataclass(frozen=True)
class Picture:
    """A picture of the page.

    Attributes:
        name: Its file name without suffix.
        title: Its heading.
        caption: What it shows and how to read it.
        png: Its content.
    """

    name: str
    title: str
    caption: str
    png: bytes

    @property
    def data_url(self) -> str:
        """Give the content as a URL that needs no file."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


@dataclass(frozen=True)
class Verdict:
    """Whether the first model beats another, in plain words."""

    is_better: bool
    sentence: str


def rmse_verdict(comparison: Comparison, other: str) -> Verdict:
    """Say whether the first model predicts ratings clearly better than another model.

    It does if the interval of the paired difference in RMSE lies wholly below 0.
    """
    difference = comparison.differences[RMSE][other]
    name = _in_sentence(other)
    size = f"{abs(difference.value):.4f} stars {_evidence(difference, comparison)}"
    if difference.high < 0:
        return Verdict(
            True,
            f"The model is clearly better than the {name} baseline: its RMSE is lower by {size}.",
        )
    if difference.low > 0:
        return Verdict(
            False,
            f"The model is clearly worse than the {name} baseline: its RMSE is higher by {size}.",
        )
    return Verdict(
        False,
        f"The model is not clearly better than the {name} baseline: their RMSE differs by {size}, "
        "which may be chance.",
    )


def list_verdict(comparison: Comparison, other: str) -> Verdict:
    """Say whether the first model's lists hit clearly more than another's, judged on NDCG."""
    difference = comparison.differences[NDCG][other]
    name, measure = _in_sentence(other), measure_name(NDCG, comparison.k)
    if math.isnan(difference.value):
        return Verdict(False, f"No user has a relevant held-out title: {measure} is unknown.")
    evidence = (
        f"{measure} is {comparison.interval(comparison.first, NDCG).value:.3f} against "
        f"{comparison.interval(other, NDCG).value:.3f} {_evidence(difference, comparison)}"
    )
    if difference.low > 0:
        return Verdict(True, f"The model's lists hit more than those of {name}: {evidence}.")
    if difference.high < 0:
        return Verdict(
            False,
            f"The model's lists hit less than those of {name}: {evidence}. Predicting ratings well "
            "and guessing what somebody will watch next are different tasks.",
        )
    return Verdict(
        False, f"The model's lists hit neither more nor less than those of {name}: {evidence}."
    )


def draw(
    comparison: Comparison, train: pd.DataFrame, test: pd.DataFrame, curve: pd.DataFrame
) -> list[Picture]:
    """Draw all pictures of the page.

    Args:
        comparison: Made on these two parts.
        train: What the models were fitted on.
        test: Held-out ratings.
        curve: Columns `figures.CURVE_COLUMNS`, one row an epoch.
    """
    lines = [model for model in comparison.predictions if model != POPULARITY]
    return [
        Picture(
            "rmse",
            "The model beside the baselines",
            "Root mean squared error on the held-out ratings. The bars are intervals from "
            "resampling users; whether two models differ is judged on the paired difference above, "
            "which is narrower than two overlapping bars suggest.",
            figures.rmse_beside_baselines(comparison),
        ),
        Picture(
            "ranking",
            "Recommendation lists",
            "How well the lists hit what users turned out to like, and the share of titles that "
            "appear in anybody's list.",
            figures.ranking_beside_baselines(comparison),
        ),
        Picture(
            "learning_curve",
            "Learning curve",
            _CURVE_CAPTION if len(curve) > 1 else _ONE_EPOCH_CAPTION,
            figures.learning_curve(curve),
        ),
        Picture(
            "calibration",
            "Predicted against true",
            "On the dashed line a prediction of 4 stars means 4 stars on average. A flatter curve "
            "means predictions too bold, a steeper one predictions too timid.",
            figures.calibration(breakdown.calibration(test, comparison)),
        ),
        Picture(
            "rmse_by_activity",
            "Error by user activity",
            "From users with few ratings to users with many.",
            figures.rmse_by_group(
                breakdown.rmse_by_activity(train, test, comparison),
                "ratings of the user in train",
                lines,
            ),
        ),
        Picture(
            "rmse_by_popularity",
            "Error by title popularity",
            "From titles with few ratings to titles with many; 0 are titles new in test.",
            figures.rmse_by_group(
                breakdown.rmse_by_popularity(train, test, comparison),
                "ratings of the title in train",
                lines,
            ),
        ),
    ]


def save(pictures: list[Picture], folder: Path) -> None:
    """Write each picture as a PNG file of its name."""
    folder.mkdir(parents=True)
    for picture in pictures:
        (folder / f"{picture.name}.png").write_bytes(picture.png)


def render(
    comparison: Comparison,
    pictures: list[Picture],
    checks: list[SpotCheck],
    *,
    signal: Mapping[str, Any],
    n_train: int,
) -> str:
    """Write the page.

    Args:
        comparison: Its first model is the one in question.
        pictures: From `draw`.
        checks: From `spot_checks.spot_checks`.
        signal: The verdict on taste in the ratings: `has_taste` and `sentence`.
        n_train: Number of ratings in train.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(
        comparison=comparison,
        cards=_cards(comparison),
        signal=signal,
        verdicts=_verdicts(comparison),
        measures=[measure_name(measure, comparison.k) for measure in MEASURES],
        rows=_rows(comparison),
        pictures=pictures,
        checks=checks,
        n_train=n_train,
    )


def _verdicts(comparison: Comparison) -> list[Verdict]:
    others = list(comparison.predictions)[1:]
    return [
        *(rmse_verdict(comparison, other) for other in (BIAS_ONLY, USER_MEAN) if other in others),
        *(list_verdict(comparison, other) for other in (POPULARITY,) if other in others),
    ]


def _cards(comparison: Comparison) -> list[dict[str, Any]]:
    shown = [comparison.first, BIAS_ONLY, USER_MEAN]
    return [
        {
            "name": model_name(model),
            "value": f"{(interval := comparison.interval(model, RMSE)).value:.4f}",
            "range": f"{interval.low:.4f} \u2013 {interval.high:.4f}",
            "first": model == comparison.first,
        }
        for model in shown
        if model in comparison.predictions
    ]


def _rows(comparison: Comparison) -> list[dict[str, Any]]:
    best = {measure: comparison.table[measure].min() for measure in LOWER_IS_BETTER}
    best |= {measure: comparison.table[measure].max() for measure in HIGHER_IS_BETTER}
    return [
        {
            "name": model_name(model),
            "first": model == comparison.first,
            "cells": [
                _cell(comparison.interval(model, measure), measure, best.get(measure))
                for measure in MEASURES
            ],
        }
        for model in comparison.predictions
    ]


def _cell(interval: Interval, measure: str, best: float | None) -> dict[str, Any]:
    if math.isnan(interval.value):
        return {"value": "\u2013", "range": "", "best": False}
    if measure == COVERAGE:
        return {"value": f"{interval.value:.1%}", "range": "", "best": False}
    digits = _DIGITS.get(measure, 3)
    return {
        "value": f"{interval.value:.{digits}f}",
        "range": f"{interval.low:.{digits}f} \u2013 {interval.high:.{digits}f}",
        "best": interval.value == best,
    }


def _in_sentence(model: str) -> str:
    return model_name(model).lower().replace(" ", "-")


def _evidence(difference: Interval, comparison: Comparison) -> str:
    return (
        f"(paired difference {_signed(difference.value)}, {comparison.confidence:.0%} interval "
        f"{_signed(difference.low)} to {_signed(difference.high)})"
    )


def _signed(number: float) -> str:
    return f"{number:+.4f}".replace("-", "\u2212")
