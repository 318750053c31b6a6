"""How good the recommended lists are: hits among held-out titles.

In all formulas rel_i is 1 if the title at place i of a user's list is one of the user's R relevant
held-out titles, else 0. Titles the user rated in train are never in the list.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.accuracy import FloatArray
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.top_k import TopK


def find_hits(top: TopK, relevant: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find which recommended titles are relevant.

    Args:
        top: The recommended titles.
        relevant: Distinct relevant (user, title) pairs; columns user_id and title_id. A title that
            does not compete counts among the relevant ones all the same.

    Returns:
        Whether each place holds a relevant title, shape (n_users, k), and the number of relevant
        titles of each user, shape (n_users,).
    """
    rows = pd.Index(top.user_ids).get_indexer(pd.Index(relevant[c.USER_ID]))
    titles = pd.Index(top.title_ids).get_indexer(pd.Index(relevant[c.TITLE_ID]))
    n_relevant = np.bincount(rows[rows >= 0], minlength=len(top.user_ids)).astype(np.int64)
    known = (rows >= 0) & (titles >= 0)
    n_titles = len(top.title_ids)
    relevant_keys = rows[known].astype(np.int64) * n_titles + titles[known]
    keys = np.arange(len(top.user_ids), dtype=np.int64)[:, None] * n_titles + top.positions
    return np.isin(keys, relevant_keys) & (top.positions != NO_TITLE), n_relevant


def precision_at_k(hits: NDArray[np.bool_]) -> FloatArray:
    """Return each user's precision@k: the share of the k places that hold a relevant title.

    sum_i rel_i / k; Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008),
    section 8.4.

    Args:
        hits: Shape (n_users, k).
    """
    return hits.mean(axis=1, dtype=np.float64)


def recall_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Return each user's recall@k: the share of the relevant titles that the list holds.

    sum_i rel_i / R; Manning, Raghavan and Schütze (2008), section 8.3. NaN without relevant titles.

    Args:
        hits: Shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).
    """
    return _divide(hits.sum(axis=1), n_relevant)


def ndcg_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Return each user's normalised discounted cumulative gain at k, with binary relevance.

    DCG = sum_i rel_i / log2(i + 1), divided by the DCG of a perfect list, which has relevant titles
    at its first min(k, R) places; Järvelin and Kekäläinen, Cumulated Gain-Based Evaluation of IR
    Techniques, ACM TOIS 20 (2002), with the discount of Burges et al., Learning to Rank Using
    Gradient Descent, ICML 2005. NaN without relevant titles.

    Args:
        hits: Shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).
    """
    k = hits.shape[1]
    gains = 1.0 / np.log2(np.arange(2, k + 2))
    perfect = np.concatenate([[0.0], np.cumsum(gains)])[np.minimum(k, n_relevant)]
    return _divide(hits @ gains, perfect)


def average_precision_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Return each user's average precision at k; its mean over users is MAP@k.

    sum_i rel_i * precision@i / min(k, R); Manning, Raghavan and Schütze (2008), section 8.4, cut at
    place k so that a perfect list gives 1. NaN without relevant titles.

    Args:
        hits: Shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).
    """
    k = hits.shape[1]
    precision_so_far = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return _divide((precision_so_far * hits).sum(axis=1), np.minimum(k, n_relevant))


def stratified_recall_at_k(
    hits: NDArray[np.bool_], weights: FloatArray, relevant_weight: FloatArray
) -> FloatArray:
    """Return each user's popularity-stratified recall at k: recall in which rare titles weigh more.

    sum_i rel_i s_i / sum of s over the R relevant titles, with s = 1 / N^beta and N the number of
    ratings of the title in train; Steck, Item Popularity and Recommendation Accuracy, RecSys 2011.
    There users count by the denominator: their mean is the sum of the numerators over the sum of
    the denominators. NaN without relevant titles.

    Args:
        hits: Shape (n_users, k).
        weights: s of the titles in the lists, shape (n_users, k).
        relevant_weight: Sum of s over each user's relevant titles, shape (n_users,).
    """
    return _divide((hits * weights).sum(axis=1), relevant_weight)


def tail_recall_at_k(
    hits: NDArray[np.bool_], is_tail: NDArray[np.bool_], n_tail: NDArray[np.int64]
) -> FloatArray:
    """Return each user's recall at k of relevant titles that are not among the best known.

    `recall_at_k` with the titles outside the short head alone; the head are the most rated titles
    that hold half of the ratings in train (the long tail of Park and Tuzhilin, The Long Tail of
    Recommender Systems and How to Leverage It, RecSys 2008). NaN without such titles.

    Args:
        hits: Shape (n_users, k).
        is_tail: Whether the titles in the lists are outside the head, shape (n_users, k).
        n_tail: Number of relevant titles outside the head, shape (n_users,).
    """
    return recall_at_k(hits & is_tail, n_tail)


def _divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator, dtype=np.float64) / denominator
