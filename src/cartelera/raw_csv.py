"""CSV as text cells, in blocks of lines: fast as long as lines are records, exact from there on."""

import csv
import io
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from cartelera import columns as c
from cartelera.dialect import ANY, Dialect, find_separator, likely_separator
from cartelera.errors import InputError
from cartelera.headers import find_columns, name_columns
from cartelera.notes import Notes

_BATCH_ROWS: Final = 100_000
_LONGEST_HEADER: Final = 1 << 16


class _Record(NamedTuple):
    line: int
    fields: list[str]


_NO_RECORD: Final = _Record(1, [])


@dataclass(frozen=True)
class Reading:
    """How raw files are read.

    Attributes:
        dialect: How texts are written.
        names: What columns are called in the files; see `headers.find_columns`.
        notes: Takes what was read otherwise than the format says.
    """

    dialect: Dialect = ANY
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: Notes = field(default_factory=Notes)

    def fits(self, header: Sequence[str], columns: Sequence[str]) -> bool:
        """Tell whether a header holds all columns that are needed."""
        return len(find_columns(header, columns, self.names)) == len(columns)


def read_csv(
    name: str, blocks: Iterator[bytes], columns: Sequence[str], reading: Reading
) -> Generator[pd.DataFrame]:
    """Yield the rows of a text with one header line and double quotes.

    Args:
        name: What the file is called in errors.
        blocks: The text in UTF-8, in one or more blocks of whole lines.
        columns: Columns it must hold, in any order.
        reading: Separator and names of columns, where they are known.

    Yields:
        `columns` as text and `line`, the line a record starts on; some rows, at least one.

    Raises:
        InputError: As `raw.read_raw` does.
    """
    first = next(blocks, b"")
    separator = find_separator(
        name,
        first_line(first),
        lambda header: reading.fits(header, columns),
        reading.dialect.separator,
        reading.notes,
    )
    head, line_break, rest = first.partition(b"\n")
    cells = head.removesuffix(b"\r").decode().split(separator)
    header, line = None, 1
    if line_break and any(cells) and not set(head.removesuffix(b"\r")) & set(b'"\r'):
        header, line = _own_names(name, cells, columns, reading), 2
        blocks = chain([rest] if rest else [], blocks)
        for block in blocks:
            frame = read_plain(block, header, columns, separator, line)
            if frame is None:
                first = block
                break
            yield frame
            line += len(frame)
        else:
            return

    records = _records(name, chain([first], blocks), separator, line)
    header = header or _own_names(name, next(records, _NO_RECORD).fields, columns, reading)
    yield from _read_exactly(name, records, header, columns)


def first_line(text: bytes) -> str:
    """Return the first line of a text, or its beginning where that is very long."""
    return text[:_LONGEST_HEADER].replace(b"\r", b"\n").split(b"\n")[0].decode(errors="replace")


def read_plain(
    block: bytes, header: Sequence[str], columns: Sequence[str], separator: str, line: int
) -> pd.DataFrame | None:
    """Read lines without quotes fast; None if there is anything out of the ordinary in them.

    Without quotes a line is a record, so the line numbers follow from the rows' order.
    """
    if b'"' in block or block.count(b"\r") != block.count(b"\r\n"):
        return None
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(column_names=header),
            arrow_csv.ParseOptions(delimiter=separator, quote_char=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.large_string()),
                include_columns=list(columns),
            ),
        )
    except (ValueError, pa.ArrowInvalid):  # a ragged line
        return None
    if table.num_rows != block.count(b"\n") + (not block.endswith(b"\n")):
        return None  # Arrow skips blank lines
    frame: pd.DataFrame = table.to_pandas()
    return frame.assign(**{c.LINE: np.arange(line, line + len(frame))})


def _read_exactly(
    name: str, records: Iterator[_Record], header: list[str], columns: Sequence[str]
) -> Generator[pd.DataFrame]:
    """Read record by record, which knows the line of everything."""
    while batch := list(islice(records, _BATCH_ROWS)):
        rows = [_fields(name, record, len(header)) for record in batch]
        cells = pd.DataFrame(rows, columns=header, dtype="str")
        lines = np.array([record.line for record in batch])
        yield cells[list(columns)].assign(**{c.LINE: lines})


def _records(
    name: str, blocks: Iterable[bytes], separator: str, first_line: int
) -> Generator[_Record]:
    """Yield every record of a text; wholly empty lines are no records."""
    lines = (line for block in blocks for line in io.StringIO(block.decode(), newline=""))
    reader = csv.reader(lines, strict=True, delimiter=separator)
    while True:
        line = first_line + reader.line_num
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                f"{name}, line {line}: the record that starts here is broken ({error}). A double "
                "quote is opened and not closed, or stands bare inside a quoted cell (double it)."
            ) from error
        if row:
            yield _Record(line, row)


def _fields(name: str, record: _Record, n_columns: int) -> list[str]:
    """Return a record's cells; empty ones that a spreadsheet left after the last column go."""
    fields = record.fields
    if len(fields) > n_columns and not any(fields[n_columns:]):
        return fields[:n_columns]
    if len(fields) != n_columns:
        raise InputError(
            f"{name}, line {record.line}: {len(fields)} fields where the header has {n_columns}. "
            "A cell that holds a separator must stand in double quotes."
        )
    return fields


def _own_names(
    name: str, header: Sequence[str], columns: Sequence[str], reading: Reading
) -> list[str]:
    """Return the header with a name for each column; see `headers.name_columns`."""
    sign = likely_separator(",".join(header))
    advice = f" It seems to be separated by {sign!r}: etl.separator={sign!r}." if sign else ""
    return name_columns(name, header, columns, reading.names, notes=reading.notes, advice=advice)
