"""The account of single cells: those that say something and yet are null in the clean table."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from cartelera import columns as c

_log = logging.getLogger(__name__)


class Why(StrEnum):
    """Why a cell became null."""

    unreadable = "unreadable"
    null_word = "null_word"


@dataclass(frozen=True)
class NulledCells:
    """The cells of one file and column that became null for the same cause.

    Attributes:
        file: The source file's name.
        column: The raw column.
        why: The cause.
        count: How many cells of rows that are kept.
        line: The line on which the first of these rows starts.
        value: What stands in the first of these cells.
    """

    file: str
    column: str
    why: Why
    count: int
    line: int
    value: str


def nulled_cells(rows: pd.DataFrame, column: str, why: Why) -> list[NulledCells]:
    """Note the cells of a column that became null, file by file.

    Args:
        rows: The raw rows concerned, with `source_file` and `line`.
        column: The raw column.
        why: The cause.
    """
    return [
        NulledCells(
            file=str(file),
            column=column,
            why=why,
            count=len(of_file),
            line=int(of_file[c.LINE].iloc[0]),
            value=str(of_file[column].iloc[0]),
        )
        for file, of_file in rows.groupby(c.SOURCE_FILE, observed=True, sort=False)
    ]


def count_nulled(cells: Iterable[NulledCells], why: Why) -> dict[str, dict[str, int]]:
    """Return how many cells of each file and column became null for a cause; JSON-able."""
    counts: dict[str, dict[str, int]] = {}
    for noted in cells:
        if noted.why == why:
            counts.setdefault(noted.file, {})[noted.column] = noted.count
    return counts


def warn_of_unreadable(cells: Iterable[NulledCells], hints: Mapping[str, str]) -> None:
    """Warn of what could not be read, once a file and column.

    Args:
        cells: The cells that became null.
        hints: What to write instead, by column.
    """
    for noted in cells:
        if noted.why is Why.unreadable:
            _log.warning(
                "%s: %s of column %s cannot be read and count as missing, the first on line %d: "
                "%r.%s",
                noted.file,
                "1 cell" if noted.count == 1 else f"{noted.count:,} cells",
                noted.column,
                noted.line,
                noted.value,
                f" {hints[noted.column]}" if noted.column in hints else "",
            )
