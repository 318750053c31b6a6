"""Telling one data set from another by what its titles are, though it grows day by day."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError

FINGERPRINT: Final = "data"
"""Where a model card keeps the fingerprint of the data it was fitted on."""

N_TITLES: Final = 128
"""How many rated titles a fingerprint has, drawn by a hash of their ids."""

SAME: Final = 0.5
"""Share of these titles that another table must have, under the same id, to be of the same data."""

_N_DIGITS = 8


@dataclass(frozen=True)
class Fingerprint:
    """Some rated titles of a data set.

    Another data set may use the same ids for other titles. A later state of the same one has most
    titles still, whatever came to it; a few may have been renamed or left out.

    Attributes:
        source: Where the data came from, for people.
        titles: A digest of title and year by id.
    """

    source: str
    titles: Mapping[str, str]

    @classmethod
    def of(cls, source: str, titles: pd.DataFrame, rated: Iterable[str]) -> Self:
        """Take the fingerprint of a data set.

        Args:
            source: Where the data came from.
            titles: Clean titles; columns `id`, `title` and `release_year`.
            rated: Ids of the titles that have ratings.
        """
        drawn = sorted(set(map(str, rated)), key=_hash)[:N_TITLES]
        digests = _digests(titles, drawn)
        return cls(source, {name: digests[name] for name in sorted(digests)})

    @classmethod
    def from_json(cls, content: Any) -> Self:
        """Read what `to_json` returned.

        Raises:
            InputError: If it is something else.
        """
        try:
            titles = {str(name): str(digest) for name, digest in content["titles"].items()}
            return cls(str(content["source"]), titles)
        except (AttributeError, KeyError, TypeError) as error:
            raise InputError(f"this is no fingerprint of data: {error}") from error

    def to_json(self) -> dict[str, Any]:
        """Return the fingerprint as plain values."""
        return {"source": self.source, "titles": dict(self.titles)}

    def matches(self, titles: pd.DataFrame) -> bool:
        """Tell whether a table of clean titles is of the same data set, of any day."""
        if not self.titles:
            return True
        found = _digests(titles, list(self.titles))
        n_same = sum(found.get(name) == digest for name, digest in self.titles.items())
        return n_same >= SAME * len(self.titles)


def is_of_other_data(card: Mapping[str, Any], titles: pd.DataFrame) -> bool:
    """Tell whether a model's card says that it was fitted on other data than a catalogue's.

    A card without a fingerprint says nothing.

    Raises:
        InputError: If the card has something else in its place.
    """
    if FINGERPRINT not in card:
        return False
    return not Fingerprint.from_json(card[FINGERPRINT]).matches(titles)


def _digests(titles: pd.DataFrame, ids: list[str]) -> dict[str, str]:
    rows = titles.loc[titles[c.ID].isin(ids), [c.ID, c.TITLE, c.RELEASE_YEAR]]
    return {
        str(name): _hash(f"{title}\n{year}")[:_N_DIGITS]
        for name, title, year in rows.itertuples(index=False)
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
