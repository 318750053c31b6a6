"""MAP: the mean over users of the average precision of a list."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.metrics.base import Better, ListMetric, divide, register

MAP: Final = "map_at_k"


def average_precision_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Return each user's average precision at k; its mean over users is MAP@k.

    sum_i rel_i * precision@i / min(k, R), where rel_i is 1 if place i holds a relevant title;
    Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.4, cut at
    place k so that a perfect list gives 1.

    Args:
        hits: Whether each place holds a relevant title, shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).

    Returns:
        Shape (n_users,); NaN without relevant titles.

    Examples:
        >>> hits = np.array([[True, False, False, True]])
        >>> average_precision_at_k(hits, np.array([2])).tolist()
        [0.75]
    """
    k = hits.shape[1]
    precision_so_far = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return divide((precision_so_far * hits).sum(axis=1), np.minimum(k, n_relevant))


register(
    ListMetric(
        key=MAP,
        label="MAP@{k}",
        better=Better.high,
        order=140,
        help="Mean of the precision at each place with a hit; 1 is a perfect list.",
        of_lists=lambda lists: average_precision_at_k(lists.hits, lists.n_relevant),
    )
)
