"""How the page writes what the catalogue says: age labels explained, lower case with capitals."""

import re
from typing import Final

from cartelera.service.answering.title_info import TitleDetail

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

_SENTENCE: Final = re.compile(r"(?:^|[.!?…]\W*\s)\W*[^\W\d_]")


def age_of(certificate: str | None) -> str:
    """Return the key of the words for an age label; blank for one without a meaning."""
    return next((key for key, labels in AGES.items() if certificate in labels), "")


def display_name(name: str) -> str:
    """Write the name of a person, which the catalogue holds in lower case, with capitals.

    >>> display_name("conan o'brien"), display_name("ewan mcgregor")
    ("Conan O'Brien", 'Ewan McGregor')
    """
    return re.sub(r"\bMc([a-z])", lambda found: f"Mc{found[1].upper()}", name.title())


def synopsis(title: TitleDetail) -> str:
    """Write what a title is about, which the catalogue holds in lower case, with capitals.

    Those of sentences, of "I", and of the names the catalogue knows from the title itself.
    """
    text = _SENTENCE.sub(lambda found: found[0].upper(), title.description or "")
    text = re.sub(r"\bi\b", "I", text)
    names = [display_name(name) for name in (*title.cast, *title.directors)]
    for name in (*names, title.display_title):
        if " " in name:
            text = re.sub(rf"\b{re.escape(name)}\b", lambda _, name=name: name, text, flags=re.I)
    return text
