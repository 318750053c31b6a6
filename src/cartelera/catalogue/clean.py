"""Raw catalogues in, clean titles out."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from cartelera import columns as c
from cartelera.accounting import Cleaned, Ledger
from cartelera.catalogue.arguments import EARLIEST_YEAR, LATEST_YEAR
from cartelera.catalogue.people import people_in
from cartelera.catalogue.text import lower, tidy, tidy_list

DURATION: Final = r"([0-9]{1,5}) ?(min|season)s?"
_SHOW_ID: Final = r"s[0-9]+"
_YEAR: Final = r"([0-9]{1,4})(?:\.0+)?"
_WRITTEN_DATE: Final = "%B %d, %Y"
_ISO_DATE: Final = "%Y-%m-%d"
_UNKNOWN_CERTIFICATE: Final = "g"


def clean_catalogue(
    raw: pd.DataFrame,
    platform: str,
    *,
    repair_durations: bool = True,
    earliest_year: int = EARLIEST_YEAR,
    latest_year: int = LATEST_YEAR,
) -> Cleaned:
    """Clean one platform's catalogue.

    An exact repeat of a row is dropped. A row is rejected when it has no `show_id` of the form
    `s123` or one that an earlier sound row has, an unknown type, no title, a release year that is
    no whole number or not believed, or a date or duration that cannot be read.

    Args:
        raw: Raw titles (n rows): `columns.RAW_TITLE_COLUMNS` as text, `source_file`, `line`; the
            index is 0 to n - 1.
        platform: One of `columns.PLATFORMS`.
        repair_durations: Move durations that stand in the `rating` column to an empty `duration`;
            the certificate counts as missing then.
        earliest_year: The first release year that is believed.
        latest_year: The last release year that is believed.

    Returns:
        The clean titles (`columns.CLEAN_TITLE_COLUMNS`, in the order of `raw` and with its index),
        and what was dropped and rejected. A length of 0 is no length: it becomes null. Each title
        is a work of its own here: one platform does not know the others.
    """
    cells = _tidied(raw)
    certificate, duration = cells[c.CERTIFICATE], cells[c.DURATION]
    if repair_durations:
        certificate, duration = _repaired(certificate, duration)
    lengths = _lengths(duration)
    dates = _dates(cells[c.DATE_ADDED])
    years = pd.to_numeric(cells[c.RELEASE_YEAR].str.extract(f"^{_YEAR}$", expand=False))

    ledger = Ledger(raw)
    ledger.drop(raw.duplicated(list(c.RAW_TITLE_COLUMNS)), "exact repeat of an earlier row")
    ledger.reject(cells[c.SHOW_ID] == "", "show_id is missing")
    ledger.reject(
        ~cells[c.SHOW_ID].str.fullmatch(_SHOW_ID), "show_id is not of the form s123", c.SHOW_ID
    )
    ledger.reject(~cells[c.TYPE].isin(c.TYPES), "type is neither movie nor tv show", c.TYPE)
    ledger.reject(cells[c.TITLE] == "", "title is empty", c.TITLE)
    ledger.reject(years.isna(), "release_year is not a whole number", c.RELEASE_YEAR)
    ledger.reject(
        ~years.between(earliest_year, latest_year),
        f"release_year is not in {earliest_year} to {latest_year}",
        c.RELEASE_YEAR,
    )
    ledger.reject(dates.isna() & (cells[c.DATE_ADDED] != ""), "date_added is no date", c.DATE_ADDED)
    ledger.reject(
        lengths[c.DURATION_TYPE].isna() & (duration != ""), "duration is no duration", c.DURATION
    )
    sound_ids = cells[c.SHOW_ID].where(ledger.sound)
    ledger.reject(
        sound_ids.duplicated() & sound_ids.notna(),
        "show_id stands in an earlier row with different content",
        c.SHOW_ID,
    )

    kept = ledger.sound
    texts = cells[kept].replace("", None)
    ids = c.title_id(platform, "") + texts[c.SHOW_ID]
    lengths = lengths[kept].mask(lengths[c.DURATION_INT] == 0)
    clean = texts.assign(
        **{
            c.ID: ids,
            c.WORK_ID: ids,
            c.PLATFORM: pd.Series(platform, index=texts.index, dtype="str"),
            c.DATE_ADDED: dates[kept],
            c.RELEASE_YEAR: years[kept].astype("int64"),
            c.CERTIFICATE: certificate[kept].replace("", _UNKNOWN_CERTIFICATE),
            c.CERTIFICATE_IMPUTED: certificate[kept] == "",
            c.DURATION_INT: lengths[c.DURATION_INT],
            c.DURATION_TYPE: lengths[c.DURATION_TYPE],
        }
    )
    return ledger.close(clean[list(c.CLEAN_TITLE_COLUMNS)])


def _tidied(raw: pd.DataFrame) -> pd.DataFrame:
    """Return all raw columns tidy and in lower case, and the title as displayed."""
    return pd.DataFrame(
        {
            **{column: _each(raw[column], _CLEANERS[column]) for column in c.RAW_TITLE_COLUMNS},
            c.DISPLAY_TITLE: _each(raw[c.TITLE], tidy),
        },
        index=raw.index,
    )


def _names(text: str) -> str:
    return lower(", ".join(people_in(text)))


def _list(text: str) -> str:
    return lower(tidy_list(text))


def _text(text: str) -> str:
    return lower(tidy(text))


_CLEANERS: Final[dict[str, Callable[[str], str]]] = dict.fromkeys(c.RAW_TITLE_COLUMNS, _text) | {
    c.CAST: _names,
    c.DIRECTOR: _names,
    c.COUNTRY: _list,
    c.LISTED_IN: _list,
}


def _each(column: pd.Series, change: Callable[[str], str]) -> pd.Series:
    return pd.Series([change(cell) for cell in column], index=column.index, dtype="str")


def _repaired(certificate: pd.Series, duration: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Move durations among the certificates back; one that is known already is just removed."""
    misplaced = certificate.str.fullmatch(DURATION)
    return certificate.mask(misplaced, ""), duration.mask(misplaced & (duration == ""), certificate)


def _lengths(duration: pd.Series) -> pd.DataFrame:
    """Split `90 min` and `2 seasons` in number and unit; both are null where that fails."""
    parts = duration.str.extract(f"^{DURATION}$")
    parts.columns = pd.Index([c.DURATION_INT, c.DURATION_TYPE])
    return parts.assign(**{c.DURATION_INT: pd.to_numeric(parts[c.DURATION_INT]).astype("Int64")})


def _dates(dates: pd.Series) -> pd.Series:
    """Turn `september 9, 2019` and `2019-09-09` into the latter; null where that fails."""
    written: Any = pd.to_datetime(dates, format=_WRITTEN_DATE, errors="coerce")
    iso: Any = pd.to_datetime(dates, format=_ISO_DATE, errors="coerce")
    return written.fillna(iso).dt.strftime(_ISO_DATE).astype("str")
