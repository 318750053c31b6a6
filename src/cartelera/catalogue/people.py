"""Telling people's names apart."""

import re
import unicodedata
from typing import Final

# Latin, Greek and Cyrillic accents. Marks of other scripts stay: there they are letters.
_ACCENTS_AND_SPACES: Final = re.compile(r"[\u0300-\u036f\s]+")


def name_key(name: str) -> str:
    """Give a key that names share which differ only in case, accents or spacing.

    >>> name_key("J.K.  Simmons") == name_key("j. k. simmons")
    True
    >>> name_key("Penélope Cruz")
    'penelopecruz'
    """
    bare = name if name.isascii() else unicodedata.normalize("NFKD", name)
    return unicodedata.normalize("NFC", _ACCENTS_AND_SPACES.sub("", bare).casefold())
