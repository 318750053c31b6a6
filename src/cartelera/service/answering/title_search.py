"""Finding titles by words, from an index that is built once."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Latin, Greek and Cyrillic accents. Marks of other scripts stay: there they are letters.
_ACCENTS: Final = re.compile(r"[\u0300-\u036f]+")
_WORD: Final = re.compile(r"\w+")
_APOSTROPHES: Final = re.compile("['\u2019\u02bc`]")

_MAX_WORDS: Final = 16
_AFTER_ALL: Final = chr(0x10FFFF)
"""Sorts after whatever a text goes on with."""


def words_of(text: str) -> list[str]:
    """Return the words of a text without case, accents and punctuation.

    >>> words_of("Amélie's  Café: L'été")
    ['amelies', 'cafe', 'lete']
    """
    bare = text if text.isascii() else unicodedata.normalize("NFKD", text)
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", bare).casefold())
    return _WORD.findall(_APOSTROPHES.sub("", folded))


def _ways(title: str, words: list[str]) -> set[str]:
    """Return the words a title is found by: of `l'été`, both `lete` and `ete`."""
    apart = _APOSTROPHES.sub(" ", title)
    return set(words) if apart == title else {*words, *words_of(apart)}


class TitleSearch:
    """Finds the titles that hold all words of a question; the last word may be a beginning."""

    def __init__(self, titles: Sequence[str], ranks: NDArray[np.int32]):
        """Build the index.

        Args:
            titles: What is searched, one text a title; shape (n_titles,).
            ranks: The order among equally good matches; shape (n_titles,).
        """
        self._ranks = ranks
        self._all = np.argsort(ranks).astype(np.int32)
        words = [words_of(title) for title in titles]
        places: dict[str, list[int]] = {}
        for place, title in enumerate(titles):
            for word in _ways(title, words[place]):
                places.setdefault(word, []).append(place)
        self._words = sorted(places)
        self._places = np.fromiter(
            chain.from_iterable(places[word] for word in self._words), dtype=np.int32
        )
        self._starts = np.cumsum([0, *(len(places[word]) for word in self._words)])
        texts = [" ".join(each) for each in words]
        by_text = sorted(range(len(texts)), key=texts.__getitem__)
        self._texts = [texts[place] for place in by_text]
        self._by_text = np.array(by_text, dtype=np.int32)

    def find(self, words: str) -> NDArray[np.int32]:
        """Find the titles that match, best first.

        A title that is the question comes first, then those that start with it, then those that
        hold its words anywhere; equals by rank. Punctuation separates words: alone it matches
        nothing. A blank question matches all.

        Args:
            words: In any case, with or without accents.

        Returns:
            Places among the titles; shape (n_found,).
        """
        if not words.strip():
            return self._all
        wanted = words_of(words)[:_MAX_WORDS]
        if not wanted:
            return np.empty(0, dtype=np.int32)
        # Every (word, title) stands once in the index: only beginnings find a title repeatedly.
        found = np.unique(self._holding(wanted[-1], wanted[-1] + _AFTER_ALL))
        for word in set(wanted[:-1]):
            found = np.intersect1d(found, self._holding(word, word), assume_unique=True)
        question = " ".join(wanted)
        worth = np.zeros(len(self._ranks), dtype=np.int8)
        worth[self._by_text[_range(self._texts, question, question + _AFTER_ALL)]] = 1
        worth[self._by_text[_range(self._texts, question, question)]] = 2
        return found[np.lexsort((self._ranks[found], -worth[found]))]

    def _holding(self, first: str, last: str) -> NDArray[np.int32]:
        """Return the places of the titles of every word from the first to the last."""
        words = _range(self._words, first, last)
        return self._places[self._starts[words.start] : self._starts[words.stop]]


def _range(ordered: Sequence[str], first: str, last: str) -> slice:
    """Return the places of all texts from the first to the last in a sorted list."""
    return slice(bisect_left(ordered, first), bisect_right(ordered, last))
