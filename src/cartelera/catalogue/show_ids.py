"""What the `show_id`s of a catalogue look like, and the title ids they make.

A title's id is its platform's initial before the `show_id` in lower case: `s123` of amazon is
`as123`, `D1` of disney is `dd1`. Only a catalogue in which every `show_id` is a title id of the
published form already, initial, `s` and number, gives its ids as they stand: `as1` of amazon stays.
"""

import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from cartelera import columns as c
from cartelera.notes import Notes

PUBLISHED: Final = "s[0-9]+"
SIGNS: Final = "[a-z0-9][a-z0-9._-]*"
"""What an id may consist of, however it is formed: it stands in addresses, lists and files."""

_LONGEST: Final = 39
_NUMBERED: Final = re.compile(r"((?:[a-z]+[_-]?)?)[0-9]+")


@dataclass(frozen=True)
class ShowIds:
    """The form of a catalogue's `show_id`s.

    Attributes:
        pattern: A regular expression that each of them matches as a whole, in lower case.
        example: One of that form, or the words for it.
        prefix: What makes title ids of them.
    """

    pattern: str
    example: str
    prefix: str

    def match(self, ids: pd.Series) -> pd.Series:
        """Tell which ids (n) have the form, as booleans (n)."""
        own = ids.str.fullmatch(self.pattern, flags=re.IGNORECASE)
        return own & ids.str.fullmatch(SIGNS) & (ids.str.len() <= _LONGEST)


def form_of(ids: pd.Series, initial: str, pattern: str | None, file: str, notes: Notes) -> ShowIds:
    """Find the form of a catalogue's ids.

    Where one is as published, all must be; else all must be of one other form, a number with or
    without the same letters before it.

    Args:
        ids: The `show_id`s in lower case (n); an empty one has no form.
        initial: The platform's initial.
        pattern: The form that is set, `etl.id_pattern`; it counts instead of all others.
        file: What the catalogue is called in notes and errors.
        notes: Keep what other form was found.

    Returns:
        The form; the published one where none can be told, so that no id has it.
    """
    present = ids[(ids != "") & (ids != c.SHOW_ID)]
    if pattern is not None:
        return ShowIds(pattern, "etl.id_pattern", initial)
    if present.empty or present.str.fullmatch(PUBLISHED).any():
        return ShowIds(PUBLISHED, "s123", initial)
    if present.str.fullmatch(initial + PUBLISHED).all():
        notes.add(file, f"has title ids as show_id, such as {present.iloc[0]}; they stay so.")
        return ShowIds(initial + PUBLISHED, f"{initial}s123", "")

    first = str(present.iloc[0])
    numbered = _NUMBERED.fullmatch(first)
    if numbered is None or not present.str.fullmatch(numbered[1] + "[0-9]+").all():
        return ShowIds(PUBLISHED, "s123", initial)  # which none of them has: all are rejected
    notes.add(
        file,
        f"has show_ids such as {first}, not s123; title ids are {initial!r} before them: "
        f"{initial}{first}.",
    )
    return ShowIds(numbered[1] + "[0-9]+", first, initial)
