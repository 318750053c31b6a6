"""Several recommenders measured on the same held-out ratings, with intervals."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation import accuracy, ranking
from cartelera.evaluation.accuracy import FloatArray, Interval
from cartelera.factorization.recommender import Recommender
from cartelera.factorization.selection import NO_TITLE
from cartelera.factorization.top_k import TopK, top_k

logger = logging.getLogger(__name__)

MODEL: Final = "model"
LOW: Final = "_low"
HIGH: Final = "_high"

RMSE: Final = "rmse"
MAE: Final = "mae"
PRECISION: Final = "precision_at_k"
RECALL: Final = "recall_at_k"
NDCG: Final = "ndcg_at_k"
MAP: Final = "map_at_k"
NOVELTY: Final = "novelty_at_k"
COVERAGE: Final = "coverage_at_k"

WITH_INTERVAL: Final = (RMSE, MAE, PRECISION, RECALL, NDCG, MAP, NOVELTY)
MEASURES: Final = (*WITH_INTERVAL, COVERAGE)
PAIRED: Final = (RMSE, NDCG)


@dataclass(frozen=True)
class Comparison:
    """What each of several models is worth on the same held-out ratings.

    Attributes:
        table: One row a model, in the order given: `model`; for each measure with an interval
            its value, `_low` and `_high`; the coverage. NaN where the data do not determine it.
        differences: For each measure of `PAIRED` and each other model, the measure of the first
            model minus that of the other, paired user by user: an interval without 0 means that
            they clearly differ. RMSE is in stars.
        predictions: Predicted stars of each model for the rows of test, each of shape (n_test,).
        n_test_ratings: Number of held-out ratings.
        n_test_users: Number of users who have held-out ratings.
        n_ranked_users: Number of those who have a relevant held-out title; the ranking measures
            are about them, the other users are left out.
        k: Length of a recommendation list.
        relevant_at: Stars from which a held-out title is relevant.
        confidence: Coverage of the intervals.
    """

    table: pd.DataFrame
    differences: dict[str, dict[str, Interval]]
    predictions: dict[str, FloatArray]
    n_test_ratings: int
    n_test_users: int
    n_ranked_users: int
    k: int
    relevant_at: float
    confidence: float

    @property
    def first(self) -> str:
        """Name of the model that the others are compared with."""
        return str(self.table[MODEL].iloc[0])

    def interval(self, model: str, measure: str) -> Interval:
        """Give a measure of a model; for the coverage both ends are the value itself."""
        row = self.table[self.table[MODEL] == model].iloc[0]
        ends = (measure, measure) if measure == COVERAGE else (measure + LOW, measure + HIGH)
        return Interval(float(row[measure]), float(row[ends[0]]), float(row[ends[1]]))


@dataclass(frozen=True)
class _PerUser:
    """Measures as ratios of sums over users; both of shape (n_users, n_measures)."""

    numerators: FloatArray
    denominators: FloatArray


def compare(
    models: Mapping[str, Recommender],
    train: pd.DataFrame,
    test: pd.DataFrame,
    *,
    k: int,
    relevant_at: float,
    n_bootstrap: int,
    confidence: float,
    seed: int,
) -> Comparison:
    """Measure models on held-out ratings and the first one against each other.

    Args:
        models: Fitted models by name; the first is the one in question.
        train: What they were fitted on; columns user_id and title_id.
        test: Held-out ratings; columns user_id, title_id and rating, one row a pair.
        k: Length of a recommendation list.
        relevant_at: Stars from which a held-out title is relevant.
        n_bootstrap: Number of resamples of users behind the intervals.
        confidence: Coverage of the intervals, between 0 and 1.
        seed: Seed of the resamples.

    Raises:
        InputError: If test is empty or a model predicts something that is not a finite number.
    """
    test_users, user_codes = np.unique(
        test[c.USER_ID].to_numpy(dtype=np.int64), return_inverse=True
    )
    true = test[c.RATING].to_numpy(dtype=np.float64)
    relevant = test[true >= relevant_at]
    ranked = np.isin(test_users, relevant[c.USER_ID].to_numpy(dtype=np.int64))

    predictions: dict[str, FloatArray] = {}
    measured: list[_PerUser] = []
    coverages: list[float] = []
    for name, model in models.items():
        logger.info("Measuring %s on %d held-out ratings.", name, len(test))
        predictions[name] = np.asarray(
            model.predict(test[c.USER_ID], test[c.TITLE_ID]), dtype=np.float64
        )
        errors = accuracy.residuals(true, predictions[name])
        top = top_k(model, test_users[ranked], train, k)
        measured.append(_measure(errors, user_codes, ranked, top, relevant, train))
        coverages.append(ranking.coverage_at_k(top))

    per_user = np.stack([[one.numerators, one.denominators] for one in measured], axis=2)
    intervals = accuracy.bootstrap_intervals(
        per_user.transpose(1, 0, 2, 3).reshape(len(test_users), -1),
        lambda sums: _statistics(sums, len(models)),
        n_bootstrap=n_bootstrap,
        confidence=confidence,
        seed=seed,
    )
    n_own = len(models) * len(WITH_INTERVAL)
    return Comparison(
        table=_tabulate(list(models), intervals[:n_own], coverages),
        differences=_name_differences(list(models)[1:], intervals[n_own:]),
        predictions=predictions,
        n_test_ratings=len(test),
        n_test_users=len(test_users),
        n_ranked_users=int(ranked.sum()),
        k=k,
        relevant_at=relevant_at,
        confidence=confidence,
    )


def _measure(
    errors: FloatArray,
    user_codes: NDArray[np.intp],
    ranked: NDArray[np.bool_],
    top: TopK,
    relevant: pd.DataFrame,
    train: pd.DataFrame,
) -> _PerUser:
    """Sum a model's measures by user, in the order of `WITH_INTERVAL`."""
    n_users = len(ranked)
    n_ratings = np.bincount(user_codes, minlength=n_users)
    squared = np.bincount(user_codes, np.square(errors), n_users)
    absolute = np.bincount(user_codes, np.abs(errors), n_users)
    hits, n_relevant = ranking.find_hits(top, relevant)
    bits = np.append(ranking.self_information(train, top.title_ids), 0.0)[top.positions].sum(axis=1)
    list_lengths = (top.positions != NO_TITLE).sum(axis=1)
    lists = [
        ranking.precision_at_k(hits),
        ranking.recall_at_k(hits, n_relevant),
        ranking.ndcg_at_k(hits, n_relevant),
        ranking.average_precision_at_k(hits, n_relevant),
        bits,
    ]
    return _PerUser(
        numerators=np.column_stack(
            [squared, absolute, *(_spread(x, ranked) for x in lists)]
        ).astype(np.float64),
        denominators=np.column_stack(
            [n_ratings, n_ratings, ranked, ranked, ranked, ranked, _spread(list_lengths, ranked)]
        ).astype(np.float64),
    )


