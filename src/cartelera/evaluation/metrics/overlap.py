"""Overlap: how much of a list other users' lists hold too; 1 less the personalisation."""

from typing import Final

import numpy as np

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.metrics.base import Better, ListMetric, register
from cartelera.ranking.top_k import TopK

OVERLAP: Final = "overlap_at_k"


def overlap_at_k(top: TopK) -> FloatArray:
    """Return the mean share of k places that a user's list has in common with another user's.

    sum over the titles of the list of (lists that hold it - 1) / (k (n_users - 1)); its mean over
    users is the mean over all pairs, 1 less the personalisation of Zhou et al., Solving the
    apparent diversity-accuracy dilemma of recommender systems, PNAS 107 (2010).

    Returns:
        Shape (n_users,); NaN if there is one user.

    Examples:
        >>> overlap_at_k(TopK.of_positions([[0, 1], [1, 2]], ["a", "b", "c"])).tolist()
        [0.5, 0.5]
    """
    n_users, k = top.positions.shape
    others = np.append(top.times_listed() - 1, 0)[top.positions].sum(axis=1)
    if n_users < 2:
        return np.full(n_users, np.nan)
    return others / (k * (n_users - 1))


def _mean_of_pairs(resampled: FloatArray, on_all: FloatArray) -> FloatArray:
    """Return means over pairs of users, twice as uncertain as means over users.

    U + 2 (U_r - U), the first term of Hoeffding's decomposition (1948).
    """
    return on_all + 2.0 * (resampled - on_all)


register(
    ListMetric(
        key=OVERLAP,
        label="Overlap@{k}",
        better=Better.depends,
        order=180,
        help="Share of a list that another user's list holds too, on average: 100% is one list for "
        "all.",
        is_share=True,
        headline="value",
        of_lists=lambda lists: overlap_at_k(lists.top),
        finish=_mean_of_pairs,
    )
)
