"""Raw catalogues in, clean titles out."""

from collections.abc import Callable, Collection
from typing import Final

import pandas as pd

from cartelera import columns as c
from cartelera.accounting import Cleaned, Ledger
from cartelera.catalogue.arguments import EARLIEST_YEAR, LATEST_YEAR, Years
from cartelera.catalogue.dates import read_dates
from cartelera.catalogue.people import people_in
from cartelera.catalogue.show_ids import ShowIds, form_of
from cartelera.catalogue.text import DURATION, NULL_WORDS, lower, tidy, tidy_list
from cartelera.notes import Notes
from cartelera.nulled import Why

_YEAR: Final = r"([0-9]{1,4})(?:\.0+)?"
_UNKNOWN_CERTIFICATE: Final = "g"
_NEEDED: Final = (c.SHOW_ID, c.TYPE, c.TITLE, c.RELEASE_YEAR)
_OPTIONAL: Final = tuple(column for column in c.RAW_TITLE_COLUMNS if column not in _NEEDED)
_PEOPLE: Final = (c.DIRECTOR, c.CAST)

HINTS: Final = {
    c.DATE_ADDED: "Write dates as 2021-09-25: of one such as 3/4/2021 the file must show elsewhere "
    "whether months or days come first.",
    c.DURATION: "Write durations as 90 min or 2 Seasons.",
}
"""What to write in the columns whose cells may be unreadable."""

_NO_FORM: Final = "show_id is not of the form"
RULE_HINTS: Final = {
    _NO_FORM: "If these ids are right, say what they look like: etl.id_pattern='[a-z0-9._-]+' "
    f"takes all. If another column holds them, say which: etl.columns.{c.SHOW_ID}=NAME."
}
"""What to do where a rule rejects much."""


def clean_catalogue(
    raw: pd.DataFrame,
    platform: str,
    *,
    initial: str | None = None,
    repair_durations: bool = True,
    null_words: Collection[str] = NULL_WORDS,
    earliest_year: int = EARLIEST_YEAR,
    latest_year: int = LATEST_YEAR,
    id_pattern: str | None = None,
    notes: Notes | None = None,
) -> Cleaned:
    """Clean one platform's catalogue.

    An exact repeat of a row is dropped. A row is rejected when it has no `show_id` of the form
    that the catalogue's have (`show_ids.form_of`) or one that an earlier sound row has, an unknown
    type, no title, or a release year that is no whole number or not believed. Other cells cost no
    row: a date or duration that cannot be read becomes null, and so does a cell with a word that
    means nothing; both are noted.

    Args:
        raw: Raw titles (n rows): `columns.RAW_TITLE_COLUMNS` as text, `source_file`, `line`; the
            index is 0 to n - 1.
        platform: The platform's name.
        initial: What its title ids begin with; the name's first letter if left out.
        repair_durations: Move durations that stand in the `rating` column to a `duration` that is
            empty or cannot be read; the certificate counts as missing then.
        null_words: What an optional cell holds that says nothing, in any case.
        earliest_year: The first release year that is believed.
        latest_year: The last release year that is believed.
        id_pattern: What a `show_id` looks like, as a regular expression; None looks for it.
        notes: Take what was read otherwise than the format says.

    Returns:
        The clean titles (`columns.CLEAN_TITLE_COLUMNS`, in the order of `raw` and with its index),
        and what was dropped, rejected and read as null. A length of 0 is no length: it becomes
        null. Each title is a work of its own here: one platform does not know the others.
    """
    words = frozenset(lower(tidy(word)) for word in null_words)
    is_word = _null_words(raw, words)
    blanked = {column: raw[column].mask(mask, "") for column, mask in is_word.items()}
    cells = _tidied(raw.assign(**blanked), words)

    # What cannot be read is known before the repair puts other cells' contents here.
    dates = read_dates(cells[c.DATE_ADDED], raw[c.SOURCE_FILE])
    no_duration = ~cells[c.DURATION].str.fullmatch(DURATION)
    unreadable = {
        c.DATE_ADDED: dates.isna() & (cells[c.DATE_ADDED] != ""),
        c.DURATION: no_duration & (cells[c.DURATION] != ""),
    }
    certificate, duration = cells[c.CERTIFICATE], cells[c.DURATION].mask(no_duration, "")
    if repair_durations:
        certificate, duration = _repaired(certificate, duration)
    lengths = _lengths(duration)
    years = pd.to_numeric(cells[c.RELEASE_YEAR].str.extract(f"^{_YEAR}$", expand=False))

    cells[c.SHOW_ID] = _without_point(cells[c.SHOW_ID])
    file = str(raw[c.SOURCE_FILE].iloc[0]) if len(raw) else platform
    notes = Notes() if notes is None else notes
    show_ids = form_of(cells[c.SHOW_ID], initial or platform[0], id_pattern, file, notes)
    ledger = _judged(raw, cells, show_ids, years, (earliest_year, latest_year))
    for column, mask in is_word.items():
        ledger.null(mask, column, Why.null_word)
    for column, mask in unreadable.items():
        ledger.null(mask, column, Why.unreadable)

    kept = ledger.sound
    texts = cells[kept].replace("", None)
    ids = show_ids.prefix + texts[c.SHOW_ID]
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


