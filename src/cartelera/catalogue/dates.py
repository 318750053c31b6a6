"""Dates as people and spreadsheets write them."""

import re
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import pandas as pd

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan"),
            ("february", "feb"),
            ("march", "mar"),
            ("april", "apr"),
            ("may",),
            ("june", "jun"),
            ("july", "jul"),
            ("august", "aug"),
            ("september", "sept", "sep"),
            ("october", "oct"),
            ("november", "nov"),
            ("december", "dec"),
        ),
        start=1,
    )
    for name in names
}
_MONTH: Final = f"(?P<month>{'|'.join(_MONTHS)})\\.?"
_DAY: Final = "(?P<day>[0-9]{1,2})"
_NTH_DAY: Final = f"{_DAY}(?:st|nd|rd|th)?"
_YEAR: Final = "(?P<year>[0-9]{4}|[0-9]{2})"
_GAP: Final = "[ ,./-]{1,2}"

# Forms that can be read in one way only, when there is such a day at all.
_PLAIN: Final = tuple(
    map(
        re.compile,
        (
            f"{_MONTH}{_GAP}{_NTH_DAY}{_GAP}{_YEAR}",  # september 25, 2021
            f"{_NTH_DAY}{_GAP}{_MONTH}{_GAP}{_YEAR}",  # 25-sep-21
            f"(?P<year>[0-9]{{4}}){_GAP}{_MONTH}{_GAP}{_DAY}",  # 2021-sep-25
            f"(?P<year>[0-9]{{4}})(?P<gap>[./-])(?P<month>[0-9]{{1,2}})(?P=gap){_DAY}",  # 2021-9-25
        ),
    )
)
# Month and day, or day and month: 9/25/2021, 25/9/2021.
_NUMERIC: Final = re.compile(f"([0-9]{{1,2}})([./-])([0-9]{{1,2}})\\2{_YEAR}")

_WEEKDAY: Final = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]{0,2} "
)
_TIME: Final = re.compile(
    r"(?:[ t]|, )[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?"
    r"(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|[+-][0-9]{2}:?[0-9]{2}))?$"
)


class _Readings(NamedTuple):
    """The day a text means if months come first, and if days do; null where there is none."""

    month_first: date | None
    day_first: date | None


def read_dates(texts: pd.Series, files: pd.Series) -> pd.Series:
    """Read dates, however they are written; a time of day after one is left out.

    `3/4/2021` is read as the other cells of its file ask for: where one can only be month-first
    (`9/25/2021`) and none only day-first, all are month-first, and the other way round. A file that
    says neither, or both, leaves it null. Years of two digits are from 1970 to 2069.

    Args:
        texts: Tidy texts (n) in lower case; empty ones are null.
        files: The file each text is from (n).

    Returns:
        The dates (n) as `YYYY-MM-DD`, null where a text is no date or may be two.
    """
    readings = [_readings(text) for text in texts]

    # A date that reads one way only tells how its whole file is written.
    month_first = {
        file
        for reading, file in zip(readings, files, strict=True)
        if reading.month_first and not reading.day_first
    }
    day_first = {
        file
        for reading, file in zip(readings, files, strict=True)
        if reading.day_first and not reading.month_first
    }

    dates: list[date | None] = []
    for reading, file in zip(readings, files, strict=True):
        if reading.month_first is None or reading.day_first is None:
            dates.append(reading.month_first or reading.day_first)
        elif reading.month_first == reading.day_first:
            dates.append(reading.day_first)
        elif (file in month_first) == (file in day_first):
            dates.append(None)
        else:
            dates.append(reading.month_first if file in month_first else reading.day_first)

    written = [None if day is None else day.isoformat() for day in dates]
    return pd.Series(written, index=texts.index, dtype="str")


@lru_cache(maxsize=65_536)
def _readings(text: str) -> _Readings:
    """Read a tidy text in lower case both ways."""
    bare = _TIME.sub("", _WEEKDAY.sub("", text))
    for pattern in _PLAIN:
        if found := pattern.fullmatch(bare):
            month = _MONTHS.get(found["month"]) or int(found["month"])
            day = _day(found["year"], month, int(found["day"]))
            return _Readings(day, day)
    if found := _NUMERIC.fullmatch(bare):
        one, other = int(found[1]), int(found[3])
        return _Readings(_day(found["year"], one, other), _day(found["year"], other, one))
    return _Readings(None, None)


def _day(year: str, month: int, day: int) -> date | None:
    """Return a day of the calendar; null if there is none such."""
    full_year = int(year)
    if len(year) == 2:
        full_year += 2000 if full_year < 70 else 1900
    try:
        return date(full_year, month, day)
    except ValueError:
        return None
