"""When ratings were given: seconds since 1970, or what can only be another way to write them."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

YEAR_2100: Final = 4_102_444_800  # seconds since 1970

_UP_TO_18_DIGITS: Final = "[0-9]{1,18}"
_OF_64_BITS: Final = "[0-9]{1,18}|[1-8][0-9]{18}"  # nanoseconds have 19 digits
_DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].*)?"
UNITS: Final = {"milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_EARLIEST: Final = 10**8
"""Since 1973: up to here a number may be of the next smaller unit, beyond the year 2099."""


class Moments(NamedTuple):
    """Raw timestamps, read.

    Attributes:
        numbers: Whole numbers (n), those of dates in seconds since 1970-01-01 UTC; -1 stands for a
            text that cannot be read.
        are_dates: Which of them were written as dates (n).
    """

    numbers: npt.NDArray[np.int64]
    are_dates: npt.NDArray[np.bool_]


def plain_numbers(texts: pd.Series) -> npt.NDArray[np.int64] | None:
    """Read whole numbers (n) as they usually are, digits alone, fast; None if there are others."""
    if not texts.str.fullmatch(_UP_TO_18_DIGITS).all():
        return None
    return np.asarray(pa.array(texts).cast(pa.int64()))


def whole_numbers(texts: pd.Series, digits_of_one: str = _UP_TO_18_DIGITS) -> npt.NDArray[np.int64]:
    """Read whole numbers (n); -1 stands for a text that is none."""
    digits = texts.str.strip().str.extract(rf"^({digits_of_one})(?:\.0*)?$", expand=False)
    return np.asarray(digits.fillna("-1").astype("int64"), dtype=np.int64)


def read_moments(column: pd.Series) -> Moments:
    """Read when ratings were given, as numbers in whatever unit they are.

    Dates such as 2021-09-25 or 2021-09-25T10:00:00+02:00 are read, without a zone as UTC.

    Args:
        column: Raw timestamps (n), as text.
    """
    if (numbers := plain_numbers(column)) is not None:
        return Moments(numbers, np.zeros(len(column), dtype=np.bool_))
    codes, texts = pd.factorize(column)
    distinct = pd.Series(texts, dtype="str").str.strip()
    moments = whole_numbers(distinct, _OF_64_BITS).copy()
    is_date = distinct.str.fullmatch(_DATE).to_numpy(dtype=bool)
    moments[is_date] = _dates(distinct[is_date])
    return Moments(moments[codes], (is_date & (moments >= 0))[codes])


def units_of(moments: Moments) -> frozenset[int]:
    """Return what the numbers that are no dates may be divided by to be seconds: 1, 1000, ..."""
    numbers = moments.numbers[~moments.are_dates]
    lowest = {1: 1} | {by: _EARLIEST * by for by in UNITS.values()}
    return frozenset(
        by for by, low in lowest.items() if ((numbers >= low) & (numbers < YEAR_2100 * by)).any()
    )


def _dates(texts: pd.Series) -> npt.NDArray[np.int64]:
    """Return seconds since 1970 (n); -1 for what is no date, or before that."""
    found = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    seconds = (found - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(seconds=1)
    return np.asarray(seconds.fillna(-1).clip(lower=-1), dtype=np.int64)
