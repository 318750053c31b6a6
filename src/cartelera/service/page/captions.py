"""How the page writes what the catalogue says: age labels explained, names with capitals."""

import re
from typing import Final

AGES: Final = {
    "age_all": ("all", "all_ages", "g", "tv-g", "tv-y"),
    "age_7": ("7+", "tv-y7", "tv-y7-fv"),
    "age_guided": ("pg", "tv-pg"),
    "age_13": ("13+", "pg-13"),
    "age_14": ("tv-14",),
    "age_16": ("16+", "16", "ages_16_"),
    "age_17": ("r",),
    "age_adults": ("18+", "ages_18_", "nc-17", "tv-ma"),
}
"""The age labels in use, by what they mean."""


def age_of(certificate: str | None) -> str:
    """Return the key of the words for an age label; blank for one without a meaning."""
    return next((key for key, labels in AGES.items() if certificate in labels), "")


def display_name(name: str) -> str:
    """Write the name of a person, which queries answer in lower case, with capitals.

    >>> display_name("conan o'brien"), display_name("ewan mcgregor")
    ("Conan O'Brien", 'Ewan McGregor')
    """
    return re.sub(r"\bMc([a-z])", lambda found: f"Mc{found[1].upper()}", name.title())
