"""The four questions the catalogue answers, from indexes that are built once."""

from bisect import bisect_right
from collections import Counter
from typing import Final, SupportsFloat, SupportsIndex

import pandas as pd

from cartelera import columns as c
from cartelera.catalogue import arguments
from cartelera.catalogue.answers import LongTitle, MaxDuration, PlatformCount, ScoreCount, TopActor
from cartelera.catalogue.arguments import ALL, YEARS, QueryError, Years
from cartelera.catalogue.indexes import Key, index_actors, index_lengths, index_scores
from cartelera.platforms import Platforms

__all__ = ["CatalogueQueries", "QueryError"]

_MAX_TIES: Final = 50


class CatalogueQueries:
    """Answers questions about the catalogue without looking through it.

    Words are taken in any case and with any white space around them. A question that cannot be
    answered as put raises `QueryError`; one that nothing matches is answered with `found` false.
    """

    def __init__(
        self,
        titles: pd.DataFrame,
        scores: pd.DataFrame,
        *,
        max_ties: int = _MAX_TIES,
        years: Years = YEARS,
        platforms: Platforms | None = None,
    ) -> None:
        """Build the indexes; takes about half a second for 23,000 titles.

        Args:
            titles: Clean titles, `columns.CLEAN_TITLE_COLUMNS`.
            scores: Mean rating of rated titles: `title_id`, `score`. Titles that are not in
                `titles` are left out; titles without a score are not counted.
            max_ties: How many equally good titles or actors an answer lists.
            years: The first and the last release year that may be asked for.
            platforms: The platforms there are; those of the titles if left out.
        """
        ordered = titles.sort_values([c.TITLE, c.ID])
        entries = [
            LongTitle(*values)
            for values in zip(
                *(ordered[name].tolist() for name in LongTitle.__dataclass_fields__), strict=True
            )
        ]
        self._max_ties = max_ties
        self._years = years
        self._platforms = platforms or Platforms.named(titles[c.PLATFORM])

        # Every question is a look-up: all answers are counted here, once.
        self._longest = index_lengths(
            entries, ordered[c.DURATION_INT].tolist(), ordered[c.DURATION_TYPE].tolist()
        )
        self._counts = Counter(Key(entry.type, entry.platform, None) for entry in entries)
        self._scores = index_scores(
            entries, dict(zip(scores[c.TITLE_ID], scores[c.SCORE], strict=True))
        )
        self._top_actors = index_actors(
            entries, ordered[c.CAST].tolist(), ordered[c.WORK_ID].tolist()
        )

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
        key = self._key(type, platform, year)
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
        key = self._key(type, platform, year)

        # Scores are sorted, so that those above are counted by bisection.
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
        key = self._key(type, platform, None)
        wanted = self._platforms.names if key.platform is None else (key.platform,)
        counts = {
            name: {kind: self._counts[Key(kind, name, None)] for kind in c.TYPES} for name in wanted
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

        Without a platform works are counted: a film that stands on two platforms counts once, and
        who is in the cast on either plays in it. Names that differ only in case, accents or spacing
        are one actor, shown in the spelling most titles use.

        Args:
            platform: Where the titles are; anywhere if left out.
            year: Their release year; any if left out.
            type: `movie`, `tv show` or `all`.

        Raises:
            QueryError: If an argument is not among the allowed values.
        """
        key = self._key(type, platform, year)
        top = self._top_actors.get(key)
        counted = "each title counted once"
        if key.platform is None:
            counted = "each film or series counted once, whatever platforms it is on"

        return TopActor(
            found=top is not None,
            actors=top.actors[: self._max_ties] if top else [],
            appearances=top.appearances if top else None,
            ties=len(top.actors) if top else 0,
            reading=f"The actors in most of the {_in_words(key)}, {counted}.",
        )

    def _key(self, type_: str, platform: str | None, year: SupportsIndex | None) -> Key:
        return Key(
            arguments.choice("type", type_, arguments.TYPE_CHOICES),
            None if platform is None else arguments.platform(platform, self._platforms),
            arguments.year(year, self._years),
        )


def _in_words(key: Key) -> str:
    return arguments.in_words(key.type, key.platform, key.year)


def _of_type(by_type: dict[str, int], wanted: str) -> int:
    return sum(by_type.values()) if wanted == ALL else by_type[wanted]
