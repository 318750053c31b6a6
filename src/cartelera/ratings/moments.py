"""When ratings were given: seconds since 1970, or what can only be another way to write them."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.notes import Notes

YEAR_2100: Final = 4_102_444_800  # seconds since 1970

_UP_TO_18_DIGITS: Final = "[0-9]{1,18}"
_OF_64_BITS: Final = "[0-9]{1,18}|[1-8][0-9]{18}"  # nanoseconds have 19 digits
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?"
_UNITS: Final = {"milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_EARLIEST: Final = 10**8
"""Since 1973: up to here a number may be of the next smaller unit, beyond the year 2099."""


def whole_numbers(texts: pd.Series, digits_of_one: str = _UP_TO_18_DIGITS) -> npt.NDArray[np.int64]:
    """Read whole numbers (n); -1 stands for a text that is none."""
    digits = texts.str.strip().str.extract(rf"^({digits_of_one})(?:\.0*)?$", expand=False)
    return np.asarray(digits.fillna("-1").astype("int64"), dtype=np.int64)


def read_moments(raw: pd.DataFrame, notes: Notes) -> npt.NDArray[np.int64]:
    """Read when ratings were given.

    Dates such as 2021-09-25 or 2021-09-25T10:00:00+02:00 are read, without a zone as UTC. A file
    whose numbers all lie where those of one smaller unit do, and none where seconds do, is in it.

    Args:
        raw: Raw ratings (n rows): `timestamp` as text, `source_file`.
        notes: Take which files have other times than seconds.

    Returns:
        Seconds since 1970-01-01 UTC (n); -1 stands for a text that cannot be read.
    """
    codes, texts = pd.factorize(raw[c.RAW_TIMESTAMP])
    distinct = pd.Series(texts, dtype="str").str.strip()
    moments = whole_numbers(distinct, _OF_64_BITS).copy()
    is_date = distinct.str.fullmatch(_DATE).to_numpy()
    moments[is_date] = _dates(distinct[is_date])

    files, names = pd.factorize(raw[c.SOURCE_FILE])
    read = moments[codes]
    of_dates = is_date[codes] & (read >= 0)
    for place in np.unique(files[of_dates]):
        example = raw[c.RAW_TIMESTAMP][of_dates & (files == place)].iloc[0]
        notes.add(
            str(names[place]),
            f"has dates as timestamp, such as {example!r}; without a zone they are read as UTC.",
        )

    divisors = _divisors(read, files, len(names), of_dates)
    for unit, divisor in _UNITS.items():
        for name in names[divisors == divisor]:
            notes.add(str(name), f"has timestamps in {unit}; they are read as such.")
    return np.where((read >= 0) & ~of_dates, read // divisors[files], read)


def _dates(texts: pd.Series) -> npt.NDArray[np.int64]:
    """Return seconds since 1970 (n); -1 for what is no date, or before that."""
    found = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    seconds = (found - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
    return np.asarray(seconds.fillna(-1).clip(lower=-1), dtype=np.int64)


def _divisors(
    read: npt.NDArray[np.int64],
    files: npt.NDArray[np.intp],
    n_files: int,
    of_dates: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return by what the numbers of each file are to be divided (n_files)."""
    numbers, of_number = read[(read > 0) & ~of_dates], files[(read > 0) & ~of_dates]

    def count(lowest: int, end: int) -> npt.NDArray[np.intp]:
        return np.bincount(of_number[(numbers >= lowest) & (numbers < end)], minlength=n_files)

    counts = {1: count(1, YEAR_2100)}
    counts |= {by: count(_EARLIEST * by, YEAR_2100 * by) for by in _UNITS.values()}
    divisors = np.ones(n_files, dtype=np.int64)
    for by in _UNITS.values():
        others = sum(n for other, n in counts.items() if other != by)
        divisors[(counts[by] > 0) & (others == 0)] = by
    return divisors
