"""What a metric is: what it is called, how it is shown, what it is computed from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cartelera.errors import InputError
from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.judged_lists import JudgedLists
from cartelera.ranking.top_k import TopK

LOW: Final = "_low"
HIGH: Final = "_high"
"""What the ends of a metric's interval are called after it."""

Finish: TypeAlias = Callable[[FloatArray, FloatArray], FloatArray]


class Better(StrEnum):
    """Which values of a metric are good."""

    low = "low"
    high = "high"
    depends = "depends"
    """Neither end is good: lists drawn at random would be at one of them."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is common to all metrics.

    Attributes:
        key: Its name in files, tables and runs.
        label: Its name for people; `{k}` stands for the length of a list.
        better: Which values are good.
        order: Its place among all metrics, ascending: stars, then lists, then all lists together.
        help: What it says, in a sentence; may name `{k}` and `{relevant_at}`, in stars.
        digits: Decimals people are shown.
        is_share: Whether it is shown in percent.
        is_paired: Whether models are compared with the first one by it.
        headline: What of it stands among the few numbers that runs are compared by.
    """

    key: str
    label: str
    better: Better
    order: int
    help: str
    digits: int = 3
    is_share: bool = False
    is_paired: bool = False
    headline: Literal["nothing", "value", "interval"] = "nothing"

    def name(self, k: int) -> str:
        """Return its name for people, for lists of k titles."""
        return self.label.format(k=k)

    def explain(self, k: int, relevant_at: float) -> str:
        """Return what it says, and which way is better."""
        said = self.help.format(k=k, relevant_at=relevant_at)
        return f"{said} {self.direction.capitalize()}." if self.direction else said

    def show(self, value: float) -> str:
        """Return a value as people are shown it."""
        return f"{value:.1%}" if self.is_share else f"{value:.{self.digits}f}"

    @property
    def direction(self) -> str:
        """Return which way is better, in words; nothing if neither is."""
        return {Better.low: "lower is better", Better.high: "higher is better"}.get(self.better, "")


def _unchanged(resampled: FloatArray, _: FloatArray) -> FloatArray:
    return resampled


def _equally(lists: JudgedLists) -> FloatArray:
    return np.ones(len(lists.n_relevant))


@dataclass(frozen=True, kw_only=True)
class MeanMetric(Metric):
    """A metric that is a mean, and so has an interval from resampling users.

    Attributes:
        finish: Gets the means of resamples and the mean of all, each of one column a model, and
            gives the metric in the shape of the former.
    """

    finish: Finish = _unchanged


@dataclass(frozen=True, kw_only=True)
class StarMetric(MeanMetric):
    """How far predicted stars are from true ones: a mean over ratings.

    Attributes:
        of_errors: Predicted minus true stars to what the mean is taken of; both of shape (n,).
    """

    of_errors: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, kw_only=True)
class ListMetric(MeanMetric):
    """What each user's list is worth: a mean over users.

    Attributes:
        of_lists: Its value for each user; NaN where it is not determined; shape (n_users,).
        weights: How much each user counts in the mean; shape (n_users,).
    """

    of_lists: Callable[[JudgedLists], FloatArray]
    weights: Callable[[JudgedLists], FloatArray] = _equally


@dataclass(frozen=True, kw_only=True)
class CatalogueMetric(Metric):
    """A property of all lists together; it has no interval, since a resample has fewer lists.

    Attributes:
        of_all_lists: Gets the lists and how many titles there are, competing or not.
    """

    of_all_lists: Callable[[TopK, int], float]


METRICS: Final[dict[str, Metric]] = {}
"""All metrics by key."""

Kind = TypeVar("Kind", bound=Metric)


def register(metric: Metric) -> None:
    """Make a metric part of every comparison.

    Raises:
        ValueError: If there is one of that key already.
    """
    if metric.key in METRICS:
        raise ValueError(f"there is a metric {metric.key} already.")
    METRICS[metric.key] = metric


def of_kind(kind: type[Kind]) -> list[Kind]:
    """Return the metrics of a kind in their order."""
    found = [metric for metric in METRICS.values() if isinstance(metric, kind)]
    return sorted(found, key=lambda metric: (metric.order, metric.key))


def stars_off(true: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """Return predicted minus true stars, shape (n,).

    Args:
        true: True ratings in stars, shape (n,).
        predicted: Predicted ratings in stars, shape (n,).

    Raises:
        InputError: If there are no ratings or one is not a finite number.
        ValueError: If the shapes differ.
    """
    true_stars = np.asarray(true, dtype=np.float64)
    predicted_stars = np.asarray(predicted, dtype=np.float64)
    if true_stars.shape != predicted_stars.shape or true_stars.ndim != 1:
        raise ValueError(f"shapes differ: true {true_stars.shape}, {predicted_stars.shape}")
    if true_stars.size == 0:
        raise InputError("There are no ratings to measure with: the test part is empty.")
    if not np.isfinite(true_stars).all():
        raise InputError("The true ratings hold values that are not finite numbers.")
    if not np.isfinite(predicted_stars).all():
        raise InputError(
            "The predicted ratings hold values that are not finite numbers: "
            "the model has diverged. Train it with a lower lr_all or a higher reg_all."
        )
    return predicted_stars - true_stars


def divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> FloatArray:
    """Return the ratios; NaN where both are 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator, dtype=np.float64) / denominator
