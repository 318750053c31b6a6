"""Raw tables that are no CSV, as text: Parquet, JSON and Excel workbooks."""

import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cartelera.errors import InputError
from cartelera.packed import Kind


class RawTable(NamedTuple):
    """A table as it stands in a file.

    Attributes:
        header: The columns' names (k).
        cells: Their cells as text, columns called 0 to k - 1, an empty cell is ""; shape (n, k).
        rows: Where each record stands (n): the row of a sheet, whose header is in row 1, the line
            of lines of JSON, else its place, counted from 1.
    """

    header: list[str]
    cells: pd.DataFrame
    rows: npt.NDArray[np.int64]


def read_table(
    name: str, data: bytes, kind: Kind, fits: Callable[[Sequence[str]], bool]
) -> RawTable:
    """Read a table that is no CSV.

    Args:
        name: What the file is called in errors.
        data: Its content; JSON in UTF-8.
        kind: How it is written.
        fits: Tells whether a header holds all that is needed, to choose among sheets.

    Raises:
        InputError: If it is broken, no table, or Excel's and there is nothing to read it with.
    """
    match kind:
        case Kind.parquet:
            return _read_parquet(name, data)
        case Kind.json:
            return _read_json(name, data)
        case _:
            return _read_excel(name, data, fits)


def cell_text(value: Any) -> str:
    """Return what a cell says: dates as 2021-09-25, whole numbers without a point, lists joined.

    >>> [cell_text(value) for value in (None, 7.0, 2.5, date(2021, 9, 25), ["a", "b"])]
    ['', '7', '2.5', '2021-09-25', 'a, b']
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).lower()
        case float():
            if value != value:  # NaN
                return ""
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return _time_text(value)
        case date() | time():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(map(cell_text, cast("list[Any]", value)))
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)


def _time_text(moment: datetime) -> str:
    is_day = moment.time() == time() and moment.tzinfo is None
    return moment.date().isoformat() if is_day else moment.isoformat()


def _read_parquet(name: str, data: bytes) -> RawTable:
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{name} is no whole Parquet file: {error}") from error
    columns = [_arrow_text(column) for column in table.columns]
    cells = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(table.num_rows))
    return RawTable(list(table.column_names), cells, np.arange(1, table.num_rows + 1))


def _arrow_text(column: Any) -> pd.Series:
    """Put a column of Arrow into text; texts and numbers at once, for they may be millions."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        return _number_text(column.to_pandas())
    if pa.types.is_integer(column.type):
        column = column.cast(pa.large_string())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column.fill_null("").to_pandas().astype("str")
    return _as_text(column.to_pylist())


def _number_text(numbers: pd.Series) -> pd.Series:
    """Write numbers, without a point where all are whole: a column with gaps has no integers."""
    is_whole = (numbers.dropna() % 1 == 0).all()
    written = numbers.astype("Int64") if is_whole else numbers
    return written.astype("str").mask(numbers.isna(), "")


def _read_json(name: str, data: bytes) -> RawTable:
    """Read a list of records, an object of columns, or a record a line."""
    text = data.decode()
    try:
        content = _loads(text)
    except ValueError as error:
        return _read_json_lines(name, text, error)
    if isinstance(content, dict):
        content = _of_columns(content)
    return _of_records(name, content, None)


def _read_json_lines(name: str, text: str, error: ValueError) -> RawTable:
    numbered = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    records: list[Any] = []
    for number, line in numbered:
        try:
            records.append(_loads(line))
        except ValueError as broken:
            told = f"line {number}: {broken}" if number > 1 else str(error)
            raise InputError(f"{name} is no JSON: {told}.") from broken
    return _of_records(name, records, [number for number, _ in numbered])


def _loads(text: str) -> Any:
    # Numbers stay as they are written.
    return json.loads(text, parse_int=str, parse_float=str)


def _of_columns(content: dict[str, Any]) -> Any:
    """Turn an object of columns, as pandas writes them, into records."""
    columns: list[Any] = list(content.values())
    if columns and all(isinstance(column, dict) for column in columns):
        keys = dict.fromkeys(key for column in columns for key in column)
        return [{name: content[name].get(key) for name in content} for key in keys]
    are_lists = bool(columns) and all(isinstance(column, list) for column in columns)
    if are_lists and len({len(column) for column in columns}) == 1:
        return [dict(zip(content, values, strict=True)) for values in zip(*columns, strict=True)]
    return [content]


def _of_records(name: str, content: Any, rows: Sequence[int] | None) -> RawTable:
    records = cast("list[Any]", content) if isinstance(content, list) else None
    if records is None or not all(isinstance(record, dict) for record in records):
        raise InputError(f"{name} is no table: JSON must be a list of objects, or one on a line.")
    header = list(dict.fromkeys(str(key) for record in records for key in record))
    columns = [_as_text(record.get(key) for record in records) for key in header]
    cells = pd.DataFrame(dict(enumerate(columns)), index=pd.RangeIndex(len(records)))
    return RawTable(header, cells, np.array(rows or range(1, len(records) + 1), dtype=np.int64))


_NO_EXCEL: Final = (
    "{} is an Excel workbook, and openpyxl, which reads them, is not installed: "
    "pip install 'cartelera[excel]', or save it as CSV UTF-8."
)


def _read_excel(name: str, data: bytes, fits: Callable[[Sequence[str]], bool]) -> RawTable:
    """Read the only sheet of a workbook, or the only one whose header fits."""
    try:
        sheets: dict[str, pd.DataFrame] = pd.read_excel(
            io.BytesIO(data),
            sheet_name=None,
            header=None,
            dtype=object,
            keep_default_na=False,
            engine="openpyxl",
        )
    except ImportError as error:
        raise InputError(_NO_EXCEL.format(name)) from error
    except (ValueError, KeyError, OSError) as error:
        raise InputError(f"{name} is no whole Excel workbook: {error}") from error

    tables = {title: _of_sheet(sheet) for title, sheet in sheets.items() if not sheet.empty}
    fitting = {title: table for title, table in tables.items() if fits(table.header)}
    found = fitting or tables
    if len(found) != 1:
        what = "no sheet holds anything" if not found else f"sheets {', '.join(found)} all do"
        raise InputError(f"{name}: one sheet must hold the table, and {what}.")
    return next(iter(found.values()))


def _of_sheet(sheet: pd.DataFrame) -> RawTable:
    texts = pd.DataFrame({place: _as_text(sheet[column]) for place, column in enumerate(sheet)})
    holds = (texts != "").any(axis=1).to_numpy()
    rows = np.flatnonzero(holds) + 1
    texts = texts[holds].reset_index(drop=True)
    return RawTable(texts.iloc[0].tolist(), texts.iloc[1:].reset_index(drop=True), rows[1:])


def _as_text(values: Iterable[Any]) -> pd.Series:
    return pd.Series([cell_text(value) for value in values], dtype="str")
