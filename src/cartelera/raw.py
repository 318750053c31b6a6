"""Reading raw files strictly: every flaw is told with its file and line, none is guessed away.

All cells come back as text, with the file and the line each record starts on.
"""

import csv
import io
import sys
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from rich.progress import track

from cartelera import columns as c
from cartelera.dialect import (
    ANY,
    UTF16_MARKS,
    Dialect,
    find_separator,
    likely_separator,
    to_utf_8,
)
from cartelera.errors import InputError
from cartelera.headers import find_columns, name_columns
from cartelera.notes import Notes
from cartelera.packed import Kind, kind_of, unpack
from cartelera.raw_files import RawFiles
from cartelera.raw_tables import read_table

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


def read_catalogues(files: RawFiles, reading: Reading | None = None) -> dict[str, pd.DataFrame]:
    """Read the catalogue of every platform; see `read_raw`."""
    reading = reading or Reading()
    return {
        platform: read_raw(path, c.RAW_TITLE_COLUMNS, reading, name=path.name)
        for platform, path in files.catalogues.items()
    }


def read_ratings(files: RawFiles, reading: Reading | None = None) -> pd.DataFrame:
    """Read all rating files into one table, in their order; see `read_raw`."""
    reading = reading or Reading()
    names = [path.relative_to(files.folder).as_posix() for path in files.ratings]
    progress = track(
        zip(files.ratings, names, strict=True),
        description="reading ratings",
        total=len(names),
        disable=not sys.stderr.isatty(),
    )
    frames = [read_raw(path, c.RAW_RATING_COLUMNS, reading, name=name) for path, name in progress]
    for frame in frames:
        frame[c.SOURCE_FILE] = frame[c.SOURCE_FILE].cat.set_categories(names)
    return pd.concat(frames, ignore_index=True)


def read_raw(
    path: Path, columns: Sequence[str], reading: Reading | None = None, *, name: str | None = None
) -> pd.DataFrame:
    """Read a table as text: CSV (double quotes, one header line), JSON, Parquet or Excel.

    Texts may be packed with gzip, bzip2 or xz.

    Args:
        path: The file.
        columns: Columns it must hold, in any order; others are left out with a note.
        reading: Separator, encoding and names of columns, where they are known.
        name: What the file is called in errors and in `source_file`; its path if left out.

    Returns:
        One row a record: `columns` as str (an empty cell is ""), `source_file` (categorical) and
        `line` (int64, the line the record starts on, where the header stands on line 1; the row of
        what has no lines, see `raw_tables.RawTable`).

    Raises:
        InputError: If the file is missing, broken, not UTF-8, lacks or repeats a column, has no
            rows, or a record has too many or too few fields or a quote that is never closed.
    """
    name, reading = name or str(path), reading or Reading()
    if not path.is_file():
        raise InputError(f"{name} does not exist.")
    data = unpack(name, path.read_bytes())
    kind = kind_of(name, data)
    frame = (
        _read_csv(name, data, columns, reading)
        if kind is Kind.text
        else _read_other(name, data, kind, columns, reading)
    )
    if frame.empty:
        raise InputError(f"{name} holds a header and no rows.")
    same_file = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), pd.Index([name]))
    frame.insert(len(columns), c.SOURCE_FILE, pd.Series(same_file))
    return frame


def _read_csv(name: str, data: bytes, columns: Sequence[str], reading: Reading) -> pd.DataFrame:
    _refuse_binary(name, data)
    data = to_utf_8(name, data, reading.dialect.encoding, reading.notes)
    separator = find_separator(
        name,
        _first_line(data),
        lambda header: _fits(header, columns, reading),
        reading.dialect.separator,
        reading.notes,
    )
    frame = _read_plain(name, data, columns, separator, reading)
    return _read_exactly(name, data, columns, separator, reading) if frame is None else frame


def _read_other(
    name: str, data: bytes, kind: Kind, columns: Sequence[str], reading: Reading
) -> pd.DataFrame:
    if kind is Kind.json:
        data = to_utf_8(name, data, reading.dialect.encoding, reading.notes)
    table = read_table(name, data, kind, lambda header: _fits(header, columns, reading))
    header = name_columns(name, table.header, columns, reading.names, notes=reading.notes)
    frame = table.cells.set_axis(header, axis="columns")[list(columns)]
    return frame.assign(**{c.LINE: table.rows})


def _fits(header: Sequence[str], columns: Sequence[str], reading: Reading) -> bool:
    return len(find_columns(header, columns, reading.names)) == len(columns)


def _refuse_binary(name: str, data: bytes) -> None:
    at = data.find(b"\0")
    if at >= 0 and not data.startswith(UTF16_MARKS):
        raise InputError(f"{name}, line {_line_at(data, at)}: a NUL byte; this is not a text file.")


def _line_at(data: bytes, offset: int) -> int:
    return data.count(b"\n", 0, offset) + 1


def _first_line(data: bytes) -> str:
    return data[:_LONGEST_HEADER].replace(b"\r", b"\n").split(b"\n")[0].decode(errors="replace")


def _read_plain(
    name: str, data: bytes, columns: Sequence[str], separator: str, reading: Reading
) -> pd.DataFrame | None:
    """Read a file without quotes fast; None if there is anything out of the ordinary in it.

    Without quotes a line is a record, so the line numbers follow from the rows' order.
    """
    if b'"' in data or data.count(b"\r") != data.count(b"\r\n"):
        return None
    try:
        header_end = data.index(b"\n")
        header = data[:header_end].decode().rstrip("\r").split(separator)
        if not any(header):
            return None
        header = _own_names(name, header, columns, reading)
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            arrow_csv.ReadOptions(column_names=header, skip_rows=1),
            arrow_csv.ParseOptions(delimiter=separator, quote_char=False),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.large_string()),
                include_columns=list(columns),
            ),
        )
    except (ValueError, pa.ArrowInvalid):  # no line break, not UTF-8, or a ragged line
        return None
    if table.num_rows != data.count(b"\n", header_end + 1) + (not data.endswith(b"\n")):
        return None  # Arrow skips blank lines
    frame: pd.DataFrame = table.to_pandas()
    return frame.assign(**{c.LINE: np.arange(2, len(frame) + 2)})


def _read_exactly(
    name: str, data: bytes, columns: Sequence[str], separator: str, reading: Reading
) -> pd.DataFrame:
    """Read record by record, which knows the line of everything."""
    records = _records(name, data.decode(), separator)
    header = _own_names(name, next(records, _NO_RECORD).fields, columns, reading)
    batches = [pd.DataFrame(columns=[*header, c.LINE], dtype="str")[[*columns, c.LINE]]]
    while batch := list(islice(records, _BATCH_ROWS)):
        rows = [_fields(name, record, len(header)) for record in batch]
        cells = pd.DataFrame(rows, columns=header, dtype="str")
        lines = np.array([record.line for record in batch])
        batches.append(cells[list(columns)].assign(**{c.LINE: lines}))
    return pd.concat(batches[1:] or batches, ignore_index=True)


def _records(name: str, text: str, separator: str) -> Generator[_Record]:
    """Yield every record of a text; wholly empty lines are no records."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    while True:
        line = reader.line_num + 1
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
