"""The words of one language, its way to write numbers, and the choice of a language."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import yaml

LANGUAGES: Final = {"en": "English", "es": "Español"}

_LOCALES: Final = Path(__file__).with_name("locales")


@cache
def vocabulary(language: str) -> Mapping[str, str]:
    """Return all words of a language by their keys.

    Args:
        language: A key of `LANGUAGES`.
    """
    words: dict[str, str] = {}
    for path in sorted((_LOCALES / language).iterdir()):
        words |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


class Words:
    """The words of one language."""

    def __init__(self, language: str):
        """Choose a language.

        Args:
            language: A key of `LANGUAGES`.
        """
        self.language = language
        self._words = vocabulary(language)

    def __call__(self, key: str, **values: object) -> str:
        """Return the words under a key with the values put in."""
        return self._words[key].format(**values)

    def has(self, key: str) -> bool:
        """Tell whether there are words under a key."""
        return key in self._words

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number as people who read this language do."""
        return self._localized(f"{value:,.{digits}f}")

    def typed(self, value: float) -> str:
        """Write a number with as many digits as it was typed with."""
        return self._localized(f"{value:g}")

    def stars(self, value: float) -> str:
        """Write a number of stars with one digit."""
        return self.number(value, 1)

    def about(self, value: float, most: float) -> str:
        """Write a predicted number of stars to the nearest half: no more than a model can tell.

        Args:
            value: In stars.
            most: The highest rating there is, which nothing is certain to get.
        """
        return self.typed(min(round(2 * value) / 2, most - 0.5))

    def counted(self, one: str, many: str, n: int) -> str:
        """Return the words for one or for many, with the number in them."""
        return self(one if n == 1 else many, n=self.number(n))

    def _localized(self, text: str) -> str:
        return text if self.language == "en" else text.translate(str.maketrans(",.", ".,"))


def preferred_language(header: str) -> str:
    """Choose a language from an `Accept-Language` header.

    Args:
        header: Such as `es-MX,es;q=0.9,en;q=0.8`; anything else counts as saying nothing.

    Returns:
        A key of `LANGUAGES`: the wanted one with the highest weight, the first in doubt.
    """
    weighted = sorted(_wanted(header), key=lambda pair: -pair[1])
    for name, weight in weighted:
        if name in LANGUAGES and weight > 0:
            return name
    return next(iter(LANGUAGES))


def _wanted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        tag, _, parameter = part.partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        yield tag.strip().lower().partition("-")[0], weight
