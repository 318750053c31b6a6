"""The account of a cleaning: every row that was read is kept, dropped or rejected, and why.

A row is *dropped* when the clean table says the same or newer without it (an exact repeat, an older
rating); it is *rejected* when it breaks a rule. Both keep their raw cells, file and line.
"""

import logging
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.nulled import NulledCells, Why, nulled_cells
from cartelera.reasons import NO_HINTS, hint_for, reasons

_log = logging.getLogger(__name__)

Mask = npt.NDArray[np.bool_]

_KEPT: Final = 0
_MAX_VALUE_LENGTH: Final = 60
_SHOWN_ROWS: Final = 5
_SHOWN_FILES: Final = 5


@dataclass(frozen=True)
class Count:
    """How many rows were read, and what became of them."""

    read: int
    clean: int
    dropped: int
    rejected: int

    def __post_init__(self) -> None:
        if self.read != self.clean + self.dropped + self.rejected:
            raise RuntimeError(f"The account does not add up, rows got lost: {self}.")

    def __str__(self) -> str:
        return (
            f"{self.read:,} read = {self.clean:,} clean + {self.dropped:,} dropped + "
            f"{self.rejected:,} rejected"
        )

    def __add__(self, other: "Count") -> "Count":
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Count(*(one + another for one, another in pairs))


@dataclass(frozen=True)
class Cleaned:
    """What a cleaning gives back.

    Attributes:
        clean: The sound rows in their clean form.
        dropped: Superfluous rows: raw columns, `source_file`, `line`, `reason`.
        rejected: Broken rows, same columns as `dropped`.
        files: The account of every source file, in the order they were read.
        nulled: Cells of clean rows that say something and are null.

    Raises:
        RuntimeError: If the tables and the accounts differ: rows got lost or were made up.
    """

    clean: pd.DataFrame
    dropped: pd.DataFrame
    rejected: pd.DataFrame
    files: dict[str, Count]
    nulled: tuple[NulledCells, ...] = ()

    def __post_init__(self) -> None:
        total = self.total
        found = (len(self.clean), len(self.dropped), len(self.rejected))
        if found != (total.clean, total.dropped, total.rejected):
            raise RuntimeError(f"The account {total} and the tables' rows {found} differ.")

    @property
    def total(self) -> Count:
        """The account over all files."""
        return sum(self.files.values(), start=Count(0, 0, 0, 0))

    def account(self) -> dict[str, Any]:
        """Return the counts in total and by file, and the reasons with their counts; JSON-able."""
        return {
            "total": asdict(self.total),
            "files": {name: asdict(count) for name, count in self.files.items()},
            "dropped": reasons(self.dropped),
            "rejected": reasons(self.rejected),
        }

    def require_few_rejected(
        self,
        table: str,
        max_rejected: float,
        *,
        tolerated: Collection[str] = (),
        hints: Mapping[str, str] = NO_HINTS,
    ) -> None:
        """Refuse a table, or a file of it, of which too much is broken or nothing is left.

        What is broken and yet accepted is warned of, file by file.

        Args:
            table: What the rows are, for the message; rejected ones are in `rejected_{table}.csv`.
            max_rejected: The share of the rows read that may be rejected, 0 to 1, of all files
                together and of each.
            tolerated: Files that may hold whatever they hold; they do not count for the whole.
            hints: What to do, by rule, where the rule may be at fault rather than the rows; where
                one of them rejects most, it is said instead of how to accept it.

        Raises:
            InputError: If more is rejected; names files, reasons, the first rows, how to accept.
        """
        limited = {name: count for name, count in self.files.items() if name not in tolerated}
        everything = sum(limited.values(), start=Count(0, 0, 0, 0))
        if not self.total.clean:
            way_out = hint_for(self.rejected, hints) or "Nothing is left: mend them."
            raise InputError(self._refusal(table, {"": self.total}, way_out))

        broken = {
            name: count
            for name, count in {"": everything, **limited}.items()
            if count.rejected > max_rejected * count.read
        }
        if broken:
            most = max(count.rejected / count.read for count in broken.values())
            accept = f"etl.max_rejected={math.ceil(most * 1000) / 1000}"
            way_out = hint_for(self._rows_of(broken), hints) or (
                f"etl.max_rejected={max_rejected} is the most, of a file too. Mend the files, or "
                f"accept it with {accept}."
            )
            raise InputError(self._refusal(table, broken, way_out))
        self._warn_of_rejected(table)

    def _refusal(self, table: str, broken: Mapping[str, Count], way_out: str) -> str:
        """Say what is broken, by file ("" is all of them together), why, where, and what to do."""
        rows = self._rows_of(broken)
        files = sorted(broken.items())[: _SHOWN_FILES + 1]
        return "\n  ".join(
            [
                *(
                    f"{count.rejected:,} of {count.read:,} {table}{f' of {name}' if name else ''} "
                    f"({count.rejected / count.read:.2%}) are rejected."
                    for name, count in files
                ),
                *([f"... and {len(broken) - len(files)} files more."] * (len(broken) > len(files))),
                *(f"{count:,} x {rule}" for rule, count in reasons(rows).items()),
                "The first of them:",
                *(
                    f"{row[c.SOURCE_FILE]}:{row[c.LINE]}: {row[c.REASON]}"
                    for _, row in rows.head(_SHOWN_ROWS).iterrows()
                ),
                way_out,
            ]
        )

    def _rows_of(self, broken: Mapping[str, Count]) -> pd.DataFrame:
        """Return the rejected rows of some files; "" is all of them together."""
        is_of_one = self.rejected[c.SOURCE_FILE].isin(broken.keys())
        return self.rejected if "" in broken else self.rejected[is_of_one]

    def _warn_of_rejected(self, table: str) -> None:
        for name, rows in self.rejected.groupby(c.SOURCE_FILE, observed=True):
            (rule, count), *others = reasons(rows).items()
            _log.warning(
                "%s: %s of %s %s are rejected, %s: %s. They are in rejected_%s.csv with line and "
                "reason: mend them in the file.",
                name,
                f"{len(rows):,}",
                f"{self.files[str(name)].read:,}",
                table,
                f"{count:,} of them" if others else "all",
                rule,
                table,
            )

    @classmethod
    def union(cls, parts: Sequence["Cleaned"]) -> "Cleaned":
        """Put cleanings of different rows together, in the order given."""
        files: dict[str, Count] = {}
        for name, count in (each for part in parts for each in part.files.items()):
            files[name] = files.get(name, Count(0, 0, 0, 0)) + count
        return cls(
            clean=pd.concat([part.clean for part in parts], ignore_index=True),
            dropped=pd.concat([part.dropped for part in parts], ignore_index=True),
            rejected=pd.concat([part.rejected for part in parts], ignore_index=True),
            files=files,
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
