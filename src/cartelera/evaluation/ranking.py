"""How good the recommended lists are: hits among held-out titles, coverage, novelty.

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
from cartelera.factorization.top_k import TopK


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
    """Give each user's precision@k: the share of the k places that hold a relevant title.

    sum_i rel_i / k; Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008),
    section 8.4.

    Args:
        hits: Shape (n_users, k).
    """
    return hits.mean(axis=1, dtype=np.float64)


def recall_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Give each user's recall@k: the share of the relevant titles that the list holds.

    sum_i rel_i / R; Manning, Raghavan and Schütze (2008), section 8.3. NaN without relevant titles.

    Args:
        hits: Shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).
    """
    return _divide(hits.sum(axis=1), n_relevant)


def ndcg_at_k(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> FloatArray:
    """Give each user's normalised discounted cumulative gain at k, with binary relevance.

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
    """Give each user's average precision at k; its mean over users is MAP@k.

    sum_i rel_i * precision@i / min(k, R); Manning, Raghavan and Schütze (2008), section 8.4, cut at
    place k so that a perfect list gives 1. NaN without relevant titles.

    Args:
        hits: Shape (n_users, k).
        n_relevant: Number of relevant titles R, shape (n_users,).
    """
    k = hits.shape[1]
    precision_so_far = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return _divide((precision_so_far * hits).sum(axis=1), np.minimum(k, n_relevant))


def coverage_at_k(top: TopK) -> float:
    """Give the share of the competing titles that stand in at least one user's list.

    Catalogue coverage of Ge, Delgado-Battenfeld and Jannach, Beyond Accuracy, RecSys 2010. NaN
    without users.
    """
    if len(top.user_ids) == 0:
        return float("nan")
    recommended = np.unique(top.positions[top.positions != NO_TITLE])
    return recommended.size / len(top.title_ids)


def self_information(train: pd.DataFrame, title_ids: NDArray[Any]) -> FloatArray:
    """Give how surprising it is that a user knows a title, in bits.

    -log2(share of the users in train who rated the title); its mean over recommended titles is the
    novelty of Zhou et al., Solving the apparent diversity-accuracy dilemma of recommender systems,
    PNAS 107 (2010). A title nobody rated counts as rated by one user.

    Args:
        train: Ratings; columns user_id and title_id, one row a pair.
        title_ids: Shape (n_titles,).

    Returns:
        Bits, shape (n_titles,).
    """
    counts = train[c.TITLE_ID].value_counts().reindex(pd.Index(title_ids)).fillna(1)
    return -np.log2(counts.to_numpy(dtype=np.float64) / train[c.USER_ID].nunique())


def _divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator, dtype=np.float64) / denominator
