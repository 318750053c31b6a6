"""Two recommenders on the same held-out ratings: which one predicts them better."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.accuracy import FloatArray, Interval, bootstrap_intervals, residuals
from cartelera.factorization.recommender import Recommender


@dataclass(frozen=True)
class PairedRmse:
    """What two recommenders are worth on the same ratings, in stars.

    Attributes:
        first: RMSE of the first.
        second: RMSE of the second.
        difference: First minus second, paired: an interval without 0 means they clearly differ.
    """

    first: float
    second: float
    difference: Interval


def paired_rmse(
    first: Recommender,
    second: Recommender,
    test: pd.DataFrame,
    *,
    n_bootstrap: int,
    confidence: float,
    seed: int,
) -> PairedRmse:
    """Measure two recommenders on the same ratings, pair by pair.

    Neither may have been fitted with any of these ratings: one that was would look better than it
    is.

    Args:
        first: The one in question.
        second: The one to compare with.
        test: Held-out ratings; columns user_id, title_id and rating, one row a pair.
        n_bootstrap: Number of resamples of users behind the interval.
        confidence: Coverage of the interval, between 0 and 1.
        seed: Seed of the resamples.

    Raises:
        InputError: If test is empty or a model predicts something that is not a finite number.
    """
    users, codes = np.unique(test[c.USER_ID].to_numpy(dtype=np.int64), return_inverse=True)
    true = test[c.RATING].to_numpy(dtype=np.float64)
    squared = [
        np.square(residuals(true, model.predict(test[c.USER_ID], test[c.TITLE_ID])))
        for model in (first, second)
    ]
    per_user = np.column_stack(
        [np.bincount(codes, weights, len(users)) for weights in (None, *squared)]
    )
    rmses = bootstrap_intervals(
        per_user, _statistics, n_bootstrap=n_bootstrap, confidence=confidence, seed=seed
    )
    return PairedRmse(rmses[0].value, rmses[1].value, rmses[2])


def _statistics(sums: FloatArray) -> FloatArray:
    """Turn sums over users (ratings, squared errors of both) into RMSEs and their difference."""
    rmses = np.sqrt(sums[:, 1:] / sums[:, :1])
    return np.column_stack([rmses, rmses[:, 0] - rmses[:, 1]])
