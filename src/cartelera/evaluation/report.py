"""The page about the model: one self-contained HTML file for people."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cartelera.evaluation import breakdown, figures
from cartelera.evaluation.accuracy import Interval
from cartelera.evaluation.comparison import COVERAGE, MAE, MEASURES, NOVELTY, RMSE, Comparison
from cartelera.evaluation.drift import Drift
from cartelera.evaluation.picture import Picture
from cartelera.evaluation.residuals import Residuals
from cartelera.evaluation.spot_checks import SpotCheck
from cartelera.evaluation.verdicts import Verdict, list_verdict, rmse_verdict
from cartelera.evaluation.words import HIGHER_IS_BETTER, LOWER_IS_BETTER, measure_name, model_name

BIAS_ONLY: Final = "bias_only"
USER_MEAN: Final = "user_mean"
GLOBAL_MEAN: Final = "global_mean"
POPULARITY: Final = "popularity"

DRIFT: Final = "drift"
"""How the names of pictures of new ratings begin: they have a section of their own."""

_TEMPLATE = "report.html.j2"
_CURVE_CAPTION = (
    "Error by pass over the ratings: on train as the pass goes, on validation ratings after it. "
    "Validation ratings are a part of train, never the held-out ones."
)
_ONE_EPOCH_CAPTION = "Only the error after the last pass over the ratings is known."
_DIGITS = {RMSE: 4, MAE: 4, NOVELTY: 2}


@dataclass(frozen=True)
class Extras:
    """What the page shows besides the comparison, as far as it is there.

    Attributes:
        about: How the model was made, in a sentence or two.
        verdicts: Further verdicts, such as the one beside the champion.
        residuals: Where true ratings lie around predictions.
        drift: How new ratings differ from those before them.
        drift_since: Which ratings those are, in words.
    """

    about: str = ""
    verdicts: Sequence[Verdict] = ()
    residuals: Residuals | None = None
    drift: Drift | None = None
    drift_since: str = ""


NO_EXTRAS: Final = Extras()


def draw(
    comparison: Comparison, train: pd.DataFrame, test: pd.DataFrame, curve: pd.DataFrame
) -> list[Picture]:
    """Draw all pictures of the page.

    Args:
        comparison: Made on these two parts.
        train: What the models were fitted on.
        test: Held-out ratings.
        curve: `columns.CURVE_COLUMNS`, one row an epoch.
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


def draw_drift(drift: Drift) -> list[Picture]:
    """Draw the pictures of the section about new ratings."""
    return [
        Picture(
            "drift_stars",
            "Stars, before and now",
            "Share of the ratings with each number of stars.",
            figures.stars_before_and_now(drift),
        ),
        Picture(
            "drift_activity",
            "Activity over time",
            "Ratings in 24 periods of equal length, and the share of a period's users and titles "
            "that appear for the first time. The new ratings are those right of the dashed line.",
            figures.activity(drift),
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
    extras: Extras = NO_EXTRAS,
) -> str:
    """Write the page.

    Args:
        comparison: Its first model is the one in question.
        pictures: From `draw` and `draw_drift`.
        checks: From `spot_checks.spot_checks`.
        signal: The verdict on taste in the ratings: `has_taste` and `sentence`.
        n_train: Number of ratings in train.
        extras: Further parts.
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
        verdicts=[*_verdicts(comparison), *extras.verdicts],
        measures=[measure_name(measure, comparison.k) for measure in MEASURES],
        rows=_rows(comparison),
        pictures=[picture for picture in pictures if not picture.name.startswith(DRIFT)],
        drift_pictures=[picture for picture in pictures if picture.name.startswith(DRIFT)],
        checks=checks,
        n_train=n_train,
        extras=extras,
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
