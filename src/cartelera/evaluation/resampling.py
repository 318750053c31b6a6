"""Means over users with intervals, of several models at once, and their paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.audience import ListValues
from cartelera.evaluation.bootstrap import FloatArray, Interval
from cartelera.evaluation.metrics import ListMetric, MeanMetric, StarMetric, of_kind
from cartelera.evaluation.settings import Settings

UNKNOWN = Interval(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Measured:
    """Metrics of several models, in the order given.

    Attributes:
        own: Each model's metrics.
        paired: For each model after the first, the first model's paired metrics minus its.
    """

    own: list[dict[str, Interval]] = field(default_factory=list)
    paired: list[dict[str, Interval]] = field(default_factory=list)


@dataclass(frozen=True)
class _Ratios:
    """Metrics as ratios of sums over users.

    Attributes:
        metrics: The metrics.
        numerators: Shape (n_users, n_models, n_metrics).
        denominators: The same shape.
    """

    metrics: Sequence[MeanMetric]
    numerators: FloatArray
    denominators: FloatArray

    def measure(self, settings: Settings) -> Measured:
        n_users, n_models, n_metrics = self.numerators.shape
        names = [metric.key for metric in self.metrics]
        paired = [names[place] for place in self._paired]
        if n_users == 0:
            return Measured(
                [dict.fromkeys(names, UNKNOWN) for _ in range(n_models)],
                [dict.fromkeys(paired, UNKNOWN) for _ in range(n_models - 1)],
            )

        both = np.stack([self.numerators, self.denominators], axis=1).reshape(n_users, -1)
        flat = settings.intervals(both, self._statistics)
        n_own = n_models * n_metrics
        return Measured(
            _by_model(flat[:n_own], names, n_models),
            _by_model(flat[n_own:], paired, n_models - 1),
        )

    @property
    def _paired(self) -> list[int]:
        """The places of the metrics by which models are compared."""
        return [place for place, metric in enumerate(self.metrics) if metric.is_paired]

    def _statistics(self, sums: FloatArray) -> FloatArray:
        """Turn sums over users into the metrics of all models, then the paired differences."""
        _, n_models, n_metrics = self.numerators.shape
        numerators, denominators = sums.reshape(-1, 2, n_models, n_metrics).transpose(1, 0, 2, 3)
        ratios = numerators / denominators
        on_all = self.numerators.sum(axis=0) / self.denominators.sum(axis=0)
        values = np.stack(
            [
                metric.finish(ratios[:, :, place], on_all[:, place])
                for place, metric in enumerate(self.metrics)
            ],
            axis=2,
        )

        # The first model against each of the others, on the same draw.
        paired = values[:, :, self._paired]
        differences = paired[:, :1] - paired[:, 1:]
        return np.concatenate(
            [values.reshape(len(sums), -1), differences.reshape(len(sums), -1)], axis=1
        )


def _by_model(
    flat: Sequence[Interval], names: Sequence[str], n_models: int
) -> list[dict[str, Interval]]:
    """Split a run of intervals, model after model, into one mapping a model."""
    n = len(names)
    return [
        dict(zip(names, flat[model * n : (model + 1) * n], strict=True))
        for model in range(n_models)
    ]


def star_intervals(
    test: pd.DataFrame, errors: Sequence[FloatArray], settings: Settings
) -> Measured:
    """Measure raters by all metrics of stars.

    Args:
        test: Held-out ratings; column user_id.
        errors: Predicted minus true stars of each rater, each of shape (n_test,).
        settings: How intervals are made.
    """
    if not errors:
        return Measured()
    metrics = of_kind(StarMetric)
    users, codes = np.unique(test[c.USER_ID].to_numpy(dtype=np.int64), return_inverse=True)

    def sums(values: FloatArray) -> FloatArray:
        return np.bincount(codes, values, len(users)).astype(np.float64)

    # Metrics of stars are ratios of sums over users: errors over ratings.
    n_ratings = sums(np.ones(len(test)))
    numerators = np.stack(
        [np.column_stack([sums(metric.of_errors(one)) for metric in metrics]) for one in errors],
        axis=1,
    )
    denominators = np.broadcast_to(n_ratings[:, np.newaxis, np.newaxis], numerators.shape)
    return _Ratios(metrics, numerators, denominators).measure(settings)


def list_intervals(lists: Sequence[ListValues], settings: Settings) -> Measured:
    """Measure rankers by all metrics of single lists.

    Args:
        lists: Of each ranker, for the same users in the same order.
        settings: How intervals are made.
    """
    if not lists:
        return Measured()
    values = np.stack([one.values for one in lists], axis=1)
    weights = np.stack([one.weights for one in lists], axis=1)
    return _Ratios(of_kind(ListMetric), values * weights, weights).measure(settings)


def mean_intervals(values: Sequence[FloatArray], key: str, settings: Settings) -> Measured:
    """Return the means of one paired metric of several models, and the paired differences.

    Args:
        values: Of each model, shape (n_users,), for the same users in the same order.
        key: The metric's; one of single lists.
        settings: How intervals are made.
    """
    columns = np.stack(values, axis=1)[:, :, np.newaxis]
    metrics = [metric for metric in of_kind(ListMetric) if metric.key == key]
    return _Ratios(metrics, columns, np.ones_like(columns)).measure(settings)
