"""Recall: the share of what a user turned out to like that the list holds."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.metrics.base import Better, ListMetric, divide, register

RECALL: Final = "recall_at_k"


def recall_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Return each user's recall@k: the share of the relevant titles that the list holds.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.3.

    Args:
        hits: Whether each place holds a relevant title, shape (n_users, k).
        n_relevant: Number of relevant titles, shape (n_users,).

    Returns:
        Shape (n_users,); NaN without relevant titles.

    Examples:
        >>> recall_at_k(np.array([[True, False, True]]), np.array([4])).tolist()
        [0.5]
    """
    return divide(hits.sum(axis=1), n_relevant)


register(
    ListMetric(
        key=RECALL,
        label="Recall@{k}",
        better=Better.high,
        order=130,
        help="Share of the titles that the user went on to rate {relevant_at} or more that the "
        "list holds.",
        is_paired=True,
        of_lists=lambda lists: recall_at_k(lists.hits, lists.n_relevant),
    )
)
