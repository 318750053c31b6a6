"""The titles of the catalogue as a request shows them, prepared once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.service.answering.title_info import TitleDetail, TitleInfo
from cartelera.service.answering.title_search import words_of
from cartelera.service.problems import Refused


class TitleShelf:
    """All titles in a fixed order, that of their ids' rows; a request only looks up.

    Attributes:
        infos: What to show of each title; shape (n_titles,).
        positions: Where each id stands among them.
    """

    def __init__(self, titles: pd.DataFrame, scores: pd.DataFrame):
        """Prepare the titles.

        Args:
            titles: Clean titles, columns `CLEAN_TITLE_COLUMNS`.
            scores: Columns `SCORE_COLUMNS`; titles that are not in `titles` are left out.
        """
        self._table = titles
        self.infos = _infos(titles, scores.set_index(c.TITLE_ID))
        self.positions = {info.title_id: place for place, info in enumerate(self.infos)}

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

    def detail(self, info: TitleInfo, *, has_model: bool) -> TitleDetail:
        """Give all there is to show of a title."""
        row = self._table.iloc[self.positions[info.title_id]]
        return TitleDetail(
            **vars(info),
            cast=names_of(row[c.CAST]),
            directors=names_of(row[c.DIRECTOR]),
            countries=names_of(row[c.COUNTRY]),
            description=_text(row[c.DESCRIPTION]),
            date_added=_text(row[c.DATE_ADDED]),
            has_model=has_model,
        )

    def places_of(self, title_ids: Sequence[Any] | NDArray[Any]) -> NDArray[np.int32]:
        """Give the place of each title, -1 where there is none; shape (n,)."""
        return np.array([self.positions.get(title_id, -1) for title_id in title_ids], np.int32)


def no_title(*title_ids: str) -> Refused:
    """Make the refusal of a question about titles that are not there."""
    return Refused(404, f"No title has the id {', '.join(f'`{each}`' for each in title_ids)}.")


def names_of(cell: Any) -> list[str]:
    """Split a cell such as `france, algeria`; an empty one holds no names."""
    return [] if pd.isna(cell) else [name for name in str(cell).split(", ") if name]


def _text(cell: Any) -> str | None:
    return None if pd.isna(cell) else str(cell)


def _infos(titles: pd.DataFrame, scores: pd.DataFrame) -> list[TitleInfo]:
    rated = scores.reindex(titles[c.ID])
    published = titles[c.CERTIFICATE].where(~titles[c.CERTIFICATE_IMPUTED].astype(bool))
    columns = [
        *(titles[name].tolist() for name in (c.ID, c.TITLE, c.DISPLAY_TITLE, c.PLATFORM, c.TYPE)),
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
    """Give the values as Python has them, None where there is none."""
    values = column.tolist()
    for place in np.flatnonzero(column.isna()):
        values[place] = None
    return values


def _genres(listed_in: pd.Series) -> list[list[str]]:
    """Split each cell; titles that are listed alike share one list, which nothing changes."""
    known: dict[Any, list[str]] = {}
    return [known.setdefault(cell, names_of(cell)) for cell in _or_none(listed_in)]
