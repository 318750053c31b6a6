"""Precision: the share of a list that its user turned out to like."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.metrics.base import Better, ListMetric, register

PRECISION: Final = "precision_at_k"


def precision_at_k(hits: NDArray[np.bool_]) -> FloatArray:
    """Return each user's precision@k: the share of the k places that hold a relevant title.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.4.

    Args:
        hits: Whether each place holds a relevant title, shape (n_users, k).

    Returns:
        Shape (n_users,).

    Examples:
        >>> precision_at_k(np.array([[True, False, True, False]])).tolist()
        [0.5]
    """
    return hits.mean(axis=1, dtype=np.float64)


register(
    ListMetric(
        key=PRECISION,
        label="Precision@{k}",
        better=Better.high,
        order=120,
        help="Share of the recommended titles that the user went on to rate {relevant_at} or more. "
        "Titles nobody asked the user about count as misses, so this is a lower bound.",
        of_lists=lambda lists: precision_at_k(lists.hits),
    )
)
