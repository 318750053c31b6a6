"""How well known titles are, by the ratings in train."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.bootstrap import FloatArray

BETA: Final = 0.5
"""How strongly popularity is discounted in stratified recall."""

HEAD: Final = 0.5
"""Share of the ratings that the short head of the best known titles holds."""


@dataclass(frozen=True, eq=False)
class TitlePopularity:
    """The number of ratings of each title in train.

    Attributes:
        counts: Number of ratings by title id, in any order.
        n_users: Number of users in train.
        head: The best known titles: the fewest that hold `HEAD` of the ratings, titles with equally
            many ratings by id.
    """

    counts: "pd.Series[int]"
    n_users: int
    head: "pd.Index[Any]"

    @classmethod
    def of(cls, train: pd.DataFrame) -> Self:
        """Count ratings.

        Args:
            train: Columns user_id and title_id, one row a pair.
        """
        counts = train[c.TITLE_ID].astype(object).value_counts().sort_index()
        by_count = counts.sort_values(ascending=False, kind="stable")
        before = by_count.cumsum() - by_count
        head = by_count.index[(before < HEAD * len(train)).to_numpy()]
        return cls(counts, int(train[c.USER_ID].nunique()), head)

    def n_ratings(self, title_ids: Any) -> NDArray[np.int64]:
        """Return the number of ratings of titles, 0 for those not in train; shape (n,)."""
        wanted = pd.Index(np.asarray(title_ids, dtype=object), dtype=object)
        return np.asarray(self.counts.reindex(wanted, fill_value=0), dtype=np.int64)

    def weights(self, title_ids: Any) -> FloatArray:
        """Return 1 / N^beta, N being the number of ratings, at least 1; shape (n,)."""
        return np.maximum(self.n_ratings(title_ids), 1).astype(np.float64) ** -BETA

    def is_tail(self, title_ids: Any) -> NDArray[np.bool_]:
        """Tell which titles are outside the head; shape (n,)."""
        return ~pd.Index(np.asarray(title_ids, dtype=object), dtype=object).isin(self.head)

    def self_information(self, title_ids: Any) -> FloatArray:
        """Return how surprising it is that a user knows a title, in bits; shape (n,).

        -log2(share of the users in train who rated it). A title nobody rated counts as rated by
        one user.
        """
        return -np.log2(np.maximum(self.n_ratings(title_ids), 1) / self.n_users)
