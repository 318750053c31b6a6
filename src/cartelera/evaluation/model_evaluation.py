"""One model measured in all ways: stars and lists, newcomers, titles nobody rated, errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.cold_titles import ColdTitles, cold_title_ndcg
from cartelera.evaluation.comparison import MODEL, Comparison, compare, draw_audience
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.list_baselines import Impersonal
from cartelera.evaluation.model_names import IMPERSONAL, RATING_MODEL
from cartelera.evaluation.newcomer_lists import Newcomers, measure_newcomers
from cartelera.evaluation.residuals import Residuals, summarise
from cartelera.evaluation.settings import Settings
from cartelera.models.model import Model
from cartelera.ranking.content_features import content_features
from cartelera.ranking.fitting import fit_with_content
from cartelera.ranking.rating_order import RatingOrder

_COLD_USERS: Final = 2000
"""The most users whose lists of unrated titles are measured, in each of the folds."""


@dataclass(frozen=True)
class Evaluation:
    """What was found out about a model on held-out ratings.

    Attributes:
        comparison: The model beside others.
        newcomers: Lists made from few ratings.
        residuals: Where true ratings lie around predictions.
    """

    comparison: Comparison
    newcomers: Newcomers
    residuals: Residuals


def evaluate_model(
    model: Model,
    others: Mapping[str, Entry],
    train: pd.DataFrame,
    test: pd.DataFrame,
    settings: Settings,
    *,
    interval_coverage: float,
    newcomers_beside: Sequence[str],
) -> Evaluation:
    """Measure a model and what it is compared with.

    Args:
        model: Fitted on train.
        others: By name, fitted on the same train.
        train: Columns user_id, title_id, rating and timestamp, one row a pair.
        test: Held-out ratings; the same columns.
        settings: How metrics are made.
        interval_coverage: Share of true ratings between the ends around a prediction.
        newcomers_beside: The others that newcomers' lists are compared with.

    Raises:
        InputError: If test is empty or a model predicts something that is not a finite number.
    """
    entries = {MODEL: Entry(rater=model.rating, ranker=model.ranking), **others}
    audience = draw_audience(train, test, settings)
    comparison = compare(entries, train, test, settings, audience=audience)

    rankers = {
        name: ranker
        for name in (MODEL, *newcomers_beside)
        if (ranker := entries[name].ranker) is not None
    }
    newcomers = measure_newcomers(rankers, audience, settings)

    residuals = summarise(
        test[c.USER_ID].to_numpy(dtype=np.int64),
        test[c.RATING],
        comparison.predictions[MODEL],
        coverage=interval_coverage,
        top=model.rating.scale[1],
        seed=settings.seed,
    )
    return Evaluation(comparison, newcomers, residuals)


def with_less_knowledge(model: Model) -> dict[str, Entry]:
    """Return the model's lists when it forgets who asks, and when it knows stars alone."""
    return {
        IMPERSONAL: Entry(ranker=Impersonal(model.ranking)),
        RATING_MODEL: Entry(ranker=RatingOrder(model.rating)),
    }


def evaluate_cold_titles(
    model: Model, train: pd.DataFrame, titles: pd.DataFrame, settings: Settings
) -> ColdTitles:
    """Measure the ranking model on rated titles whose ratings it was not shown.

    Args:
        model: Whose ranking parameters are fitted again.
        train: As for `evaluate_model`.
        titles: Clean titles.
        settings: How lists are measured.
    """
    features = content_features(titles)
    few = replace(settings, max_users=min(settings.max_users, _COLD_USERS))
    return cold_title_ndcg(
        lambda ratings: fit_with_content(ratings, features, model.ranking.params), train, few
    )
