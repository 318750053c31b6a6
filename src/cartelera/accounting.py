"""The account of a cleaning: every row that was read is kept, dropped or rejected, and why.

A row is *dropped* when the clean table says the same or newer without it (an exact repeat, an older
rating); it is *rejected* when it breaks a rule. Both keep their raw cells, file and line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.account import Account, Count
from cartelera.nulled import NulledCells, Why, nulled_cells

Mask = npt.NDArray[np.bool_]

_KEPT: Final = 0
_MAX_VALUE_LENGTH: Final = 60


@dataclass(frozen=True, kw_only=True)
class Cleaned(Account):
    """What a cleaning gives back.

    Attributes:
        clean: The sound rows in their clean form.
        nulled: Cells of clean rows that say something and are null.
    """

    clean: pd.DataFrame
    nulled: tuple[NulledCells, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.clean) != self.total.clean:
            raise RuntimeError(f"The account {self.total} and {len(self.clean)} clean rows differ.")

    @classmethod
    def union(cls, parts: Sequence["Cleaned"]) -> "Cleaned":
        """Put cleanings of different rows together, in the order given."""
        return cls(
            **vars(Account.join(parts)),
            clean=pd.concat([part.clean for part in parts], ignore_index=True),
            nulled=tuple(cells for part in parts for cells in part.nulled),
        )


class Ledger:
    """Notes what becomes of each row of a raw table; the first rule a row breaks counts."""

    def __init__(self, raw: pd.DataFrame) -> None:
        """Open a ledger in which every row is sound, but for headers of files put together.

        Args:
            raw: Raw rows (n) with `source_file` and `line`; the index is 0 to n - 1.
        """
        self._raw = raw
        self._fate = np.zeros(len(raw), dtype=np.int8)
        self._rules: list[tuple[str, str | None]] = [("kept", None)]
        self._rejecting: list[bool] = [False]
        self._nulled: list[tuple[Mask, str, Why]] = []
        self.drop(_repeats_header(raw), "repeats the header")

    @property
    def sound(self) -> Mask:
        """Which rows (n) are neither dropped nor rejected so far."""
        return self._fate == _KEPT

    def reject(self, broken: Any, rule: str, column: str | None = None) -> None:
        """Reject the rows a mask (n) marks, unless their fate is settled already.

        Args:
            broken: Boolean mask (n); missing counts as false.
            rule: What is wrong, in words and without ": ".
            column: The raw column whose value the reason shows.
        """
        self._settle(broken, rule, column, rejecting=True)

    def drop(self, superfluous: Any, rule: str) -> None:
        """Drop the rows a mask (n) marks, unless their fate is settled already."""
        self._settle(superfluous, rule, None, rejecting=False)

    def null(self, cells: Any, column: str, why: Why) -> None:
        """Note the cells of a column that a mask (n) marks as null; it costs no row."""
        self._nulled.append((np.asarray(cells, dtype=bool), column, why))

    def close(self, clean: pd.DataFrame) -> Cleaned:
        """Return the cleaning's result.

        Args:
            clean: The clean form of the rows that are still sound.

        Raises:
            RuntimeError: If the account does not add up.
        """
        rejecting = np.array(self._rejecting)[self._fate]
        kept = self.sound
        return Cleaned(
            clean=clean,
            dropped=self._with_reasons(~kept & ~rejecting),
            rejected=self._with_reasons(rejecting),
            files=self._count(kept, rejecting),
            nulled=tuple(
                noted
                for cells, column, why in self._nulled
                for noted in nulled_cells(self._raw[cells & kept], column, why)
            ),
        )

    def _settle(self, mask: Any, rule: str, column: str | None, *, rejecting: bool) -> None:
        marked: Mask = np.asarray(mask, dtype=bool) & self.sound
        self._fate[marked] = len(self._rules)
        self._rules.append((rule, column))
        self._rejecting.append(rejecting)

    def _with_reasons(self, mask: Mask) -> pd.DataFrame:
        rows = self._raw.loc[mask].astype({c.SOURCE_FILE: "str"})
        texts = pd.Series("", index=rows.index, dtype="str")
        fates = self._fate[mask]
        for fate, (rule, column) in enumerate(self._rules):
            of_rule = fates == fate
            shown = "" if column is None else ": " + rows.loc[of_rule, column].map(_shorten)
            texts.loc[of_rule] = rule + shown
        return rows.assign(**{c.REASON: texts}).reset_index(drop=True)

    def _count(self, kept: Mask, rejecting: Mask) -> dict[str, Count]:
        codes, names = pd.factorize(self._raw[c.SOURCE_FILE])
        read, clean, rejected, dropped = (
            np.bincount(codes[mask], minlength=len(names))
            for mask in (np.ones_like(kept), kept, rejecting, ~kept & ~rejecting)
        )
        return {
            str(name): Count(int(read[i]), int(clean[i]), int(dropped[i]), int(rejected[i]))
            for i, name in enumerate(names)
        }


def _repeats_header(raw: pd.DataFrame) -> Mask:
    columns = [name for name in raw.columns if name not in (c.SOURCE_FILE, c.LINE)]
    found = np.array(raw[columns[0]] == columns[0], dtype=bool)
    if found.any():
        found[found] = raw.loc[found, columns].eq(columns).all(axis=1)
    return found


def _shorten(value: str) -> str:
    return repr(value if len(value) <= _MAX_VALUE_LENGTH else value[:_MAX_VALUE_LENGTH] + "…")
