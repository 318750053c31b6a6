"""Stratified recall: recall in which rarely rated titles weigh more."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.judged_lists import JudgedLists
from cartelera.evaluation.metrics.base import Better, ListMetric, divide, register

STRATIFIED_RECALL: Final = "stratified_recall_at_k"


def stratified_recall_at_k(
    hits: NDArray[np.bool_], weights: FloatArray, relevant_weight: FloatArray
) -> FloatArray:
    """Return each user's popularity-stratified recall at k.

    sum_i rel_i s_i / sum of s over the relevant titles, where rel_i is 1 if place i holds a
    relevant title, s = 1 / N^beta, and N is the number of ratings of the title in train; Steck,
    Item Popularity and Recommendation Accuracy, RecSys 2011. There users count by the denominator:
    their mean is the sum of the numerators over the sum of the denominators.

    Args:
        hits: Whether each place holds a relevant title, shape (n_users, k).
        weights: s of the titles in the lists, shape (n_users, k).
        relevant_weight: Sum of s over each user's relevant titles, shape (n_users,).

    Returns:
        Shape (n_users,); NaN without relevant titles.

    Examples:
        >>> hits, weights = np.array([[True, False]]), np.array([[0.5, 1.0]])
        >>> stratified_recall_at_k(hits, weights, np.array([2.0])).tolist()
        [0.25]
    """
    return divide((hits * weights).sum(axis=1), relevant_weight)


def stratified_recall(lists: JudgedLists) -> FloatArray:
    """Return the stratified recall of each list."""
    # A place without a title points to the last entry; it is no hit, so its value is no matter.
    weights = lists.popularity.weights(lists.top.title_ids)[lists.top.positions]
    return stratified_recall_at_k(lists.hits, weights, _relevant_weight(lists))


def _relevant_weight(lists: JudgedLists) -> FloatArray:
    return lists.sum_over_relevant(lists.popularity.weights(lists.relevant_ids))


register(
    ListMetric(
        key=STRATIFIED_RECALL,
        label="Stratified recall@{k}",
        better=Better.high,
        order=150,
        help="Recall in which a title weighs one over the root of its number of ratings: what is "
        "known to everybody is little help to be told.",
        is_paired=True,
        headline="value",
        of_lists=stratified_recall,
        weights=_relevant_weight,
    )
)
