"""What became of the rows of raw files, and whether too many are broken."""

import logging
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.reasons import NO_HINTS, hint_for, reasons

_log = logging.getLogger(__name__)

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


@dataclass(frozen=True, kw_only=True)
class Account:
    """What became of every raw row, and the rows that are not clean.

    Attributes:
        dropped: Superfluous rows: raw columns, `source_file`, `line`, `reason`.
        rejected: Broken rows, same columns as `dropped`.
        files: The account of every source file, in the order they were read.
    """

    dropped: pd.DataFrame
    rejected: pd.DataFrame
    files: dict[str, Count]

    def __post_init__(self) -> None:
        """Check the tables against the counts.

        Raises:
            RuntimeError: If they differ: rows got lost or were made up.
        """
        total, found = self.total, (len(self.dropped), len(self.rejected))
        if found != (total.dropped, total.rejected):
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
    def join(cls, parts: Sequence["Account"]) -> "Account":
        """Put accounts of different rows together, in the order given."""
        files: dict[str, Count] = {}
        for name, count in (each for part in parts for each in part.files.items()):
            files[name] = files.get(name, Count(0, 0, 0, 0)) + count
        return Account(
            dropped=pd.concat([part.dropped for part in parts], ignore_index=True),
            rejected=pd.concat([part.rejected for part in parts], ignore_index=True),
            files=files,
        )

    def in_order_of(self, files: Sequence[str]) -> "Account":
        """Return it with files in the order given, and rows in that of files and lines."""

        def in_order(rows: pd.DataFrame) -> pd.DataFrame:
            places = pd.Index(files).get_indexer(pd.Index(rows[c.SOURCE_FILE]))
            return rows.iloc[np.lexsort((rows[c.LINE], places))].reset_index(drop=True)

        return Account(
            dropped=in_order(self.dropped),
            rejected=in_order(self.rejected),
            files={name: self.files[name] for name in files if name in self.files},
        )
