"""How good the recommended lists are: hits among held-out titles, coverage, novelty.

In all formulas rel_i is 1 if the title at place i of a user's list is one of the user's R relevant
held-out titles, else 0. Titles the user rated in train are never in the list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import track

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.accuracy import FloatArray
from cartelera.factorization.recommender import Recommender

NO_TITLE = -1

_BLOCK_BYTES = 32 << 20
_BLOCKS_WORTH_A_BAR = 8


@dataclass(frozen=True)
class TopK:
    """The recommended titles of some users.

    Attributes:
        user_ids: Shape (n_users,).
        title_ids: All titles that compete, shape (n_titles,).
        positions: Positions in `title_ids`, best first, shape (n_users, k); `NO_TITLE` where a
            user has no unseen titles left.
    """

    user_ids: NDArray[np.int64]
    title_ids: NDArray[Any]
    positions: NDArray[np.int32]


def top_k(model: Recommender, user_ids: NDArray[np.int64], seen: pd.DataFrame, k: int) -> TopK:
    """Rank the titles a user has not rated and keep the best k.

    Titles of equal score go by id, alphabetically. Works through the users in blocks of about 32 MB
    of scores, so that memory does not grow with their number.

    Args:
        model: What scores the titles.
        user_ids: Distinct users to recommend to, shape (n_users,).
        seen: What these users rated already, usually train; columns user_id and title_id.
        k: Length of a list; a list is shorter where fewer unseen titles are left.

    Raises:
        InputError: If the model gives scores that are not numbers.
    """
    title_ids = np.asarray(model.title_ids)
    alphabetical = np.argsort(title_ids.astype(str), kind="stable")
    in_order = title_ids[alphabetical]
    seen_titles = _SeenTitles(seen, in_order)
    positions = np.full((len(user_ids), k), NO_TITLE, dtype=np.int32)
    for start, users in _blocks(user_ids, len(title_ids)):
        scores = np.asarray(model.score_titles(users))[:, alphabetical]
        if np.isnan(scores).any():
            raise InputError("The model gives scores that are not numbers: train it anew.")
        scores[seen_titles.of(users)] = -np.inf
        best = _best(scores, min(k, len(title_ids)))
        unseen = np.take_along_axis(scores, best, axis=1) > -np.inf
        positions[start : start + len(users), : best.shape[1]] = np.where(
            unseen, alphabetical[best], NO_TITLE
        )
    return TopK(np.asarray(user_ids), title_ids, positions)


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


class _SeenTitles:
    """Looks up which titles users have rated, for a block of users at once."""

    def __init__(self, seen: pd.DataFrame, title_ids: NDArray[Any]):
        titles = pd.Index(title_ids).get_indexer(pd.Index(seen[c.TITLE_ID]))
        users = seen[c.USER_ID].to_numpy(dtype=np.int64)
        order = np.argsort(users, kind="stable")
        order = order[titles[order] >= 0]
        self._users = users[order]
        self._titles = titles[order]

    def of(self, users: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Give the (row, column) pairs of seen titles in a matrix users x titles."""
        starts = np.searchsorted(self._users, users, side="left")
        lengths = np.searchsorted(self._users, users, side="right") - starts
        rows = np.repeat(np.arange(len(users)), lengths)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return rows, self._titles[np.repeat(starts, lengths) + within]


def _blocks(user_ids: NDArray[np.int64], n_titles: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield runs of users whose scores fit a block of memory, with where each run starts."""
    size = max(1, _BLOCK_BYTES // (8 * max(1, n_titles)))
    starts = range(0, len(user_ids), size)
    quiet = len(starts) < _BLOCKS_WORTH_A_BAR
    for start in track(starts, description="Ranking titles", disable=quiet, transient=True):
        yield start, user_ids[start : start + size]


def _best(scores: NDArray[Any], k: int) -> NDArray[np.intp]:
    """Give the columns of the k highest scores of each row, the leftmost first among equals."""
    n_titles = scores.shape[1]
    threshold = np.partition(scores, n_titles - k, axis=1)[:, n_titles - k, None]
    chosen = scores >= threshold
    for row in np.flatnonzero(chosen.sum(axis=1) > k):
        at_threshold = np.flatnonzero(scores[row] == threshold[row])
        surplus = int(chosen[row].sum()) - k
        chosen[row, at_threshold[-surplus:]] = False
    columns = np.nonzero(chosen)[1].reshape(len(scores), k)
    by_score = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, by_score, axis=1)


def _divide(numerator: NDArray[Any], denominator: NDArray[Any]) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator, dtype=np.float64) / denominator
