"""Recommended lists beside what their users turned out to like: what list metrics are made from."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.popularity import TitlePopularity
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.top_k import TopK


@dataclass(frozen=True, eq=False)
class JudgedLists:
    """Lists, their hits, and the titles they should have held.

    Titles the user rated in train are never in a list.

    Attributes:
        top: The lists.
        hits: Whether each place holds a relevant title, shape (n_users, k).
        n_relevant: Number of each user's relevant titles, shape (n_users,).
        relevant_rows: Which user each relevant title is one of, as a row of `hits`; shape (n,).
        relevant_ids: Those titles; shape (n,).
        popularity: How well known titles are.
    """

    top: TopK
    hits: NDArray[np.bool_]
    n_relevant: NDArray[np.int64]
    relevant_rows: NDArray[np.intp]
    relevant_ids: NDArray[Any]
    popularity: TitlePopularity

    @classmethod
    def of(cls, top: TopK, relevant: pd.DataFrame, popularity: TitlePopularity) -> Self:
        """Judge lists.

        Args:
            top: The lists.
            relevant: As for `find_hits`.
            popularity: How well known titles are.
        """
        hits, n_relevant = find_hits(top, relevant)
        rows = pd.Index(top.user_ids).get_indexer(pd.Index(relevant[c.USER_ID]))
        title_ids = relevant[c.TITLE_ID].to_numpy(dtype=object)
        return cls(top, hits, n_relevant, rows[rows >= 0], title_ids[rows >= 0], popularity)

    def sum_over_relevant(self, values: NDArray[Any]) -> FloatArray:
        """Add up values of the relevant titles, user by user; shape (n_users,)."""
        return np.bincount(self.relevant_rows, values, len(self.n_relevant)).astype(np.float64)


def find_hits(top: TopK, relevant: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find which recommended titles are relevant.

    Args:
        top: The recommended titles.
        relevant: Distinct relevant (user, title) pairs; columns user_id and title_id. A title that
            does not compete counts among the relevant ones all the same.

    Returns:
        Whether each place holds a relevant title, shape (n_users, k), and the number of relevant
        titles of each user, shape (n_users,).

    Examples:
        >>> top = TopK.of_positions([[0, 2], [1, 2]], ["as1", "as2", "as3"])
        >>> relevant = pd.DataFrame({"user_id": [0, 1, 1], "title_id": ["as3", "as2", "as1"]})
        >>> hits, n_relevant = find_hits(top, relevant)
        >>> hits.tolist(), n_relevant.tolist()
        ([[False, True], [True, False]], [1, 2])
    """
    rows = pd.Index(top.user_ids).get_indexer(pd.Index(relevant[c.USER_ID]))
    titles = pd.Index(top.title_ids).get_indexer(pd.Index(relevant[c.TITLE_ID]))
    n_relevant = np.bincount(rows[rows >= 0], minlength=len(top.user_ids)).astype(np.int64)

    # A user and a title make one number, so that all pairs are looked up at once.
    known = (rows >= 0) & (titles >= 0)
    n_titles = len(top.title_ids)
    relevant_keys = rows[known].astype(np.int64) * n_titles + titles[known]
    keys = np.arange(len(top.user_ids), dtype=np.int64)[:, None] * n_titles + top.positions
    return np.isin(keys, relevant_keys) & (top.positions != NO_TITLE), n_relevant
