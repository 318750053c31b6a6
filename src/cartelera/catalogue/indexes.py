"""Indexes over the catalogue, built once: what is longest, best or most frequent of each kind."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from typing import Any, Final, NamedTuple

import pandas as pd

from cartelera.catalogue.answers import LongTitle
from cartelera.catalogue.arguments import ALL
from cartelera.catalogue.people import name_key, people_in

_MAX_KINDS: Final = 4096
"""Kinds of titles (type, platform, year) whose keys are remembered: some 800 in a century."""


class Key(NamedTuple):
    """Which titles: of a type or all, on a platform or any, of a year or any."""

    type: str
    platform: str | None
    year: int | None


class Longest(NamedTuple):
    """The greatest length and all titles that have it."""

    length: int
    titles: list[LongTitle]


class Top(NamedTuple):
    """In how many titles or works the actors in most of them play, and who they are, by name."""

    appearances: int
    actors: list[str]


def _keys(entry: LongTitle) -> tuple[Key, ...]:
    """Return the eight keys a title is found under."""
    return _keys_of(entry.type, entry.platform, entry.release_year)


@lru_cache(maxsize=_MAX_KINDS)
def _keys_of(type_: str, platform: str, year: int) -> tuple[Key, ...]:
    return tuple(Key(*chosen) for chosen in product((type_, ALL), (platform, None), (year, None)))


@lru_cache(maxsize=_MAX_KINDS)
def _keys_anywhere(type_: str, year: int) -> tuple[Key, ...]:
    """Return the four keys a work is found under, on all platforms together."""
    return tuple(Key(*chosen) for chosen in product((type_, ALL), (None,), (year, None)))


def index_lengths(
    entries: Iterable[LongTitle], lengths: Iterable[Any], units: Iterable[Any]
) -> dict[tuple[str, Key], Longest]:
    """Keep the longest titles of every unit and key, in the order of the entries."""
    longest: dict[tuple[str, Key], Longest] = {}
    for entry, length, unit in zip(entries, lengths, units, strict=True):
        if pd.isna(length):
            continue
        for key in _keys(entry):
            best = longest.get((unit, key))
            if best is None or length > best.length:
                longest[unit, key] = Longest(int(length), [entry])
            elif length == best.length:
                best.titles.append(entry)
    return longest


def index_scores(entries: Iterable[LongTitle], scores: dict[str, float]) -> dict[Key, list[float]]:
    """Return the rising scores of every key; a missing score is none."""
    index: dict[Key, list[float]] = defaultdict(list)
    for entry in entries:
        score = scores.get(entry.id)
        if score is not None and not pd.isna(score):
            for key in _keys(entry):
                index[key].append(float(score))
    return {key: sorted(found) for key, found in index.items()}


def index_actors(
    entries: Iterable[LongTitle], casts: Iterable[Any], works: Iterable[str]
) -> dict[Key, Top]:
    """Keep the actors in most titles of every key, or in most works where any platform will do."""
    keys_of_names: dict[str, str] = {}
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    appearances: dict[Key, list[str]] = defaultdict(list)
    casts_of_works: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for entry, cast, work in zip(entries, casts, works, strict=True):
        if pd.isna(cast):
            continue
        names = set(people_in(cast))
        if not names:
            continue
        for name in names:
            if name not in keys_of_names:
                keys_of_names[name] = name_key(name)
            spellings[keys_of_names[name]][name] += 1

        # On one platform every title counts; on all together a work does, with all its casts.
        actors = {keys_of_names[name] for name in names}
        for key in _keys(entry):
            if key.platform is not None:
                appearances[key].extend(actors)
        casts_of_works[work, entry.type, entry.release_year] |= actors

    for (_, type_, year), actors in casts_of_works.items():
        for key in _keys_anywhere(type_, year):
            appearances[key].extend(actors)

    shown = {actor: _commonest(counts) for actor, counts in spellings.items()}
    return {key: _top(Counter(actors), shown) for key, actors in appearances.items()}


def _commonest(spellings: Counter[str]) -> str:
    most = max(spellings.values())
    return min(spelling for spelling, count in spellings.items() if count == most)


def _top(appearances: Counter[str], shown: dict[str, str]) -> Top:
    most = max(appearances.values())
    return Top(most, sorted(shown[a] for a, count in appearances.items() if count == most))
