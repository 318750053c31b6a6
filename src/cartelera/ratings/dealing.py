"""Raw ratings dealt into user ranges on disk, so that a range can be cleaned without the others."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cartelera import columns as c
from cartelera.files import at_once
from cartelera.ratings.clean import read_users

Bounds: TypeAlias = npt.NDArray[np.int64]
"""The first user of each range but the first one, ascending."""

_SCHEMA: Final = pa.schema(
    [*((name, pa.large_string()) for name in c.RAW_RATING_COLUMNS), (c.LINE, pa.int64())]
)
_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4")


def bounds_of(users: npt.NDArray[np.int64], n_ranges: int) -> Bounds:
    """Cut users into ranges with about as many ratings each.

    Args:
        users: The users of some ratings, drawn evenly; -1 where one cannot be read.
        n_ranges: How many ranges there are at most: a user is in one of them.

    Examples:
        >>> bounds_of(np.array([1, 1, 2, 3, 5, 8]), 3).tolist()
        [2, 5]
    """
    in_order = np.sort(users[users >= 0])
    places = len(in_order) * np.arange(1, n_ranges) // n_ranges
    return np.unique(in_order[places]) if len(in_order) else in_order


def deal(batches: Iterable[pd.DataFrame], bounds: Bounds, path: Path) -> None:
    """Write the rows of one file by user range.

    A row whose user cannot be read goes to the first range, with all others of the same text.

    Args:
        batches: Raw ratings in their order: `columns.RAW_RATING_COLUMNS` as text, `line`.
        bounds: Where ranges begin.
        path: The file to write.
    """
    with at_once(path) as draft, pa.ipc.new_file(draft, _SCHEMA, options=_OPTIONS) as writer:
        for batch in batches:
            of_range = np.searchsorted(bounds, read_users(batch), side="right")
            rows = pa.Table.from_pandas(batch[_SCHEMA.names], _SCHEMA, preserve_index=False)
            if len(bounds):
                rows = rows.take(np.argsort(of_range, kind="stable"))

            ends = np.cumsum(np.bincount(of_range, minlength=len(bounds) + 1))
            for start, end in pairwise([0, *ends.tolist()]):
                part = [each.slice(start, end - start).combine_chunks() for each in rows.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(part, schema=_SCHEMA))


def read_range(dealt: Mapping[str, Path], number: int, n_ranges: int) -> pd.DataFrame:
    """Read the raw ratings of one user range, file after file, as they stand there.

    Args:
        dealt: What `deal` wrote, by the name of the raw file.
        number: Of the range, from 0.
        n_ranges: How many there are.

    Returns:
        `columns.RAW_RATING_COLUMNS` as text, `source_file` and `line`.
    """
    tables: list[Any] = []
    for path in dealt.values():
        with pa.memory_map(str(path)) as source:
            reader = pa.ipc.open_file(source)
            numbers = range(number, reader.num_record_batches, n_ranges)
            batches = [reader.get_batch(each) for each in numbers]
            tables.append(pa.Table.from_batches(batches, reader.schema))
    codes = np.repeat(np.arange(len(tables)), [table.num_rows for table in tables])
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    files = pd.Categorical.from_codes(codes, pd.Index(list(dealt)))
    frame.insert(len(c.RAW_RATING_COLUMNS), c.SOURCE_FILE, pd.Series(files))
    return frame
