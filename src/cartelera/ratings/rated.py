"""Which titles are rated: by their ids, or where no platform's initial stands before them."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

UNKNOWN: Final = -1
AMBIGUOUS: Final = -2

Places: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class KnownTitles:
    """The titles there are.

    Attributes:
        ids: Their ids (k), sorted.
        show_ids: Their ids without the platform's initial (k), in the same order; None if these do
            not count.
    """

    ids: "pd.Index[str]"
    show_ids: pd.Series | None

    @classmethod
    def of(cls, ids: pd.Series, show_ids: pd.Series | None = None) -> "KnownTitles":
        """Sort titles by their ids; both series have the same index."""
        in_order = ids.sort_values()
        without_initial = None if show_ids is None else show_ids.loc[in_order.index]
        return cls(pd.Index(in_order, dtype="str"), without_initial)

    def by_id(self, column: pd.Series) -> Places:
        """Return the place in `ids` of each raw movieId (n); `UNKNOWN` if it is nowhere."""
        codes, texts = pd.factorize(column)
        return self.ids.get_indexer(_tidy(texts)).astype(np.int64)[codes]

    def by_show_id(self, column: pd.Series) -> Places:
        """Return the place of each raw movieId (n) by what titles are called without the initial.

        It is `UNKNOWN` if no title is, and `AMBIGUOUS` if titles of several platforms are.
        """
        codes, texts = pd.factorize(column)
        if self.show_ids is None:
            return np.full(len(codes), UNKNOWN, dtype=np.int64)
        ids = _tidy(texts)
        numbers = ids.str.fullmatch(r"[0-9]+\.0")
        plain = ids.where(~numbers, ids.str.removesuffix(".0"))
        unique = ~self.show_ids.duplicated(keep=False).to_numpy()
        at = np.flatnonzero(unique)
        found = pd.Index(self.show_ids[unique]).get_indexer(plain)
        places = np.where(found >= 0, at[found] if len(at) else UNKNOWN, UNKNOWN).astype(np.int64)
        places[plain.isin(self.show_ids[~unique])] = AMBIGUOUS
        return places[codes]


def _tidy(texts: "pd.Index[str]") -> "pd.Index[str]":
    return pd.Index(pd.Series(texts, dtype="str").str.strip().str.lower())
