"""Novelty: how little known the recommended titles are."""

from typing import Final

import numpy as np

from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.judged_lists import JudgedLists
from cartelera.evaluation.metrics.base import Better, ListMetric, divide, register
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.top_k import TopK

NOVELTY: Final = "novelty_at_k"


def novelty_at_k(top: TopK, self_information: FloatArray) -> FloatArray:
    """Return the mean self-information of the titles in each list, in bits, shape (n_users,).

    The novelty of Zhou et al., Solving the apparent diversity-accuracy dilemma of recommender
    systems, PNAS 107 (2010). NaN for an empty list.

    Args:
        top: The lists.
        self_information: Of each title, in bits, shape (n_titles,).

    Examples:
        >>> top = TopK.of_positions([[0, 1]], ["known", "rare"])
        >>> novelty_at_k(top, np.array([1.0, 4.0])).tolist()
        [2.5]
    """
    bits = np.append(self_information, 0.0)[top.positions].sum(axis=1)
    return divide(bits, (top.positions != NO_TITLE).sum(axis=1))


def _of_lists(lists: JudgedLists) -> FloatArray:
    return novelty_at_k(lists.top, lists.popularity.self_information(lists.top.title_ids))


register(
    ListMetric(
        key=NOVELTY,
        label="Novelty@{k}",
        better=Better.depends,
        order=170,
        help="How little known the recommended titles are, in bits: 1 more means half as many "
        "users have rated them.",
        digits=2,
        of_lists=_of_lists,
    )
)
