"""Gini: how unequally the places of all lists are shared out among titles."""

from typing import Final

import numpy as np

from cartelera.evaluation.metrics.base import Better, CatalogueMetric, register
from cartelera.ranking.top_k import TopK

GINI: Final = "gini_at_k"


def gini_at_k(top: TopK, n_titles: int) -> float:
    """Return how unequally the places of all lists are shared out among titles.

    The Gini coefficient of n counts x in ascending order, sum_i (2i - n - 1) x_i / (n sum x): 0 if
    every title is listed equally often, nearly 1 if one title has all places; for recommendations:
    Fleder and Hosanagar, Blockbuster Culture's Next Rise or Fall, Management Science 55 (2009). NaN
    without lists.

    Args:
        top: The lists.
        n_titles: How many titles there are, whether they compete or not.

    Examples:
        >>> everybody_else = TopK.of_positions([[0], [1]], ["a", "b"])
        >>> everybody_same = TopK.of_positions([[0], [0]], ["a", "b"])
        >>> gini_at_k(everybody_else, 2), gini_at_k(everybody_same, 2)
        (0.0, 0.5)
    """
    counts = np.sort(top.times_listed())
    total = counts.sum()
    if total == 0:
        return float("nan")
    # Titles that do not compete come first, with counts of 0.
    places = np.arange(n_titles - len(counts) + 1, n_titles + 1)
    return float(((2 * places - n_titles - 1) * counts).sum() / (n_titles * total))


register(
    CatalogueMetric(
        key=GINI,
        label="Gini@{k}",
        better=Better.depends,
        order=210,
        help="How unequally titles share the places of all lists: 0 evenly, 1 one title has all.",
        digits=2,
        of_all_lists=gini_at_k,
    )
)
