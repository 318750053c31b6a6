"""NDCG: how far up a list holds what its user turned out to like."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.metrics.base import Better, ListMetric, divide, register

NDCG: Final = "ndcg_at_k"


def ndcg_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Return each user's normalised discounted cumulative gain at k, with binary relevance.

    DCG = sum_i rel_i / log2(i + 1), where rel_i is 1 if place i holds a relevant title, divided by
    the DCG of a perfect list, which has relevant titles at its first min(k, R) places; Järvelin and
    Kekäläinen, Cumulated Gain-Based Evaluation of IR Techniques, ACM TOIS 20 (2002), with the
    discount of Burges et al., Learning to Rank Using Gradient Descent, ICML 2005.

    Args:
        hits: Whether each place holds a relevant title, shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).

    Returns:
        Shape (n_users,); NaN without relevant titles.

    Examples:
        >>> hits = np.array([[True, False], [False, True]])
        >>> ndcg_at_k(hits, np.array([1, 1])).round(3).tolist()
        [1.0, 0.631]
    """
    k = hits.shape[1]
    gains = 1.0 / np.log2(np.arange(2, k + 2))
    perfect = np.concatenate([[0.0], np.cumsum(gains)])[np.minimum(k, n_relevant)]
    return divide(hits @ gains, perfect)


register(
    ListMetric(
        key=NDCG,
        label="NDCG@{k}",
        better=Better.high,
        order=110,
        help="How many of the {k} recommended titles the user went on to rate {relevant_at} or "
        "more, with more weight on the first places; 1 is a perfect list.",
        is_paired=True,
        headline="interval",
        of_lists=lambda lists: ndcg_at_k(lists.hits, lists.n_relevant),
    )
)
