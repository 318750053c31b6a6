"""The titles of the catalogue as a request shows them, prepared once."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.platforms import Platforms
from cartelera.service.answering.title_info import TitleDetail, TitleInfo, Version
from cartelera.service.answering.title_search import words_of
from cartelera.service.answering.works import Mask, Works
from cartelera.service.problems import Refused

_PLAIN: Final = (c.ID, c.WORK_ID, c.TITLE, c.DISPLAY_TITLE, c.PLATFORM, c.TYPE)
"""The columns that are shown as they are, in the order of `TitleInfo`."""


class TitleShelf:
    """All titles in a fixed order, that of their ids' rows; a request only looks up.

    Attributes:
        infos: What to show of each title; shape (n_titles,).
        positions: Where each id stands among them.
        works: Which of them are one film or series.
    """

    def __init__(
        self, titles: pd.DataFrame, scores: pd.DataFrame, platforms: Platforms | None = None
    ):
        """Prepare the titles.

        Args:
            titles: Clean titles, columns `CLEAN_TITLE_COLUMNS`.
            scores: Columns `SCORE_COLUMNS`; titles that are not in `titles` are left out.
            platforms: The platforms there are; those of the titles if left out.
        """
        self._table = titles
        self.infos = _infos(titles, scores.set_index(c.TITLE_ID))
        self.positions = {info.title_id: place for place, info in enumerate(self.infos)}
        self.works = Works(self.infos, platforms)

    @cached_property
    def by_title(self) -> NDArray[np.int32]:
        """Each title's place in the alphabet of their words, then by id; shape (n_titles,)."""
        keys = [(words_of(info.title), info.title_id) for info in self.infos]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        ranks = np.empty(len(order), dtype=np.int32)
        ranks[order] = np.arange(len(order))
        return ranks

    def find(self, title_id: str) -> TitleInfo | None:
        """Look up a title by its id, in any case."""
        place = self.positions.get(title_id.strip().lower())
        return None if place is None else self.infos[place]

    def get(self, title_id: str) -> TitleInfo:
        """Look up a title that has to be there.

        Raises:
            Refused: If no title has this id.
        """
        info = self.find(title_id)
        if info is None:
            raise no_title(title_id)
        return info

    def get_all(self, title_ids: Iterable[str]) -> dict[str, TitleInfo]:
        """Look up titles that have to be there, by the ids as they were given.

        Raises:
            Refused: If one of them is not there.
        """
        found = {title_id: self.find(title_id) for title_id in title_ids}
        if unknown := [title_id for title_id, info in found.items() if info is None]:
            raise no_title(*unknown)
        return {title_id: info for title_id, info in found.items() if info is not None}

    def detail(self, info: TitleInfo, *, has_model: bool) -> TitleDetail:
        """Return all there is to show of a title."""
        place = self.positions[info.title_id]
        row, versions = self._table.iloc[place], self.versions(info)
        return TitleDetail(
            **vars(info),
            cast=names_of(row[c.DISPLAY_CAST]),
            directors=names_of(row[c.DISPLAY_DIRECTOR]),
            countries=names_of(row[c.COUNTRY]),
            description=_text(row[c.DISPLAY_DESCRIPTION]),
            date_added=_text(row[c.DATE_ADDED]),
            has_model=has_model,
            also_on=[as_version(each) for each in versions if each.title_id != info.title_id],
        )

    def versions(self, info: TitleInfo) -> list[TitleInfo]:
        """Return all versions of a title's work, itself among them."""
        places = self.works.versions(int(self.works.of_titles[self.positions[info.title_id]]))
        return [self.infos[place] for place in places]

    def shown(self, work: int, passing: Mask) -> tuple[TitleInfo, list[Version]]:
        """Choose the version of a work to show.

        Args:
            work: The place of the work.
            passing: Which titles may be shown; shape (n_titles,). One of the versions at least.

        Returns:
            The first that may be shown, by platform, and the others that may.
        """
        places = self.works.versions(work)
        first, *others = places[passing[places]]
        return self.infos[first], [as_version(self.infos[place]) for place in others]

    def rating_of(self, info: TitleInfo, ratings: Mapping[str, float]) -> float | None:
        """Return a user's rating of a title, whatever version of it they rated; None without."""
        given = (ratings.get(version.title_id) for version in self.versions(info))
        return next((stars for stars in given if stars is not None), None)

    def work_id(self, title_id: str) -> str:
        """Return the id of a title's work; one that is not in the catalogue is its own work."""
        place = self.positions.get(title_id)
        return title_id if place is None else self.infos[place].work_id


def no_title(*title_ids: str) -> Refused:
    """Make the refusal of a question about titles that are not there."""
    return Refused(404, f"No title has the id {', '.join(f'`{each}`' for each in title_ids)}.")


def as_version(info: TitleInfo) -> Version:
    """Leave of a title what names it as a version of its work."""
    return Version(info.title_id, info.platform)


def names_of(cell: Any) -> list[str]:
    """Split a cell such as `france, algeria`; an empty one holds no names."""
    return [] if pd.isna(cell) else [name for name in str(cell).split(", ") if name]


def _text(cell: Any) -> str | None:
    return None if pd.isna(cell) else str(cell)


def _infos(titles: pd.DataFrame, scores: pd.DataFrame) -> list[TitleInfo]:
    rated = scores.reindex(titles[c.ID])
    published = titles[c.CERTIFICATE].where(~titles[c.CERTIFICATE_IMPUTED].astype(bool))
    columns = [
        *(titles[name].tolist() for name in _PLAIN),
        titles[c.RELEASE_YEAR].astype(int).tolist(),
        _or_none(titles[c.DURATION_INT]),
        _or_none(titles[c.DURATION_TYPE]),
        _genres(titles[c.LISTED_IN]),
        _or_none(published),
        _or_none(rated[c.SCORE]),
        rated[c.N_RATINGS].fillna(0).astype(int).tolist(),
    ]
    return [TitleInfo(*values) for values in zip(*columns, strict=True)]


def _or_none(column: pd.Series) -> list[Any]:
    """Return the values as Python has them, None where there is none."""
    values = column.tolist()
    for place in np.flatnonzero(column.isna()):
        values[place] = None
    return values


def _genres(listed_in: pd.Series) -> list[list[str]]:
    """Split each cell; titles that are listed alike share one list, which nothing changes."""
    known: dict[Any, list[str]] = {}
    return [known.setdefault(cell, names_of(cell)) for cell in _or_none(listed_in)]