def _judged(
    raw: pd.DataFrame, cells: pd.DataFrame, show_ids: ShowIds, years: pd.Series, believed: Years
) -> Ledger:
    """Open a ledger and settle which rows are superfluous or broken, by what a title must have."""
    ledger = Ledger(raw)
    ledger.drop(raw.duplicated(list(c.RAW_TITLE_COLUMNS)), "exact repeat of an earlier row")

    # What a title must have; the first rule that a row breaks is the one it is rejected for.
    ledger.reject(cells[c.SHOW_ID] == "", "show_id is missing")
    ledger.reject(
        ~show_ids.match(cells[c.SHOW_ID]),
        f"{_NO_FORM} {show_ids.example}",
        c.SHOW_ID,
    )
    ledger.reject(~cells[c.TYPE].isin(c.TYPES), "type is neither movie nor tv show", c.TYPE)
    ledger.reject(cells[c.TITLE] == "", "title is empty", c.TITLE)
    ledger.reject(years.isna(), "release_year is not a whole number", c.RELEASE_YEAR)
    ledger.reject(
        ~years.between(*believed),
        "release_year is not in {} to {}".format(*believed),
        c.RELEASE_YEAR,
    )

    # Only sound rows can be in the way of a later one with their id.
    sound_ids = cells[c.SHOW_ID].where(ledger.sound)
    ledger.reject(
        sound_ids.duplicated() & sound_ids.notna(),
        "show_id stands in an earlier row with different content",
        c.SHOW_ID,
    )
    return ledger


def _null_words(raw: pd.DataFrame, words: frozenset[str]) -> dict[str, pd.Series]:
    """Mark the cells of each optional column (n) that hold but a word that means nothing."""

    def listed(text: str) -> str:
        return lower(tidy_list(text))

    return {column: _each(raw[column], listed).isin(words) for column in _OPTIONAL}


def _tidied(raw: pd.DataFrame, null_words: Collection[str]) -> pd.DataFrame:
    """Return all raw columns tidy and in lower case, and some as they are displayed too."""

    def names(text: str) -> str:
        return ", ".join(people_in(text, null_words))

    cleaners: dict[str, Callable[[str], str]] = {
        **dict.fromkeys((c.COUNTRY, c.LISTED_IN), tidy_list),
        **dict.fromkeys(_PEOPLE, names),
    }
    tidied = {
        column: _each(raw[column], cleaners.get(column, tidy)) for column in c.RAW_TITLE_COLUMNS
    }
    return pd.DataFrame(
        {column: _each(cells, lower) for column, cells in tidied.items()}
        | {display: tidied[column] for column, display in c.DISPLAY_COLUMNS.items()}
    )


def _without_point(ids: pd.Series) -> pd.Series:
    """Take the `.0` from ids that are all numbers: a column with gaps was once read as decimals."""
    is_decimal = ids.str.fullmatch(r"[0-9]+\.0")
    return ids.str.removesuffix(".0") if is_decimal[ids != ""].all() else ids


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
