"""Works among the titles of a catalogue: one film or series with all its versions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cartelera.platforms import Platforms
from cartelera.service.answering.title_info import TitleInfo

Mask = NDArray[np.bool_]

UNKNOWN: Final = -1


class Works:
    """The works of titles, each with its versions in the order of the platforms.

    Attributes:
        of_titles: The place of each title's work among the works; shape (n_titles,).
        ids: The id that stands for each work; shape (n_works,).
    """

    def __init__(self, titles: Sequence[TitleInfo], platforms: Platforms | None = None):
        table = platforms or Platforms.named(title.platform for title in titles)
        ranks = {platform: rank for rank, platform in enumerate(table.names)}
        places: dict[str, int] = {}
        self.of_titles = np.array(
            [places.setdefault(title.work_id, len(places)) for title in titles], dtype=np.int32
        )
        self.ids = list(places)
        ordered = sorted(range(len(titles)), key=lambda place: _rank(titles[place], ranks))
        by_work = np.argsort(self.of_titles[ordered], kind="stable")
        self._versions = np.array(ordered, dtype=np.int32)[by_work]
        counts = np.bincount(self.of_titles, minlength=len(places))
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def versions(self, work: int) -> NDArray[np.int32]:
        """Return the places of a work's titles: by platform, then by number; shape (n,)."""
        return self._versions[self._starts[work] : self._starts[work + 1]]

    def passing(self, titles: Mask) -> Mask:
        """Tell which works have a version that passes.

        Args:
            titles: Which titles pass; shape (n_titles,).

        Returns:
            Shape (n_works,).
        """
        if titles.all():
            return np.ones(len(self.ids), dtype=np.bool_)
        return np.logical_or.reduceat(titles[self._versions], self._starts[:-1])


class Alignment:
    """A model's titles beside the catalogue's works.

    A model knows a work by one id. If the catalogue has changed since it was fitted, several of its
    titles may be one work: then the one called like the work stands for it, or else the first.
    """

    def __init__(self, title_ids: NDArray[Any], titles: Sequence[TitleInfo], works: Works):
        """Look up each title of a model.

        Args:
            title_ids: The model's titles; shape (n_known,).
            titles: The catalogue; shape (n_titles,).
            works: Its works.
        """
        self.title_ids = title_ids
        work_of = {
            title.title_id: work for title, work in zip(titles, works.of_titles, strict=True)
        }
        found = np.array([work_of.get(each, UNKNOWN) for each in title_ids], dtype=np.int64)

        # Later assignments count: from the last to the first, then those called like their work.
        codes = np.full(len(works.ids), UNKNOWN, dtype=np.int64)
        known = np.flatnonzero(found != UNKNOWN)
        codes[found[known[::-1]]] = known[::-1]
        exact = [code for code in known if title_ids[code] == works.ids[found[code]]]
        codes[found[exact]] = exact

        self._works = np.full(len(title_ids), UNKNOWN, dtype=np.int64)
        stands = np.flatnonzero(codes != UNKNOWN)
        self._works[codes[stands]] = stands
        self._is_in_catalogue = self._works != UNKNOWN
        # What left the catalogue still tells of the people who rated it.
        self._codes = {str(title_ids[code]): int(code) for code in np.flatnonzero(found == UNKNOWN)}
        self._codes |= {
            title_id: int(codes[work])
            for title_id, work in work_of.items()
            if codes[work] != UNKNOWN
        }

    @property
    def n_in_catalogue(self) -> int:
        """How many works of the catalogue the model knows."""
        return int(np.count_nonzero(self._is_in_catalogue))

    def code(self, title_id: str) -> int | None:
        """Return the model's position for a title's work; None where it knows no version of it."""
        return self._codes.get(title_id)

    def model_id(self, title_id: str) -> str | None:
        """Return the id the model has for a title's work."""
        code = self._codes.get(title_id)
        return None if code is None else str(self.title_ids[code])

    def work(self, model_id: str) -> int:
        """Return the place of the work of one of the model's titles."""
        return int(self._works[self._codes[model_id]])

    def allowed(self, works: Mask) -> Mask:
        """Put a mask over works, shape (n_works,), in the order of the model's titles."""
        return works[self._works] & self._is_in_catalogue


def _rank(title: TitleInfo, ranks: Mapping[str, int]) -> tuple[int, int, str]:
    """Return by what versions of a work are ordered; numbers of any length as text."""
    digits = (re.findall("[0-9]+", title.title_id) or [""])[-1].lstrip("0")
    return ranks[title.platform], len(digits), digits
