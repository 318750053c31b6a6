"""Cleaning of single texts, and of lists written with commas."""

import re
import unicodedata
from typing import Final

# Control characters that are no white space, zero-width characters, marks of writing direction,
# invisible operators, soft hyphens and tags.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

DURATION: Final = r"([0-9]{1,5}) ?(min|season)s?"
"""How a duration is written: number and unit; of a tidy text in lower case."""

NULL_WORDS: Final = frozenset(
    {"nan", "none", "null", "n/a", "na", "unknown", "not given", "no data", "-", "--"}
)
"""What stands in an optional cell that says nothing; tidy and in lower case."""


def tidy(text: str) -> str:
    r"""Normalise a text (Unicode NFC), drop what cannot be seen and make white space single.

    Line breaks, tabs and all kinds of spaces count as white space; none is left at the ends.

    >>> tidy(" Kota\u00a0 Factory\u200b\n")
    'Kota Factory'
    """
    return unicodedata.normalize("NFC", " ".join(_INVISIBLE.sub("", text).split()))


def lower(text: str) -> str:
    """Put a tidy text in lower case without making it longer.

    `İ` becomes a plain `i`: its regular lower case is an `i` and a second code point, the dot.

    >>> lower("İSTANBUL")
    'istanbul'
    """
    return unicodedata.normalize("NFC", text.replace("İ", "i").lower())


def tidy_list(text: str) -> str:
    """Tidy a list written with commas: no empty items, one comma and one space between items.

    >>> tidy_list(", France,Algeria,")
    'France, Algeria'
    """
    items = [tidy(item) for item in text.split(",")]
    return ", ".join(item for item in items if item)
