"""People's names: reading them from a list with commas, and telling them apart."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from cartelera.catalogue.text import NULL_WORDS, lower, tidy

SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
"""What belongs to the name before it, though a comma may part them; in lower case, without dots."""

NOBODIES: Final = NULL_WORDS | {
    *("various", "various artists", "anonymous", "not available", "not applicable"),
    *("many more", "and many more"),
}
"""What stands in place of a name and names nobody; in lower case, without dots."""

_LETTER: Final = re.compile(r"[^\W\d_]")

# Latin, Greek and Cyrillic accents. Marks of other scripts stay: there they are letters.
_ACCENTS_AND_SPACES: Final = re.compile(r"[\u0300-\u036f\s]+")


def people_in(text: str, null_words: Collection[str] = ()) -> list[str]:
    """Read the people in a list written with commas.

    A suffix after a comma goes back to the name before it. Items that name nobody are left out:
    those without a letter, the words in `NOBODIES` and further ones, a suffix without a name.

    Args:
        text: The list.
        null_words: Further words that name nobody, tidy and in lower case.

    >>> people_in("Robert Downey, Jr., Various, 1,  Uma Thurman")
    ['Robert Downey Jr.', 'Uma Thurman']
    """
    items = [item for item in (tidy(item) for item in text.split(",")) if item]
    people: list[str] = []
    follows_somebody = False

    # "Jr." behind a comma belongs to who stands before it.
    for item in items:
        if is_suffix(item):
            if follows_somebody:
                people[-1] = f"{people[-1]} {item}"
            continue
        follows_somebody = is_somebody(item) and lower(item) not in null_words
        if follows_somebody:
            people.append(item)
    return people


def is_suffix(item: str) -> bool:
    """Tell whether an item of a list of people is but the end of a name.

    >>> is_suffix("Jr."), is_suffix("Ph.D."), is_suffix("Uma Thurman")
    (True, True, False)
    """
    return _bare(item) in SUFFIXES


def is_somebody(item: str) -> bool:
    """Tell whether an item of a list of people may be a name.

    >>> is_somebody("50 Cent"), is_somebody("1"), is_somebody("N/A")
    (True, False, False)
    """
    return has_letter(item) and not is_nobody(item)


def has_letter(item: str) -> bool:
    """Tell whether there is a letter of any script in an item; names have one."""
    return _LETTER.search(item) is not None


def is_nobody(item: str) -> bool:
    """Tell whether an item of a list of people is a word that stands in place of a name."""
    return _bare(item) in NOBODIES


def name_key(name: str) -> str:
    """Return a key that names share which differ only in case, accents or spacing.

    >>> name_key("J.K.  Simmons") == name_key("j. k. simmons")
    True
    >>> name_key("Penélope Cruz")
    'penelopecruz'
    """
    bare = name if name.isascii() else unicodedata.normalize("NFKD", name)
    return unicodedata.normalize("NFC", _ACCENTS_AND_SPACES.sub("", bare).casefold())


def _bare(item: str) -> str:
    return item.replace(".", "").strip().lower()
