"""What users have rated, oldest first: the form a ranker reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c


@dataclass(frozen=True, eq=False)
class Histories:
    """Ratings by user, each user's oldest first, in compressed sparse row form.

    Attributes:
        user_ids: Shape (n_users,).
        starts: Where each user's ratings begin, and where the last one's end; shape (n_users + 1,).
        codes: Position of each rating's title in the title ids of a ranker; shape (n_ratings,).
        values: In stars; shape (n_ratings,).
    """

    user_ids: NDArray[np.int64]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]
    values: NDArray[np.float64]

    @classmethod
    def from_frame(
        cls,
        ratings: pd.DataFrame,
        title_ids: NDArray[Any] | Sequence[str],
        user_ids: NDArray[np.int64] | None = None,
    ) -> Self:
        """Group a ratings table by user.

        Args:
            ratings: Columns `user_id`, `title_id`, `rating` and `timestamp`, one row a
                (user, title). Of ratings given in the same second, the title's id decides.
            title_ids: The titles a ranker knows; ratings of others are left out.
            user_ids: Which users, and in which order; by default all in the table, ascending. One
                without ratings gets an empty history.

        >>> ratings = pd.DataFrame(
        ...     {
        ...         "user_id": [7, 7, 8],
        ...         "title_id": ["ns1", "ns2", "ns1"],
        ...         "rating": [4.0, 2.0, 5.0],
        ...         "timestamp": [20, 10, 5],
        ...     }
        ... )
        >>> histories = Histories.from_frame(ratings, ["ns1", "ns2"])
        >>> histories.codes.tolist(), histories.starts.tolist()
        ([1, 0, 0], [0, 2, 3])
        """
        if user_ids is None:
            user_ids = np.unique(ratings[c.USER_ID].to_numpy(dtype=np.int64))

        # Of ratings in the same second the id decides, so that order is the same everywhere.
        ordered = ratings.sort_values([c.USER_ID, c.TIMESTAMP, c.TITLE_ID], kind="stable")
        rows = pd.Index(user_ids).get_indexer(pd.Index(ordered[c.USER_ID]))
        codes = pd.Index(np.asarray(title_ids, dtype=object)).get_indexer(
            pd.Index(ordered[c.TITLE_ID].astype(object))
        )

        known = (rows >= 0) & (codes >= 0)
        by_user = np.argsort(rows[known], kind="stable")
        counts = np.bincount(rows[known], minlength=len(user_ids))
        return cls(
            user_ids=np.asarray(user_ids, dtype=np.int64),
            starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            codes=codes[known][by_user].astype(np.int32),
            values=ordered[c.RATING].to_numpy(dtype=np.float64)[known][by_user],
        )

    @property
    def n_users(self) -> int:
        """The number of users."""
        return len(self.user_ids)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The number of ratings of each user; shape (n_users,)."""
        return np.diff(self.starts)

    @property
    def rows(self) -> NDArray[np.int64]:
        """The position of each rating's user; shape (n_ratings,)."""
        return np.repeat(np.arange(self.n_users), self.lengths)

    @property
    def recency(self) -> NDArray[np.int64]:
        """How many later ratings the user of each rating has; shape (n_ratings,)."""
        return np.repeat(self.starts[1:], self.lengths) - 1 - np.arange(len(self.codes))

    def weighted_sums(
        self, weights: NDArray[np.float64], vectors: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """Add up the vectors of the rated titles, user by user; 0 where nothing is rated.

        Args:
            weights: How much each rating counts; shape (n_ratings,).
            vectors: Of the titles; shape (n_titles, n).

        Returns:
            Shape (n_users, n).
        """
        sums = np.zeros((self.n_users, vectors.shape[1]))
        has_any = self.lengths > 0
        if has_any.any():
            parts = weights[:, np.newaxis] * vectors[self.codes]
            sums[has_any] = np.add.reduceat(parts, self.starts[:-1][has_any], axis=0)
        return sums

    def latest(self, n: int) -> Self:
        """Return the same users with the last n of their ratings each."""
        kept = self.recency < n
        lengths = np.minimum(self.lengths, n)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return type(self)(self.user_ids, starts, self.codes[kept], self.values[kept])

    def part(self, users: slice) -> Self:
        """Return a run of the users."""
        return self.take(np.arange(*users.indices(self.n_users)))

    def take(self, users: NDArray[np.integer]) -> Self:
        """Return some of the users, by position, in the order asked for."""
        lengths = self.lengths[users]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        ratings = np.arange(starts[-1]) + np.repeat(self.starts[users] - starts[:-1], lengths)
        return type(self)(self.user_ids[users], starts, self.codes[ratings], self.values[ratings])
