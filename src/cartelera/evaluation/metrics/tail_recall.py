"""Tail recall: recall of titles that are not among the best known."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.judged_lists import JudgedLists
from cartelera.evaluation.metrics.base import Better, ListMetric, register
from cartelera.evaluation.metrics.recall import recall_at_k

TAIL_RECALL: Final = "tail_recall_at_k"


def tail_recall_at_k(
    hits: NDArray[np.bool_], is_tail: NDArray[np.bool_], n_tail: NDArray[np.int64]
) -> FloatArray:
    """Return each user's recall at k of relevant titles that are not among the best known.

    `recall_at_k` with the titles outside the short head alone; the head are the most rated titles
    that hold half of the ratings in train (the long tail of Park and Tuzhilin, The Long Tail of
    Recommender Systems and How to Leverage It, RecSys 2008).

    Args:
        hits: Whether each place holds a relevant title, shape (n_users, k).
        is_tail: Whether the titles in the lists are outside the head, shape (n_users, k).
        n_tail: Number of relevant titles outside the head, shape (n_users,).

    Returns:
        Shape (n_users,); NaN without such titles.

    Examples:
        >>> hits, is_tail = np.array([[True, True]]), np.array([[False, True]])
        >>> tail_recall_at_k(hits, is_tail, np.array([2])).tolist()
        [0.5]
    """
    return recall_at_k(hits & is_tail, n_tail)


def _of_lists(lists: JudgedLists) -> FloatArray:
    is_tail = lists.popularity.is_tail(lists.top.title_ids)[lists.top.positions]
    n_tail = lists.sum_over_relevant(lists.popularity.is_tail(lists.relevant_ids))
    return tail_recall_at_k(lists.hits, is_tail, n_tail.astype(np.int64))


register(
    ListMetric(
        key=TAIL_RECALL,
        label="Tail recall@{k}",
        better=Better.high,
        order=160,
        help="Recall of titles outside the best known ones that hold half of all ratings.",
        is_paired=True,
        of_lists=_of_lists,
    )
)
