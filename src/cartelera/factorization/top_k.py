"""The best titles of many users: block after block, so that memory does not grow with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import track

from cartelera import columns as c
from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import UNKNOWN, Recommender
from cartelera.factorization.selection import Best, Cells, Rows, alphabetical_ranks, best_in_rows

_BLOCK_BYTES = 16 << 20
_BLOCKS_WORTH_A_BAR = 64


@dataclass(frozen=True)
class TopK:
    """The recommended titles of some users.

    Attributes:
        user_ids: Shape (n_users,).
        title_ids: All titles that compete, shape (n_titles,).
        positions: Positions in `title_ids`, best first, shape (n_users, k); `NO_TITLE` where a
            user has no unseen titles left.
        scores: What the lists are sorted by, shape (n_users, k); NaN where `NO_TITLE`.
    """

    user_ids: NDArray[np.int64]
    title_ids: NDArray[Any]
    positions: NDArray[np.int32]
    scores: NDArray[np.float64]


def top_k(
    model: Recommender,
    user_ids: NDArray[np.int64],
    seen: pd.DataFrame,
    k: int,
    *,
    allowed: NDArray[np.bool_] | None = None,
) -> TopK:
    """Rank the titles a user has not rated and keep the best k.

    Titles of equal score go by id, alphabetically. Works through the users in blocks of about 16 MB
    of scores; besides a few times that, only the result takes memory.

    Args:
        model: What scores the titles.
        user_ids: Distinct users to recommend to, shape (n_users,).
        seen: What these users rated already, usually train; columns user_id and title_id.
        k: Length of a list; a list is shorter where fewer unseen titles are left.
        allowed: Which titles may be in the lists, in the order of the model's; all by default.

    Raises:
        InputError: If the model gives scores that are not numbers.
        ValueError: If k is less than 1 or `allowed` does not have one entry a title.
    """
    if k < 1:
        raise ValueError(f"k={k}: a list has at least 1 title.")
    title_ids = np.asarray(model.title_ids)
    if allowed is not None and (allowed.shape != title_ids.shape or allowed.dtype != np.bool_):
        raise ValueError(f"allowed is not one boolean for each of {len(title_ids)} titles.")
    ranks = alphabetical_ranks(title_ids)
    seen_titles = _SeenTitles(seen, title_ids)
    positions = np.empty((len(user_ids), k), dtype=np.int32)
    scores = np.empty((len(user_ids), k), dtype=np.float64)
    forbidden = () if allowed is None else ((slice(None), np.flatnonzero(~allowed)),)
    for block in _blocks(len(user_ids), len(title_ids)):
        users = user_ids[block]
        best = _best(model, users, k, ranks, seen_titles.of(users), *forbidden)
        positions[block], scores[block] = best.positions, best.scores
    return TopK(np.asarray(user_ids), title_ids, positions, scores)


def _best(
    model: Recommender,
    users: NDArray[np.int64],
    k: int,
    ranks: NDArray[np.int32],
    *hidden: Cells,
) -> Best:
    if isinstance(model, Factors):
        return model.best(users, k, *hidden)
    scores = np.asarray(model.score_titles(users))
    for cells in hidden:
        scores[cells] = -np.inf
    return best_in_rows(scores, k, ranks)


class _SeenTitles:
    """Looks up which titles users have rated, for a block of users at once."""

    def __init__(self, seen: pd.DataFrame, title_ids: NDArray[Any]):
        titles = pd.Index(title_ids).get_indexer(pd.Index(seen[c.TITLE_ID]))
        users = seen[c.USER_ID].to_numpy(dtype=np.int64)
        order = np.argsort(users, kind="stable")
        order = order[titles[order] != UNKNOWN]
        self._users = users[order]
        self._titles = titles[order]

    def of(self, users: NDArray[np.int64]) -> tuple[Rows, Rows]:
        """Give the (row, column) pairs of seen titles in a matrix users x titles."""
        starts = np.searchsorted(self._users, users, side="left")
        lengths = np.searchsorted(self._users, users, side="right") - starts
        rows = np.repeat(np.arange(len(users)), lengths)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return rows, self._titles[np.repeat(starts, lengths) + within]


def _blocks(n_users: int, n_titles: int) -> Iterator[slice]:
    """Yield runs of users whose scores fit a block of memory."""
    size = max(1, _BLOCK_BYTES // (4 * max(1, n_titles)))
    starts = range(0, n_users, size)
    quiet = len(starts) < _BLOCKS_WORTH_A_BAR
    for start in track(starts, description="Ranking titles", disable=quiet, transient=True):
        yield slice(start, start + size)
