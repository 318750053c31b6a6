"""Several models measured on the same held-out ratings, with intervals: stars and lists."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.audience import Audience, ListValues, measure_lists
from cartelera.evaluation.bootstrap import FloatArray, Interval
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics import (
    HIGH,
    LOW,
    METRICS,
    CatalogueMetric,
    ListMetric,
    MeanMetric,
    of_kind,
)
from cartelera.evaluation.metrics.base import stars_off
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.popularity import TitlePopularity
from cartelera.evaluation.resampling import UNKNOWN, Measured, list_intervals, star_intervals
from cartelera.evaluation.settings import Settings
from cartelera.ranking.ranker import Ranker

logger = logging.getLogger(__name__)

MODEL: Final = "model"


@dataclass(frozen=True)
class Comparison:
    """What each of several models is worth on the same held-out ratings.

    Attributes:
        table: One row a model, in the order given: `model`; for each metric its value and, where
            it has an interval, `_low` and `_high`. NaN where the data do not determine it, or the
            model has no such side.
        differences: For each paired metric and each other model that has it, the metric of the
            first model minus that of the other, paired user by user: an interval without 0 means
            that they clearly differ. RMSE is in stars. Nothing of a side that the first model
            lacks.
        predictions: Predicted stars of each model that predicts them, for the rows of test, each of
            shape (n_test,).
        ndcg: What the list of each of some users is worth, by the name of each model that orders
            lists, each of shape (n_ranked_users,).
        user_ids: Those users; shape (n_ranked_users,).
        n_test_ratings: Number of held-out ratings.
        n_test_users: Number of users who have held-out ratings.
        n_relevant_users: Number of those who have a relevant held-out title; the list measures are
            about them, the other users are left out.
        settings: How it was made.
    """

    table: pd.DataFrame
    differences: dict[str, dict[str, Interval]]
    predictions: dict[str, FloatArray]
    ndcg: dict[str, FloatArray]
    user_ids: NDArray[np.int64]
    n_test_ratings: int
    n_test_users: int
    n_relevant_users: int
    settings: Settings

    @property
    def models(self) -> list[str]:
        """Names of all models; the others are compared with the first."""
        return [str(name) for name in self.table[MODEL]]

    @property
    def first(self) -> str:
        """Name of the model that the others are compared with."""
        return self.models[0]

    @property
    def rankers(self) -> list[str]:
        """Names of the models that order lists."""
        return list(self.ndcg)

    @property
    def n_ranked_users(self) -> int:
        """Number of relevant users that lists were made for: all, or as many as were drawn."""
        return len(self.user_ids)

    @property
    def k(self) -> int:
        """Length of a recommendation list."""
        return self.settings.k

    @property
    def confidence(self) -> float:
        """Coverage of the intervals."""
        return self.settings.confidence

    def interval(self, model: str, metric: str) -> Interval:
        """Return a metric of a model; where it has no interval, both ends are the value itself."""
        row = self.table[self.table[MODEL] == model].iloc[0]
        has_interval = isinstance(METRICS[metric], MeanMetric)
        ends = (metric + LOW, metric + HIGH) if has_interval else (metric, metric)
        return Interval(float(row[metric]), float(row[ends[0]]), float(row[ends[1]]))

    def difference(self, metric: str, other: str) -> Interval | None:
        """Return the first model's metric minus another's; None if one of them lacks it."""
        return self.differences.get(metric, {}).get(other)


@dataclass(frozen=True)
class _Lists:
    """What was measured on lists, by model."""

    measured: Measured
    ndcg: dict[str, FloatArray]
    of_all: list[dict[str, float]]


def compare(
    entries: Mapping[str, Entry],
    train: pd.DataFrame,
    test: pd.DataFrame,
    settings: Settings,
    *,
    audience: Audience | None = None,
) -> Comparison:
    """Measure models on held-out ratings and the first one against each other.

    Args:
        entries: Fitted models by name; the first is the one in question.
        train: What they were fitted on; columns user_id, title_id, rating and timestamp.
        test: Held-out ratings; the same columns, one row a pair.
        settings: How.
        audience: Whom lists are made for; drawn if it is not given.

    Raises:
        InputError: If test is empty or a model predicts something that is not a finite number.
    """
    raters = {name: one.rater for name, one in entries.items() if one.rater is not None}
    rankers = {name: one.ranker for name, one in entries.items() if one.ranker is not None}

    # Stars: all raters on all test ratings.
    true = test[c.RATING].to_numpy(dtype=np.float64)
    predictions = {
        name: np.asarray(rater.predict(test[c.USER_ID], test[c.TITLE_ID]), dtype=np.float64)
        for name, rater in raters.items()
    }
    errors = [stars_off(true, predicted) for predicted in predictions.values()]
    stars = star_intervals(test, errors, settings)

    # Lists: all rankers for the same users.
    if audience is None:
        audience = draw_audience(train, test, settings)
    lists = _measure_lists(rankers, audience, train, settings)

    first = next(iter(entries))
    return Comparison(
        table=_tabulate(list(entries), list(raters), stars, list(rankers), lists),
        differences={
            **_differences(first, list(raters), stars),
            **_differences(first, list(rankers), lists.measured),
        },
        predictions=predictions,
        ndcg=lists.ndcg,
        user_ids=audience.user_ids,
        n_test_ratings=len(test),
        n_test_users=int(test[c.USER_ID].nunique()),
        n_relevant_users=int(test.loc[true >= settings.relevant_at, c.USER_ID].nunique()),
        settings=settings,
    )


def draw_audience(train: pd.DataFrame, test: pd.DataFrame, settings: Settings) -> Audience:
    """Draw whom lists are made for (`Audience.draw`)."""
    return Audience.draw(
        train,
        test,
        relevant_at=settings.relevant_at,
        max_users=settings.max_users,
        seed=settings.seed,
    )


def _measure_lists(
    rankers: Mapping[str, Ranker], audience: Audience, train: pd.DataFrame, settings: Settings
) -> _Lists:
    popularity = TitlePopularity.of(train)
    # Shares of titles are of all that anybody could list, so that models are measured alike.
    n_titles = len(set().union(*(ranker.title_ids for ranker in rankers.values())))

    values: list[ListValues] = []
    of_all: list[dict[str, float]] = []
    for name, ranker in rankers.items():
        logger.info("Measuring lists of %s for %d users.", name, len(audience.user_ids))
        top = audience.top_k(ranker, settings.k)
        values.append(measure_lists(top, audience.relevant, popularity))
        of_all.append(
            {metric.key: metric.of_all_lists(top, n_titles) for metric in of_kind(CatalogueMetric)}
        )
    place = [metric.key for metric in of_kind(ListMetric)].index(NDCG)
    ndcg = {name: own.values[:, place] for name, own in zip(rankers, values, strict=True)}
    return _Lists(list_intervals(values, settings), ndcg, of_all)


def _differences(
    first: str, names: list[str], measured: Measured
) -> dict[str, dict[str, Interval]]:
    """Return by metric and other model what `measured` has by other model and metric."""
    found: dict[str, dict[str, Interval]] = {}
    if first in names:
        for other, differences in zip(names[1:], measured.paired, strict=True):
            for metric, difference in differences.items():
                found.setdefault(metric, {})[other] = difference
    return found


def _tabulate(
    names: list[str], raters: list[str], stars: Measured, rankers: list[str], lists: _Lists
) -> pd.DataFrame:
    of_stars = dict(zip(raters, stars.own, strict=True))
    of_lists = dict(zip(rankers, lists.measured.own, strict=True))
    of_all = dict(zip(rankers, lists.of_all, strict=True))

    rows: list[dict[str, Any]] = []
    for name in names:
        intervals = {**of_stars.get(name, {}), **of_lists.get(name, {})}
        row: dict[str, Any] = {MODEL: name}
        for metric in of_kind(MeanMetric):
            interval = intervals.get(metric.key, UNKNOWN)
            row |= {
                metric.key: interval.value,
                metric.key + LOW: interval.low,
                metric.key + HIGH: interval.high,
            }

        # What is of all lists together has no interval.
        for metric in of_kind(CatalogueMetric):
            row[metric.key] = of_all.get(name, {}).get(metric.key, float("nan"))
        rows.append(row)

    return pd.DataFrame(rows)
