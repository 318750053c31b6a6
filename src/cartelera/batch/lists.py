"""The lists of all users, by the service's own code: what is listed here is what it answers.

A list is made for one user at a time, as the service makes it. What makes it fast is processes,
each with some of the users.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.catalogue.arguments import QueryError
from cartelera.catalogue.fingerprint import is_of_other_data
from cartelera.errors import ConfigError, InputError
from cartelera.models.model import Model
from cartelera.platforms import Platforms
from cartelera.processes import mapping, n_processors, shown
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import RankedTitle
from cartelera.service.answering.lists import Lists, Wish
from cartelera.service.answering.profiles import KnownRatings
from cartelera.service.answering.rating_view import RatingView
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.title_filter import TitleFilter
from cartelera.service.answering.title_info import platforms_of
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.problems import Refused

SCHEMA: Final = pa.schema(
    [
        pa.field(c.USER_ID, pa.int64(), nullable=False),
        pa.field(c.POSITION, pa.int32(), nullable=False),
        pa.field(c.TITLE_ID, pa.string(), nullable=False),
        pa.field(c.WORK_ID, pa.string(), nullable=False),
        pa.field(c.PLATFORMS, pa.string(), nullable=False),
        pa.field(c.SCORE, pa.float64(), nullable=False),
        pa.field(c.STARS, pa.float64()),
        pa.field(c.ORIGIN, pa.string(), nullable=False),
        *(pa.field(name, pa.string()) for name in c.REASONS),
    ]
)
"""One row a (user, title), each user's best title first."""

Users: TypeAlias = NDArray[np.int64]
Table: TypeAlias = Any
"""A `pyarrow.Table` with the columns of `SCHEMA`; pyarrow has no types."""

_USERS_AT_ONCE: Final = 200
_WORTH_A_PROCESS: Final = 5_000
"""A process takes seconds to start: for fewer users one alone is faster."""


@dataclass(frozen=True)
class Material:
    """What lists are made of, by where it is, so that each process reads it itself.

    Attributes:
        model: The folder of both models.
        titles: Clean titles, as Parquet.
        seen: What users have rated (`SeenTitles.write`).
        platforms: The platforms there are.
    """

    model: Path
    titles: Path
    seen: Path
    platforms: Platforms


@dataclass(frozen=True)
class Order:
    """What every list is to be.

    Attributes:
        k: Its length; shorter only where fewer titles are left.
        filters: What it may hold.
        diversity: How much titles like those before them count for less, 0 to 1.
    """

    k: int
    filters: Filters
    diversity: float


class Maker:
    """Makes the lists of users from what is known of them."""

    def __init__(self, material: Material):
        """Read the material.

        Raises:
            InputError: If a file is damaged, or the model was fitted on other data.
        """
        titles, model = pd.read_parquet(material.titles), Model.load(material.model)
        if is_of_other_data(model.rating.card, titles):
            raise InputError(
                f"{material.model} was fitted on other data than {material.titles}: run the "
                "stages between them, `cartelera repro` does."
            )
        shelf = TitleShelf(titles, pd.DataFrame(columns=list(c.SCORE_COLUMNS)), material.platforms)
        self._filter = TitleFilter(shelf.infos, platforms=material.platforms)
        self._lists = Lists(model.ranking, RatingView(model.rating, shelf), shelf)
        seen = SeenTitles.read(material.seen)
        self._ratings = KnownRatings(seen, None, shelf)
        self.user_ids: Users = seen.user_ids

    def resolve(self, filters: Filters) -> Filters:
        """Put words into the spelling of the catalogue.

        Raises:
            ConfigError: If a platform, type or age label is unknown; names the setting.
        """
        try:
            return self._filter.resolve(filters)
        except QueryError as error:
            raise ConfigError(f"recommend.{error}") from None
        except Refused as refusal:
            allowed = ", ".join(refusal.problem.allowed or [])
            said = str(refusal).replace("`", "")
            raise ConfigError(f"recommend.{said} Allowed are {allowed}.") from None

    def lists(self, user_ids: Users, order: Order) -> Table:
        """Make the lists of some users."""
        wish = Wish(order.k, self._filter.mask(order.filters), order.diversity, with_seen=False)
        rows = [
            _row(user_id, line)
            for user_id in user_ids.tolist()
            for line in self._lists.best(user_id, self._ratings.of(user_id), wish)
        ]
        columns = zip(*rows, strict=True) if rows else [() for _ in SCHEMA]
        arrays = [pa.array(column, each.type) for column, each in zip(columns, SCHEMA, strict=True)]
        return pa.table(arrays, schema=SCHEMA)


def write_lists(material: Material, order: Order, users_per_file: int, folder: Path) -> int:
    """Write the list of every user who has rated something, in files by user range.

    The bytes do not depend on the number of processes. Memory is needed for the material, once a
    process, and for one file.

    Args:
        material: What lists are made of.
        order: What they are to be.
        users_per_file: How many users a file holds.
        folder: The folder to make; `users-1-9876.parquet` has the users with these ids and those
            between them.

    Returns:
        The number of users.

    Raises:
        ConfigError: If a filter is wrong.
        InputError: If the material is.
    """
    maker = _maker(material)
    resolved = Order(order.k, maker.resolve(order.filters), order.diversity)
    blocks = [
        (f"users-{users[0]}-{users[-1]}.parquet", block)
        for users in _runs(maker.user_ids, users_per_file)
        for block in _runs(users, _USERS_AT_ONCE)
    ]

    folder.mkdir()
    n_processes = min(n_processors(), 1 + len(maker.user_ids) // _WORTH_A_PROCESS)
    with mapping(n_processes) as map_all:
        tables = map_all(partial(_make, material, resolved), [block for _, block in blocks])
        named = zip(
            (name for name, _ in blocks), shown(tables, len(blocks), "listing titles"), strict=True
        )
        for name, parts in groupby(named, key=itemgetter(0)):
            whole = pa.concat_tables([table for _, table in parts])
            pq.write_table(whole.combine_chunks(), folder / name)
    return len(maker.user_ids)


@lru_cache(maxsize=1)
def _maker(material: Material) -> Maker:
    """Read the material once a process: its files must not change while lists are made."""
    return Maker(material)


def _make(material: Material, order: Order, user_ids: Users) -> Table:
    return _maker(material).lists(user_ids, order)


def _runs(user_ids: Users, size: int) -> Iterator[Users]:
    return (user_ids[start : start + size] for start in range(0, len(user_ids), size))


def _row(user_id: int, line: RankedTitle) -> tuple[Any, ...]:
    reasons = [because.title.title_id for because in line.because]
    return (
        user_id,
        line.rank,
        line.title.title_id,
        line.title.work_id,
        ", ".join(platforms_of(line.title, line.also_on)),
        line.score,
        line.stars,
        line.origin,
        *reasons,
        *[None] * (len(c.REASONS) - len(reasons)),
    )
