"""Ratings of titles in, ratings of works out: what models learn from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.ratings.latest import outdated
from cartelera.ratings.received import outranked


@dataclass(frozen=True)
class PooledRatings:
    """Ratings by work, and the account of how they came about.

    Attributes:
        ratings: One row a (user, work), the columns of those that went in: `title_id` is the id
            that stands for the work.
        n_published: Ratings by title that went in.
        n_renamed: Those of them whose title is not the one that stands for its work.
        n_merged: Those of them that another rating of the same user and work replaces.

    Raises:
        RuntimeError: If the account does not add up.
    """

    ratings: pd.DataFrame
    n_published: int
    n_renamed: int
    n_merged: int

    def __post_init__(self) -> None:
        if len(self.ratings) + self.n_merged != self.n_published:
            raise RuntimeError(
                f"The account does not add up, ratings got lost: {self.n_published} by title, "
                f"{len(self.ratings)} by work and {self.n_merged} merged."
            )

    @property
    def n_works(self) -> int:
        """Works that are rated."""
        return int(self.ratings[c.TITLE_ID].nunique())


def pool_ratings(ratings: pd.DataFrame, works: "pd.Series[str]") -> PooledRatings:
    """Put ratings of one work together, whatever platform each was given on.

    Of several ratings of one (user, work) those of the source's files count before received ones,
    then the latest, of equally late ones the one that stands last, as for one (user, title) in
    `ratings.clean`.

    Args:
        ratings: Clean ratings, one row a (user, title).
        works: The id that stands for the work, by title id. A title that is not there is a work of
            its own.

    Returns:
        The ratings by work, in the order of those that went in; the very same ones if each of their
        titles stands for its own work.
    """
    codes, titles = pd.factorize(ratings[c.TITLE_ID])
    title_ids = pd.Series(titles, dtype="str")
    work_ids = title_ids.map(works).fillna(title_ids)
    is_renamed = (work_ids != title_ids).to_numpy()
    if not is_renamed.any():
        return PooledRatings(ratings, len(ratings), n_renamed=0, n_merged=0)

    by_work = ratings.assign(**{c.TITLE_ID: work_ids.take(codes).array})

    # Only works that got ratings from elsewhere can have two of one user.
    is_shared = work_ids.isin(work_ids[is_renamed]).to_numpy()
    shared = np.flatnonzero(is_shared[codes])
    is_merged = np.zeros(len(ratings), dtype=np.bool_)
    pair = [c.USER_ID, c.TITLE_ID]
    is_merged[shared] = outranked(by_work.iloc[shared], pair)
    left = shared[~is_merged[shared]]
    is_merged[left] = outdated(by_work.iloc[left], pair, c.TIMESTAMP)

    return PooledRatings(
        by_work[~is_merged].reset_index(drop=True),
        n_published=len(ratings),
        n_renamed=int(np.count_nonzero(is_renamed[codes])),
        n_merged=int(np.count_nonzero(is_merged)),
    )