def _spread(values: NDArray[Any], ranked: NDArray[np.bool_]) -> FloatArray:
    """Put values of the ranked users among all users, 0 elsewhere."""
    spread = np.zeros(len(ranked))
    spread[ranked] = values
    return spread


def _statistics(sums: FloatArray, n_models: int) -> FloatArray:
    """Turn sums over users into the measures of all models, then the paired differences."""
    numerators, denominators = sums.reshape(len(sums), 2, n_models, -1).transpose(1, 0, 2, 3)
    measures = numerators / denominators
    rmse_at = WITH_INTERVAL.index(RMSE)
    measures[:, :, rmse_at] = np.sqrt(measures[:, :, rmse_at])
    paired = measures[:, :, [WITH_INTERVAL.index(measure) for measure in PAIRED]]
    differences = paired[:, :1] - paired[:, 1:]
    return np.concatenate(
        [measures.reshape(len(sums), -1), differences.reshape(len(sums), -1)], axis=1
    )


def _name_differences(
    others: list[str], intervals: list[Interval]
) -> dict[str, dict[str, Interval]]:
    return {
        measure: dict(zip(others, intervals[place :: len(PAIRED)], strict=True))
        for place, measure in enumerate(PAIRED)
    }


def _tabulate(names: list[str], intervals: list[Interval], coverages: list[float]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    remaining = iter(intervals)
    for name, coverage in zip(names, coverages, strict=True):
        row: dict[str, Any] = {MODEL: name}
        for measure in WITH_INTERVAL:
            interval = next(remaining)
            row |= {
                measure: interval.value,
                measure + LOW: interval.low,
                measure + HIGH: interval.high,
            }
        rows.append({**row, COVERAGE: coverage})
    return pd.DataFrame(rows)
