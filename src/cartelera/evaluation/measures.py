"""The vocabulary of measures: what each is called, and which way is better."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LOW: Final = "_low"
HIGH: Final = "_high"
"""What the ends of a measure's interval are called after it."""

RMSE: Final = "rmse"
MAE: Final = "mae"
NDCG: Final = "ndcg_at_k"
PRECISION: Final = "precision_at_k"
RECALL: Final = "recall_at_k"
MAP: Final = "map_at_k"
STRATIFIED_RECALL: Final = "stratified_recall_at_k"
TAIL_RECALL: Final = "tail_recall_at_k"
NOVELTY: Final = "novelty_at_k"
OVERLAP: Final = "overlap_at_k"
COVERAGE: Final = "coverage_at_k"
GINI: Final = "gini_at_k"


class Better(StrEnum):
    """Which values of a measure are good."""

    low = "low"
    high = "high"
    depends = "depends"
    """Neither end is good: lists drawn at random would be at one of them."""


@dataclass(frozen=True)
class Measure:
    """How a measure is called and shown.

    Attributes:
        label: Its name for people; `{k}` stands for the length of a list.
        better: Which values are good.
        digits: Decimals people are shown.
        is_share: Whether it is shown in percent.
    """

    label: str
    better: Better
    digits: int = 3
    is_share: bool = False

    def of_lists(self, k: int) -> str:
        """Return its name for lists of k titles."""
        return self.label.format(k=k)


MEASURES: Final = {
    RMSE: Measure("RMSE", Better.low, digits=4),
    MAE: Measure("MAE", Better.low, digits=4),
    NDCG: Measure("NDCG@{k}", Better.high),
    PRECISION: Measure("Precision@{k}", Better.high),
    RECALL: Measure("Recall@{k}", Better.high),
    MAP: Measure("MAP@{k}", Better.high),
    STRATIFIED_RECALL: Measure("Stratified recall@{k}", Better.high),
    TAIL_RECALL: Measure("Tail recall@{k}", Better.high),
    NOVELTY: Measure("Novelty@{k}", Better.depends, digits=2),
    OVERLAP: Measure("Overlap@{k}", Better.depends, is_share=True),
    COVERAGE: Measure("Coverage@{k}", Better.depends, is_share=True),
    GINI: Measure("Gini@{k}", Better.depends, digits=2),
}

OF_STARS: Final = (RMSE, MAE)
"""How far predicted stars are from true ones: means over ratings."""

OF_EACH_LIST: Final = (
    NDCG,
    PRECISION,
    RECALL,
    MAP,
    STRATIFIED_RECALL,
    TAIL_RECALL,
    NOVELTY,
    OVERLAP,
)
"""Means over users of what each user's list is worth."""

OF_ALL_LISTS: Final = (COVERAGE, GINI)
"""Properties of all lists together; they have no interval, since a resample has fewer lists."""

OF_LISTS: Final = (*OF_EACH_LIST, *OF_ALL_LISTS)
WITH_INTERVAL: Final = (*OF_STARS, *OF_EACH_LIST)

PAIRED_OF_STARS: Final = (RMSE,)
PAIRED_OF_LISTS: Final = (NDCG, RECALL, STRATIFIED_RECALL, TAIL_RECALL)
PAIRED: Final = (*PAIRED_OF_STARS, *PAIRED_OF_LISTS)
"""Measures by which models are compared with the first one."""
