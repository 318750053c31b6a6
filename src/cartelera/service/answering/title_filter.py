"""Narrowing a list of titles: which may be in it, as one boolean a title."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.catalogue.arguments import (
    ALL,
    TYPE_CHOICES,
    YEARS,
    Years,
    choice,
    platform,
    years_in_words,
)
from cartelera.platforms import Platforms
from cartelera.service.answering.filters import Facets, Filters
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.answering.works import Mask
from cartelera.service.problems import Refused

_NO_MINUTES = -1


class TitleFilter:
    """Answers for all titles at once which of them pass; built once.

    Args:
        titles: All titles.
        years: The first and the last release year that may be asked for.
        platforms: The platforms there are; those of the titles if left out.

    Attributes:
        facets: What can be chosen from.
    """

    def __init__(
        self,
        titles: Sequence[TitleInfo],
        years: Years = YEARS,
        platforms: Platforms | None = None,
    ):
        self._believed = years
        self._table = platforms or Platforms.named(title.platform for title in titles)
        self._platforms = _masks([title.platform] for title in titles)
        self._types = _masks([title.type] for title in titles)
        self._genres = _masks(title.genres for title in titles)
        self._certificates = _masks(
            [] if title.certificate is None else [title.certificate] for title in titles
        )
        self._work_of = {title.title_id: title.work_id for title in titles}
        self._versions: dict[str, list[int]] = {}
        for place, title in enumerate(titles):
            self._versions.setdefault(title.work_id, []).append(place)
        self._years = np.array([title.year for title in titles], dtype=np.int32)
        self._minutes = np.array([_minutes(title) for title in titles], dtype=np.int32)
        self.facets = self._count_facets()

    def resolve(self, filters: Filters) -> Filters:
        """Put words into the spelling of the catalogue.

        Raises:
            QueryError: If a platform or the type is unknown.
            Refused: If a genre or certificate is unknown, a year is not believed, or a range ends
                before it starts.
        """
        resolved = replace(
            filters,
            platforms=tuple(
                dict.fromkeys(
                    platform(word, self._table, "platforms") for word in filters.platforms
                )
            ),
            type=choice("type", filters.type, TYPE_CHOICES),
            genre=None
            if filters.genre is None
            else _known("genre", filters.genre, self.facets.genres),
            certificates=tuple(
                dict.fromkeys(
                    _known("certificates", name, self.facets.certificates)
                    for name in filters.certificates
                )
            ),
        )
        self._refuse_strange_year("year_from", filters.year_from)
        self._refuse_strange_year("year_to", filters.year_to)
        _refuse_reversed("year_from", filters.year_from, "year_to", filters.year_to)
        _refuse_reversed("min_minutes", filters.min_minutes, "max_minutes", filters.max_minutes)
        return resolved

    def mask(self, filters: Filters) -> Mask:
        """Tell which titles pass filters that `resolve` gave; shape (n_titles,).

        `seen` depends on the user and is not looked at.
        """
        passes = np.ones(len(self._years), dtype=np.bool_)
        if filters.platforms:
            passes &= self._any_of(self._platforms, filters.platforms)
        if filters.type != ALL:
            passes &= self._any_of(self._types, [filters.type])
        if filters.genre is not None:
            passes &= self._any_of(self._genres, [filters.genre])
        if filters.certificates:
            passes &= self._any_of(self._certificates, filters.certificates)
        for title_id in filters.without:
            passes[self._versions.get(self._work_of.get(title_id, ""), [])] = False
        if filters.year_from is not None:
            passes &= self._years >= filters.year_from
        if filters.year_to is not None:
            passes &= self._years <= filters.year_to
        if filters.min_minutes is not None:
            passes &= self._minutes >= max(0, filters.min_minutes)
        if filters.max_minutes is not None:
            passes &= (self._minutes <= filters.max_minutes) & (self._minutes != _NO_MINUTES)
        return passes

    def _refuse_strange_year(self, name: str, year: int | None) -> None:
        first, last = self._believed
        if year is not None and not first <= year <= last:
            allowed = years_in_words(self._believed)
            raise Refused(422, f"`{name}`={year} is out of range.", [allowed])

    def _any_of(self, masks: dict[str, Mask], wanted: Iterable[str]) -> Mask:
        found = np.zeros(len(self._years), dtype=np.bool_)
        for name in wanted:
            if name in masks:
                found |= masks[name]
        return found

    def _count_facets(self) -> Facets:
        timed = self._minutes[self._minutes != _NO_MINUTES]
        return Facets(
            platforms=list(self._table.names),
            types=list(c.TYPES),
            genres=sorted(self._genres),
            certificates=sorted(self._certificates),
            year_from=_least(self._years),
            year_to=_greatest(self._years),
            min_minutes=_least(timed),
            max_minutes=_greatest(timed),
            n_titles=len(self._years),
        )


def _masks(values: Iterable[Iterable[str]]) -> dict[str, Mask]:
    """Return for each value which titles have it."""
    places: dict[str, list[int]] = {}
    n_titles = 0
    for place, names in enumerate(values):
        n_titles += 1
        for name in names:
            places.setdefault(name, []).append(place)
    masks = {name: np.zeros(n_titles, dtype=np.bool_) for name in places}
    for name, mask in masks.items():
        mask[places[name]] = True
    return masks


def _minutes(title: TitleInfo) -> int:
    is_timed = title.duration is not None and title.duration_type == c.MINUTES
    return title.duration if is_timed and title.duration is not None else _NO_MINUTES


def _least(numbers: NDArray[Any]) -> int | None:
    return int(numbers.min()) if len(numbers) else None


def _greatest(numbers: NDArray[Any]) -> int | None:
    return int(numbers.max()) if len(numbers) else None


def _known(name: str, value: str, allowed: Sequence[str]) -> str:
    word = " ".join(value.lower().split())
    if word not in allowed:
        raise Refused(422, f"`{name}`={value[:40]!r} is in no title.", allowed)
    return word


def _refuse_reversed(first: str, low: int | None, last: str, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        raise Refused(
            422, f"`{first}`={low} is above `{last}`={high}.", [f"`{first}` up to `{last}`"]
        )
