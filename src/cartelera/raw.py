"""Reading raw files strictly: every flaw is told with its file and line, none is guessed away.

All cells come back as text, with the file and the line each record starts on.
"""

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.dialect import UTF16_MARKS, to_utf_8
from cartelera.errors import InputError
from cartelera.headers import name_columns
from cartelera.packed import Kind, kind_of, text_blocks, unpack
from cartelera.raw_csv import Reading, read_csv
from cartelera.raw_files import RawFiles
from cartelera.raw_tables import read_table

_BLOCK_BYTES: Final = 16_000_000


def read_catalogues(files: RawFiles, reading: Reading | None = None) -> dict[str, pd.DataFrame]:
    """Read the catalogue of every platform; see `read_raw`."""
    reading = reading or Reading()
    return {
        platform: read_raw(path, c.RAW_TITLE_COLUMNS, reading, name=path.name)
        for platform, path in files.catalogues.items()
    }


def read_ratings(files: RawFiles, reading: Reading | None = None) -> pd.DataFrame:
    """Read all rating files into one table, in their order; see `read_raw`."""
    reading, named = reading or Reading(), files.named_ratings
    frames = [
        read_raw(path, c.RAW_RATING_COLUMNS, reading, name=name) for name, path in named.items()
    ]
    for frame in frames:
        frame[c.SOURCE_FILE] = frame[c.SOURCE_FILE].cat.set_categories(list(named))
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
    batches = read_batches(path, columns, reading, name=name)
    return pd.concat(list(batches), ignore_index=True)


def read_batches(
    path: Path,
    columns: Sequence[str],
    reading: Reading | None = None,
    *,
    name: str | None = None,
    block_bytes: int = _BLOCK_BYTES,
) -> Generator[pd.DataFrame]:
    """Yield what `read_raw` reads, some rows at a time.

    A larger CSV in ASCII is never in memory as a whole, packed or not; others are. An error may
    come after rows.

    Args:
        path: See `read_raw`.
        columns: See `read_raw`.
        reading: See `read_raw`.
        name: See `read_raw`.
        block_bytes: About how much of a CSV to read at a time.
    """
    name, reading = name or str(path), reading or Reading()
    if not path.is_file():
        raise InputError(f"{name} does not exist.")

    blocks = text_blocks(name, path, block_bytes)
    frames = (
        read_csv(name, blocks, columns, reading) if blocks else _whole(name, path, columns, reading)
    )
    n_rows = 0
    for frame in frames:
        same_file = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), pd.Index([name]))
        frame.insert(len(columns), c.SOURCE_FILE, pd.Series(same_file))
        n_rows += len(frame)
        yield frame
    if not n_rows:
        raise InputError(f"{name} holds a header and no rows.")


def _whole(
    name: str, path: Path, columns: Sequence[str], reading: Reading
) -> Iterable[pd.DataFrame]:
    data = unpack(name, path.read_bytes())
    kind = kind_of(name, data)
    if kind is not Kind.text:
        return [_read_other(name, data, kind, columns, reading)]
    _refuse_binary(name, data)
    data = to_utf_8(name, data, reading.dialect.encoding, reading.notes)
    return read_csv(name, iter([data]), columns, reading)


def _read_other(
    name: str, data: bytes, kind: Kind, columns: Sequence[str], reading: Reading
) -> pd.DataFrame:
    if kind is Kind.json:
        data = to_utf_8(name, data, reading.dialect.encoding, reading.notes)
    table = read_table(name, data, kind, lambda header: reading.fits(header, columns))
    header = name_columns(name, table.header, columns, reading.names, notes=reading.notes)
    frame = table.cells.set_axis(header, axis="columns")[list(columns)]
    return frame.assign(**{c.LINE: table.rows})


def _refuse_binary(name: str, data: bytes) -> None:
    at = data.find(b"\0")
    if at >= 0 and not data.startswith(UTF16_MARKS):
        line = data.count(b"\n", 0, at) + 1
        raise InputError(f"{name}, line {line}: a NUL byte; this is not a text file.")
