"""The four questions the catalogue answers, from indexes that are built once."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from itertools import product
from typing import Any, Final, NamedTuple, SupportsFloat, SupportsIndex

import pandas as pd

from cartelera import columns as c
from cartelera.catalogue import arguments
from cartelera.catalogue.answers import LongTitle, MaxDuration, PlatformCount, ScoreCount, TopActor
from cartelera.catalogue.arguments import ALL, QueryError
from cartelera.catalogue.people import name_key

__all__ = ["CatalogueQueries", "QueryError"]

_MAX_TIES: Final = 50
_MAX_KINDS: Final = 4096
"""Kinds of titles (type, platform, year) whose keys are remembered: some 800 in a century."""


class _Key(NamedTuple):
    """Which titles: of a type or all, on a platform or any, of a year or any."""

    type: str
    platform: str | None
    year: int | None


class _Longest(NamedTuple):
    length: int
    titles: list[LongTitle]


class _Top(NamedTuple):
    appearances: int
    actors: list[str]


class CatalogueQueries:
    """Answers questions about the catalogue without looking through it.

    Words are taken in any case and with any white space around them. A question that cannot be
    answered as put raises `QueryError`; one that nothing matches is answered with `found` false.
    """

    def __init__(
        self, titles: pd.DataFrame, scores: pd.DataFrame, *, max_ties: int = _MAX_TIES
    ) -> None:
        """Build the indexes; takes about half a second for 23,000 titles.

        Args:
            titles: Clean titles, `columns.CLEAN_TITLE_COLUMNS`.
            scores: Mean rating of rated titles: `title_id`, `score`. Titles that are not in
                `titles` are left out; titles without a score are not counted.
            max_ties: How many equally good titles or actors an answer lists.
        """
        ordered = titles.sort_values([c.TITLE, c.ID])
        entries = [
            LongTitle(*values)
            for values in zip(
                *(ordered[name].tolist() for name in LongTitle.__dataclass_fields__), strict=True
            )
        ]
        self._max_ties = max_ties
        self._longest = _index_lengths(
            entries, ordered[c.DURATION_INT].tolist(), ordered[c.DURATION_TYPE].tolist()
        )
        self._counts = Counter(_Key(entry.type, entry.platform, None) for entry in entries)
        self._scores = _index_scores(
            entries, dict(zip(scores[c.TITLE_ID], scores[c.SCORE], strict=True))
        )
        self._top_actors = _index_actors(entries, ordered[c.CAST].tolist())

    def get_max_duration(
        self,
        year: SupportsIndex | None = None,
        platform: str | None = None,
        duration_type: str | None = None,
        *,
        type: str = ALL,  # noqa: A002 - the column's and the query's published name
    ) -> MaxDuration:
        """Find the longest titles.

        Args:
            year: Their release year; any if left out.
            platform: Where they are; anywhere if left out.
            duration_type: `min` (if left out) or `season`; the two are never compared.
            type: `movie`, `tv show` or `all`.

        Raises:
            QueryError: If an argument is not among the allowed values.
        """
        key = _key(type, platform, year)
        unit = (
            c.MINUTES
            if duration_type is None
            else arguments.choice("duration_type", duration_type, c.DURATION_TYPES)
        )
        longest = self._longest.get((unit, key))
        return MaxDuration(
            found=longest is not None,
            duration_int=longest.length if longest else None,
            duration_type=unit,
            titles=longest.titles[: self._max_ties] if longest else [],
            ties=len(longest.titles) if longest else 0,
            reading=f"The longest in {arguments.unit_in_words(unit)} among {_in_words(key)}.",
        )

    def get_score_count(
        self,
        platform: str | None = None,
        scored: SupportsFloat | None = None,
        year: SupportsIndex | None = None,
        *,
        type: str = c.MOVIE,  # noqa: A002
    ) -> ScoreCount:
        """Count the titles whose score, the exact mean of their ratings, is above a threshold.

        Args:
            platform: Where they are; anywhere if left out.
            scored: The threshold in stars; required. A score equal to it does not count.
            year: Their release year; any if left out.
            type: `movie`, `tv show` or `all`.

        Raises:
            QueryError: If an argument is not among the allowed values or `scored` is left out.
        """
        threshold = arguments.score(scored)
        key = _key(type, platform, year)
        by_type: dict[str, int] = {}
        for kind in c.TYPES:
            rising = self._scores.get(key._replace(type=kind), [])
            by_type[kind] = len(rising) - bisect_right(rising, threshold)
        count = _of_type(by_type, key.type)
        return ScoreCount(
            found=count > 0,
            count=count,
            by_type=by_type,
            reading=f"The number of {_in_words(key)} whose mean rating is above {threshold:g}.",
        )

    def get_count_platform(
        self,
        platform: str | None = None,
        *,
        type: str = c.MOVIE,  # noqa: A002
    ) -> PlatformCount:
        """Count the titles of a platform, or of all of them.

        Args:
            platform: Where they are; anywhere if left out.
            type: `movie`, `tv show` or `all`.

        Raises:
            QueryError: If an argument is not among the allowed values.
        """
        key = _key(type, platform, None)
        wanted = c.PLATFORMS if key.platform is None else (key.platform,)
        counts = {
            name: {kind: self._counts[_Key(kind, name, None)] for kind in c.TYPES}
            for name in wanted
        }
        by_type = {kind: sum(counts[name][kind] for name in wanted) for kind in c.TYPES}
        count = _of_type(by_type, key.type)
        return PlatformCount(
            found=count > 0,
            count=count,
            by_type=by_type,
            by_platform={name: _of_type(counts[name], key.type) for name in wanted},
            reading=f"The number of {_in_words(key)}.",
        )

    def get_actor(
        self,
        platform: str | None = None,
        year: SupportsIndex | None = None,
        *,
        type: str = ALL,  # noqa: A002
    ) -> TopActor:
        """Find the actors who play in most titles; a title counts once for each of them.

        Names that differ only in case, accents or spacing are one actor, shown in the spelling most
        titles use.

        Args:
            platform: Where the titles are; anywhere if left out.
            year: Their release year; any if left out.
            type: `movie`, `tv show` or `all`.

        Raises:
            QueryError: If an argument is not among the allowed values.
        """
        key = _key(type, platform, year)
        top = self._top_actors.get(key)
        return TopActor(
            found=top is not None,
            actors=top.actors[: self._max_ties] if top else [],
            appearances=top.appearances if top else None,
            ties=len(top.actors) if top else 0,
            reading=f"The actors in most of the {_in_words(key)}, each title counted once.",
        )


def _key(type_: str, platform: str | None, year: SupportsIndex | None) -> _Key:
    return _Key(
        arguments.choice("type", type_, arguments.TYPE_CHOICES),
        arguments.platform(platform),
        arguments.year(year),
    )


def _in_words(key: _Key) -> str:
    return arguments.in_words(key.type, key.platform, key.year)


def _of_type(by_type: dict[str, int], wanted: str) -> int:
    return sum(by_type.values()) if wanted == ALL else by_type[wanted]


def _keys(entry: LongTitle) -> tuple[_Key, ...]:
    """Give the eight keys a title is found under."""
    return _keys_of(entry.type, entry.platform, entry.release_year)


@lru_cache(maxsize=_MAX_KINDS)
def _keys_of(type_: str, platform: str, year: int) -> tuple[_Key, ...]:
    return tuple(_Key(*chosen) for chosen in product((type_, ALL), (platform, None), (year, None)))


def _index_lengths(
    entries: Iterable[LongTitle], lengths: Iterable[Any], units: Iterable[Any]
) -> dict[tuple[str, _Key], _Longest]:
    """Keep the longest titles of every unit and key, in the order of the entries."""
    longest: dict[tuple[str, _Key], _Longest] = {}
    for entry, length, unit in zip(entries, lengths, units, strict=True):
        if pd.isna(length):
            continue
        for key in _keys(entry):
            best = longest.get((unit, key))
            if best is None or length > best.length:
                longest[unit, key] = _Longest(int(length), [entry])
            elif length == best.length:
                best.titles.append(entry)
    return longest


def _index_scores(
    entries: Iterable[LongTitle], scores: dict[str, float]
) -> dict[_Key, list[float]]:
    """Give the rising scores of every key; a missing score is none."""
    index: dict[_Key, list[float]] = defaultdict(list)
    for entry in entries:
        score = scores.get(entry.id)
        if score is not None and not pd.isna(score):
            for key in _keys(entry):
                index[key].append(float(score))
    return {key: sorted(found) for key, found in index.items()}


def _index_actors(entries: Iterable[LongTitle], casts: Iterable[Any]) -> dict[_Key, _Top]:
    """Keep the actors in most titles of every key, by name."""
    keys_of_names: dict[str, str] = {}
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    appearances: dict[_Key, list[str]] = defaultdict(list)
    for entry, cast in zip(entries, casts, strict=True):
        if pd.isna(cast):
            continue
        names = {name for name in cast.split(", ") if name}
        for name in names:
            if name not in keys_of_names:
                keys_of_names[name] = name_key(name)
            spellings[keys_of_names[name]][name] += 1
        actors = {keys_of_names[name] for name in names}
        for key in _keys(entry):
            appearances[key].extend(actors)
    shown = {actor: _commonest(counts) for actor, counts in spellings.items()}
    return {key: _top(Counter(actors), shown) for key, actors in appearances.items()}


def _commonest(spellings: Counter[str]) -> str:
    most = max(spellings.values())
    return min(spelling for spelling, count in spellings.items() if count == most)


def _top(appearances: Counter[str], shown: dict[str, str]) -> _Top:
    most = max(appearances.values())
    return _Top(most, sorted(shown[a] for a, count in appearances.items() if count == most))
