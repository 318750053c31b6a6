"""Which titles each user has rated already, kept compactly."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c


def seen_table(*ratings: pd.DataFrame) -> pd.DataFrame:
    """Give one row a (user, title) over several tables of ratings.

    Returns:
        Columns `user_id` and `title_id`, sorted by both.
    """
    pairs = pd.concat([table[[c.USER_ID, c.TITLE_ID]] for table in ratings])
    return pairs.drop_duplicates().sort_values([c.USER_ID, c.TITLE_ID], ignore_index=True)


@dataclass(frozen=True)
class SeenTitles:
    """The rated titles of all users as one sorted list with a slice a user.

    Attributes:
        user_ids: Users with ratings, ascending, shape (n_users,).
        starts: Where each user's slice of `title_codes` starts, and the end, shape (n_users + 1,).
        title_codes: Positions in `title_ids`, shape (n_pairs,), 4 bytes a pair.
        title_ids: The rated titles, shape (n_titles,).
    """

    user_ids: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    title_codes: npt.NDArray[np.int32]
    title_ids: npt.NDArray[Any]

    @classmethod
    def from_frame(cls, seen: pd.DataFrame) -> "SeenTitles":
        """Build the lookup from the rows of `seen_table`, in any order."""
        ordered = seen.sort_values(c.USER_ID, kind="stable")
        title_codes, title_ids = pd.factorize(ordered[c.TITLE_ID])
        user_ids, starts = np.unique(ordered[c.USER_ID].to_numpy(np.int64), return_index=True)
        return cls(
            user_ids=user_ids,
            starts=np.append(starts, len(ordered)).astype(np.int64),
            title_codes=title_codes.astype(np.int32),
            title_ids=np.asarray(title_ids, dtype=object),
        )

    @classmethod
    def read(cls, path: Path) -> "SeenTitles":
        """Read a Parquet file of `seen_table`."""
        return cls.from_frame(pd.read_parquet(path, columns=[c.USER_ID, c.TITLE_ID]))

    def of(self, user_id: int) -> frozenset[str]:
        """Give the titles a user has rated; none for an unknown user."""
        position = int(np.searchsorted(self.user_ids, user_id))
        if position == len(self.user_ids) or self.user_ids[position] != user_id:
            return frozenset()
        codes = self.title_codes[self.starts[position] : self.starts[position + 1]]
        return frozenset(self.title_ids[codes])
