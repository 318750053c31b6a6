"""Coverage: the share of all titles that stand in anybody's list."""

from typing import Final

import numpy as np

from cartelera.evaluation.metrics.base import Better, CatalogueMetric, register
from cartelera.ranking.top_k import TopK

COVERAGE: Final = "coverage_at_k"


def coverage_at_k(top: TopK, n_titles: int) -> float:
    """Return the share of titles that stand in at least one user's list; NaN without users.

    Catalogue coverage of Ge, Delgado-Battenfeld and Jannach, Beyond Accuracy, RecSys 2010.

    Args:
        top: The lists.
        n_titles: How many titles there are, whether they compete or not.

    Examples:
        >>> coverage_at_k(TopK.of_positions([[0, 1], [1, 2]], ["a", "b", "c", "d"]), 4)
        0.75
    """
    if len(top.user_ids) == 0:
        return float("nan")
    return float(np.count_nonzero(top.times_listed()) / n_titles)


register(
    CatalogueMetric(
        key=COVERAGE,
        label="Coverage@{k}",
        better=Better.depends,
        order=200,
        help="Share of all titles that could be listed that are in at least one list.",
        is_share=True,
        headline="value",
        of_all_lists=coverage_at_k,
    )
)
