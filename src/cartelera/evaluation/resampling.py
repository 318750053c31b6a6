"""Means over users with intervals, of several models at once, and their paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.accuracy import FloatArray, Interval
from cartelera.evaluation.lists import ListValues
from cartelera.evaluation.measures import (
    OF_EACH_LIST,
    OF_STARS,
    OVERLAP,
    PAIRED_OF_LISTS,
    PAIRED_OF_STARS,
    RMSE,
)
from cartelera.evaluation.settings import Settings

UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Measured:
    """Measures of several models, in the order given.

    Attributes:
        own: Each model's measures.
        paired: For each model after the first, the first model's measure minus its.
    """

    own: list[dict[str, Interval]] = field(default_factory=list)
    paired: list[dict[str, Interval]] = field(default_factory=list)


@dataclass(frozen=True)
class _Ratios:
    """Measures as ratios of sums over users.

    Attributes:
        names: Names of the measures.
        paired: Those of which models are compared.
        numerators: Shape (n_users, n_models, n_measures).
        denominators: The same shape.
    """

    names: Sequence[str]
    paired: Sequence[str]
    numerators: FloatArray
    denominators: FloatArray

    def measure(self, settings: Settings) -> Measured:
        n_users, n_models, n_names = self.numerators.shape
        if n_users == 0:
            return Measured(
                [dict.fromkeys(self.names, UNKNOWN) for _ in range(n_models)],
                [dict.fromkeys(self.paired, UNKNOWN) for _ in range(n_models - 1)],
            )
        both = np.stack([self.numerators, self.denominators], axis=1).reshape(n_users, -1)
        flat = settings.intervals(both, self._statistics)
        n_own, n_paired = n_models * n_names, len(self.paired)
        return Measured(
            [
                dict(zip(self.names, flat[start : start + n_names], strict=True))
                for start in range(0, n_own, n_names)
            ],
            [
                dict(zip(self.paired, flat[start : start + n_paired], strict=True))
                for start in range(n_own, len(flat), n_paired)
            ],
        )

    def _statistics(self, sums: FloatArray) -> FloatArray:
        """Turn sums over users into the measures of all models, then the paired differences."""
        _, n_models, n_names = self.numerators.shape
        numerators, denominators = sums.reshape(-1, 2, n_models, n_names).transpose(1, 0, 2, 3)
        measures = numerators / denominators
        if RMSE in self.names:
            place = list(self.names).index(RMSE)
            measures[:, :, place] = np.sqrt(measures[:, :, place])
        if OVERLAP in self.names:
            # A mean over pairs of users, twice as uncertain as one over users: U + 2 (U_r - U),
            # the first term of Hoeffding's decomposition (1948).
            place = list(self.names).index(OVERLAP)
            on_all = self.numerators[:, :, place].sum(axis=0) / self.denominators[:, :, place].sum(
                axis=0
            )
            measures[:, :, place] = on_all + 2.0 * (measures[:, :, place] - on_all)
        paired = measures[:, :, [list(self.names).index(name) for name in self.paired]]
        differences = paired[:, :1] - paired[:, 1:]
        return np.concatenate(
            [measures.reshape(len(sums), -1), differences.reshape(len(sums), -1)], axis=1
        )


def star_intervals(
    test: pd.DataFrame, errors: Sequence[FloatArray], settings: Settings
) -> Measured:
    """Measure raters by `measures.OF_STARS`.

    Args:
        test: Held-out ratings; column user_id.
        errors: Predicted minus true stars of each rater, each of shape (n_test,).
        settings: How intervals are made.
    """
    if not errors:
        return Measured()
    users, codes = np.unique(test[c.USER_ID].to_numpy(dtype=np.int64), return_inverse=True)

    def sums(weights: FloatArray) -> FloatArray:
        return np.bincount(codes, weights, len(users)).astype(np.float64)

    n_ratings = sums(np.ones(len(test)))
    numerators = np.stack(
        [np.column_stack([sums(np.square(one)), sums(np.abs(one))]) for one in errors], axis=1
    )
    denominators = np.broadcast_to(n_ratings[:, np.newaxis, np.newaxis], numerators.shape)
    return _Ratios(OF_STARS, PAIRED_OF_STARS, numerators, denominators).measure(settings)


def list_intervals(lists: Sequence[ListValues], settings: Settings) -> Measured:
    """Measure rankers by `measures.OF_EACH_LIST`.

    Args:
        lists: Of each ranker, for the same users in the same order.
        settings: How intervals are made.
    """
    if not lists:
        return Measured()
    values = np.stack([one.values for one in lists], axis=1)
    weights = np.stack([one.weights for one in lists], axis=1)
    return _Ratios(OF_EACH_LIST, PAIRED_OF_LISTS, values * weights, weights).measure(settings)


def mean_intervals(values: Sequence[FloatArray], name: str, settings: Settings) -> Measured:
    """Return the means of one measure of several models, and the paired differences.

    Args:
        values: Of each model, shape (n_users,), for the same users in the same order.
        name: The measure's name.
        settings: How intervals are made.
    """
    columns = np.stack(values, axis=1)[:, :, np.newaxis]
    return _Ratios([name], [name], columns, np.ones_like(columns)).measure(settings)
