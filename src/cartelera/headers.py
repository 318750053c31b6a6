"""Which column of a raw file is which: by its name, by the settings, or as the only candidate."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.notes import Notes

NO_NAMES: Final[Mapping[str, str]] = MappingProxyType({})

_OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    c.SHOW_ID: ("id", "title_id"),
    c.TYPE: ("content_type", "kind"),
    c.TITLE: ("name",),
    c.DIRECTOR: ("directors",),
    c.CAST: ("actors",),
    c.COUNTRY: ("countries",),
    c.LISTED_IN: ("genres", "genre", "categories"),
    c.DESCRIPTION: ("summary", "overview"),
    c.RAW_USER: ("user",),
    c.RAW_TIMESTAMP: ("time", "rated_at"),
    c.RAW_TITLE_ID: ("title_id", "show_id", "id"),
}
"""What else columns are called that can be no other; a name in a file counts but once."""

_OF_RATINGS: Final = ("scored", "score", "stars")
_OF_TITLES: Final = (c.CERTIFICATE_SETTING, "age_rating", "content_rating")
_SHOWN: Final = 300


COLUMN_SETTINGS: Final = (
    *(c.CERTIFICATE_SETTING if name == c.CERTIFICATE else name for name in c.RAW_TITLE_COLUMNS),
    *c.RAW_RATING_COLUMNS,
)
"""What columns are called in `etl.columns`."""


def setting_of(column: str, columns: Sequence[str]) -> str:
    """Return what a column is called in `etl.columns`.

    Both tables have a `rating`; the age label of the catalogues goes by `certificate` there.
    """
    is_label = column == c.CERTIFICATE and c.SHOW_ID in columns
    return c.CERTIFICATE_SETTING if is_label else column


def find_columns(
    header: Sequence[str], columns: Sequence[str], names: Mapping[str, str] = NO_NAMES
) -> dict[str, str]:
    """Find what each column is called in a header.

    Args:
        header: The names that stand there.
        columns: What is looked for.
        names: The settings: `setting_of` a column to its name in the file.

    Returns:
        Column to its name in the header, of those columns that can be told: by the settings, else
        by the name itself, else by the one name that differs from it only in case, spaces and
        signs, or is another word for it.
    """
    # First what is said or spelled as documented, then what can only be one column.
    found: dict[str, str] = {}
    for column in columns:
        set_to = names.get(setting_of(column, columns))
        if set_to in header:
            found[column] = str(set_to)
        elif column in header and column not in found.values():
            found[column] = column

    for column in columns:
        if column in found:
            continue
        free = [name for name in header if name not in found.values() and name not in columns]
        for words in ((column,), _words_for(column, columns)):
            alike = [name for name in free if _plain(name) in {_plain(word) for word in words}]
            if len(set(alike)) == 1:
                found[column] = alike[0]
                break
    return found


def name_columns(
    name: str,
    header: Sequence[str],
    columns: Sequence[str],
    names: Mapping[str, str] = NO_NAMES,
    *,
    notes: Notes,
    advice: str = "",
) -> list[str]:
    """Return a header in which the needed columns have their own names.

    Args:
        name: What the file is called in errors.
        header: Its names; one that is empty is called by its place.
        columns: What it must hold, in any order.
        names: The settings; see `find_columns`.
        notes: Keep which column is read as another, and which are left out.
        advice: What else may be wrong when a column is missing.

    Raises:
        InputError: If there is no header, or a column is missing or stands there repeatedly; names
            what comes closest, and the setting.
    """
    if not any(header):
        raise InputError(f"{name} is empty. Its first line must be {','.join(columns)}.")
    named = [cell.strip() or f"(column {place})" for place, cell in enumerate(header, 1)]
    found = find_columns(named, columns, names)
    _refuse_missing(name, header, named, columns, found, advice)

    repeated = sorted({found[column] for column in columns if named.count(found[column]) > 1})
    if repeated:
        raise InputError(f"{name}, line 1: column {', '.join(repeated)} stands there repeatedly.")
    renamed = [f"{found[column]} as {column}" for column in columns if found[column] != column]
    if renamed:
        notes.add(name, f"has columns that are read so: {', '.join(renamed)}.")
    own = {found[column]: column for column in columns}
    extra = [cell for cell in named if cell not in own]
    if extra:
        notes.add(name, f"holds columns left out: {', '.join(extra)}")
    # What is left out must not go by the name of what is read.
    return [own.get(cell, f"({cell})" if cell in columns else cell) for cell in named]


def _refuse_missing(
    name: str,
    header: Sequence[str],
    named: Sequence[str],
    columns: Sequence[str],
    found: Mapping[str, str],
    advice: str,
) -> None:
    missing = [column for column in columns if column not in found]
    if not missing:
        return

    # What is nearly called so is named with the setting that would take it.
    free = {_plain(cell): cell for cell in named if cell not in found.values()}
    hints: list[str] = []
    for column in missing:
        words = [_plain(word) for word in (column, *_words_for(column, columns))]
        close = [near for word in words for near in get_close_matches(word, free, n=1, cutoff=0.5)]
        if close and not advice:
            setting = f"etl.columns.{setting_of(column, columns)}={free[close[0]]!r}"
            hints.append(f"Is {column} what is called {free[close[0]]}? Then say {setting}.")
    if not hints and not advice:
        setting = setting_of(missing[0], columns)
        hints.append(f"If it has another name there, say it: etl.columns.{setting}=NAME.")

    raise InputError(
        f"{name}, line 1: column {', '.join(missing)} is missing. Expected is the header "
        f"{','.join(columns)}; found is {','.join(header)[:_SHOWN]}.{advice} {' '.join(hints)}"
    )


def _words_for(column: str, columns: Sequence[str]) -> tuple[str, ...]:
    if column == c.CERTIFICATE:
        return _OF_TITLES if c.SHOW_ID in columns else _OF_RATINGS
    return _OTHER_NAMES.get(column, ())


def _plain(name: str) -> str:
    """Return a name's letters and digits in lower case."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())
