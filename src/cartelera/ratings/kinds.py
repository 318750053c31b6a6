"""What kind of times and of title ids a file of ratings has: decided by all of its rows.

A file can be read a part at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.notes import Notes
from cartelera.ratings.moments import UNITS, read_moments, units_of
from cartelera.ratings.rated import KnownTitles


@dataclass(frozen=True)
class FileKind:
    """What is known of a file, or of its beginning.

    Attributes:
        units: What its timestamps may be divided by to be seconds; see `moments.units_of`.
        date: The first timestamp that is a date.
        has_title_ids: Whether it has an id of a title at all.
        show_id: The first movieId that is a `show_id` of one platform, and the title's id.
    """

    units: frozenset[int] = frozenset()
    date: str | None = None
    has_title_ids: bool = False
    show_id: tuple[str, str] | None = None

    def with_rows(self, rows: pd.DataFrame, titles: KnownTitles) -> "FileKind":
        """Return what is known after the next raw ratings: `timestamp` and `movieId` as text."""
        times, ids = rows[c.RAW_TIMESTAMP], rows[c.RAW_TITLE_ID]
        moments = read_moments(times)
        dates = times[moments.are_dates]
        date = self.date or (None if dates.empty else str(dates.iloc[0]))

        has_title_ids = self.has_title_ids or bool((titles.by_id(ids) >= 0).any())
        show_id = self.show_id
        if not has_title_ids and show_id is None:
            places = titles.by_show_id(ids)
            for at in np.flatnonzero(places >= 0)[:1]:
                show_id = str(ids.iloc[at]), str(titles.ids[places[at]])
        return FileKind(self.units | units_of(moments), date, has_title_ids, show_id)

    @property
    def divisor(self) -> int:
        """What its timestamps are divided by: they are seconds, or all of one smaller unit."""
        return next(iter(self.units)) if len(self.units) == 1 else 1

    @property
    def has_show_ids(self) -> bool:
        """Whether its movieIds are looked for without the platform's initial."""
        return not self.has_title_ids


def kinds_of(raw: pd.DataFrame, titles: KnownTitles) -> dict[str, FileKind]:
    """Return the kind of each file of raw ratings (n), which name their `source_file`."""
    by_file = raw.groupby(c.SOURCE_FILE, observed=True, sort=False)
    return {str(name): FileKind().with_rows(rows, titles) for name, rows in by_file}


def note(kinds: Mapping[str, FileKind], notes: Notes) -> None:
    """Note what is read otherwise than the format says."""
    for name, kind in kinds.items():
        if kind.date is not None:
            notes.add(
                name,
                f"has dates as timestamp, such as {kind.date!r}; without a zone they are read as "
                "UTC.",
            )
    for unit, divisor in UNITS.items():
        for name, kind in kinds.items():
            if kind.divisor == divisor:
                notes.add(name, f"has timestamps in {unit}; they are read as such.")
    for name, kind in kinds.items():
        if kind.has_show_ids and kind.show_id is not None:
            notes.add(
                name,
                "has show_ids as movieId, such as {!r}; they are read with the initial of the only "
                "platform that has them: {}.".format(*kind.show_id),
            )
