"""The best titles of many users: block after block, so that memory does not grow with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from cartelera.factorization.selection import (
    NO_TITLE,
    Best,
    Cells,
    alphabetical_ranks,
    best_in_rows,
)
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker

_BLOCK_BYTES = 16 << 20
_BLOCKS_WORTH_A_BAR = 64


@runtime_checkable
class Selecting(Protocol):
    """A ranker that selects the best titles itself, more exactly than rounded scores could."""

    def best_of_histories(self, histories: Histories, k: int, *hidden: Cells) -> Best:
        """Return the k best titles of each user but for what is hidden."""
        ...


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

    @classmethod
    def of_positions(cls, positions: Sequence[Sequence[int]], title_ids: Sequence[str]) -> Self:
        """Return lists of users 0, 1, ... written as positions in the titles; scores are 0."""
        listed = np.array(positions, dtype=np.int32)
        ids = np.array(title_ids, dtype=object)
        return cls(np.arange(len(listed)), ids, listed, np.zeros(listed.shape))

    def times_listed(self) -> NDArray[np.int64]:
        """Return in how many lists each title stands, shape (n_titles,)."""
        listed = self.positions[self.positions != NO_TITLE]
        return np.bincount(listed, minlength=len(self.title_ids)).astype(np.int64)


def top_k(
    ranker: Ranker,
    histories: Histories,
    k: int,
    *,
    seen: Histories | None = None,
    allowed: NDArray[np.bool_] | None = None,
) -> TopK:
    """Rank the titles users have not rated and keep the best k.

    Titles of equal score go by id, alphabetically. Works through the users in blocks of about 16 MB
    of scores; besides a few times that, only the result takes memory.

    Args:
        ranker: What scores the titles.
        histories: What the users have rated, as far as the ranker may know it; codes are positions
            in the ranker's titles.
        k: Length of a list; a list is shorter where fewer unseen titles are left.
        seen: What the same users, in the same order, may not be recommended because they rated it;
            by default the histories.
        allowed: Which titles may be in the lists, in the order of the ranker's; all by default.

    Raises:
        InputError: If the ranker gives scores that are not numbers.
        ValueError: If k is less than 1, `seen` is of other users, or `allowed` does not have one
            entry a title.
    """
    if k < 1:
        raise ValueError(f"k={k}: a list has at least 1 title.")
    title_ids = np.asarray(ranker.title_ids)
    if allowed is not None and (allowed.shape != title_ids.shape or allowed.dtype != np.bool_):
        raise ValueError(f"allowed is not one boolean for each of {len(title_ids)} titles.")
    seen = histories if seen is None else seen
    if not np.array_equal(seen.user_ids, histories.user_ids):
        raise ValueError("seen and histories are of different users.")

    ranks = alphabetical_ranks(title_ids)
    forbidden = () if allowed is None else ((slice(None), np.flatnonzero(~allowed)),)
    positions = np.empty((histories.n_users, k), dtype=np.int32)
    scores = np.empty((histories.n_users, k), dtype=np.float64)
    for block in _blocks(histories.n_users, len(title_ids)):
        rated = seen.part(block)
        hidden = ((rated.rows, rated.codes.astype(np.intp)), *forbidden)
        best = _best(ranker, histories.part(block), k, ranks, *hidden)
        positions[block], scores[block] = best.positions, best.scores
    return TopK(histories.user_ids, title_ids, positions, scores)


def _best(
    ranker: Ranker, histories: Histories, k: int, ranks: NDArray[np.int32], *hidden: Cells
) -> Best:
    if isinstance(ranker, Selecting):
        return ranker.best_of_histories(histories, k, *hidden)
    scores = ranker.score_histories(histories)
    for cells in hidden:
        scores[cells] = -np.inf
    return best_in_rows(scores, k, ranks)


def _blocks(n_users: int, n_titles: int) -> Iterator[slice]:
    """Yield runs of users whose scores fit a block of memory."""
    size = max(1, _BLOCK_BYTES // (4 * max(1, n_titles)))
    starts = range(0, n_users, size)
    quiet = len(starts) < _BLOCKS_WORTH_A_BAR
    for start in track(starts, description="Ranking titles", disable=quiet, transient=True):
        yield slice(start, min(start + size, n_users))
