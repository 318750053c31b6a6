"""The ratings' part of the stage etl: raw files dealt into user ranges, each cleaned by itself.

In memory are a range at a time, and all rows that are not clean.
"""

from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from cartelera import columns as c
from cartelera import schemas
from cartelera.account import Account
from cartelera.accounting import Cleaned, Ledger
from cartelera.config_types import Executor, ExecutorConfig
from cartelera.errors import ConfigError
from cartelera.notes import Notes
from cartelera.processes import MapAll, mapping, n_processors, shown
from cartelera.ratings.clean import clean_ratings
from cartelera.ratings.dealing import Bounds, bounds_of, deal, read_range
from cartelera.ratings.kinds import FileKind, note
from cartelera.ratings.parts import join_csv, join_parquet, write_arrow, write_csv
from cartelera.ratings.rated import KnownTitles
from cartelera.ratings.sampling import sample_users
from cartelera.raw import read_batches
from cartelera.raw_csv import Reading
from cartelera.received import DELETED
from cartelera.sources import feedback

_MB: Final = 1_000_000


@dataclass(frozen=True)
class Rules:
    """What the cleaning of ratings goes by.

    Attributes:
        known_titles: The ids of the clean titles (k).
        show_ids: Their ids without the platform's initial (k).
        rating_min: The lowest rating, in stars.
        rating_max: The highest rating, in stars.
        rating_step: The step of the grid, in stars.
        now: Seconds since 1970.
        received: The files whose ratings the service received.
        doubted: Those of them whose ratings count less than others.
    """

    known_titles: pd.Series
    show_ids: pd.Series
    rating_min: float
    rating_max: float
    rating_step: float
    now: float
    received: Collection[str]
    doubted: Collection[str]


@dataclass(frozen=True)
class CleanRatings:
    """What became of ratings.

    Attributes:
        account: Of every raw row.
        n_users: How many users have clean ratings.
        n_titles: How many titles have some.
    """

    account: Account
    n_users: int
    n_titles: int


@dataclass(frozen=True)
class _Range:
    """What became of a user range: `gone` is what its users deleted."""

    account: Account
    gone: Account
    n_users: int
    titles: frozenset[str]


def clean_by_range(
    files: Mapping[str, Path],
    rules: Rules,
    reading: Reading,
    executor: ExecutorConfig,
    folder: Path,
    drafts: Path,
) -> CleanRatings:
    """Clean the ratings of all files, and write the clean ones.

    Args:
        files: The raw files by their names, in their order.
        rules: What the cleaning goes by.
        reading: How raw files are read; takes notes.
        executor: Who does it, and how much at a time.
        folder: Where `ratings.csv`, `ratings.parquet` and `received_ratings.parquet` go.
        drafts: An empty folder for what is written on the way.

    Raises:
        InputError: If a file breaks its contract as a whole.
        ConfigError: If Dask is set and not installed.
        CarteleraError: If who does it cannot be reached, or lacks memory.
    """
    range_bytes = max(1, int(executor.range_mb * _MB))
    sample, n_bytes = sample_users(files, reading, range_bytes)
    bounds = bounds_of(sample, -(-n_bytes // range_bytes))
    n_ranges = len(bounds) + 1
    dealt = {name: drafts / f"dealt-{number}" for number, name in enumerate(files)}

    with _map_all(executor, n_ranges) as map_all:
        titles = KnownTitles.of(rules.known_titles, rules.show_ids)
        deal_one = partial(_deal, reading, titles, bounds, range_bytes // 2 + 1)
        found = map_all(deal_one, files, files.values(), dealt.values())
        kinds: dict[str, FileKind] = {}
        for name, (kind, said) in zip(
            files, shown(found, len(files), "reading ratings"), strict=True
        ):
            kinds[name] = kind
            for each in said:
                reading.notes.add(name, each)
        note(kinds, reading.notes)

        clean_one = partial(_clean, rules, kinds, dealt, n_ranges, drafts)
        cleaned = map_all(clean_one, range(n_ranges))
        ranges = list(shown(cleaned, n_ranges, "cleaning ratings"))

    numbers = range(n_ranges)
    join_csv([drafts / f"csv-{number}" for number in numbers], folder / "ratings.csv")
    join_parquet([drafts / f"clean-{number}" for number in numbers], folder / "ratings.parquet")
    received = folder / "received_ratings.parquet"
    join_parquet([drafts / f"received-{number}" for number in numbers], received)
    accounts = ([each.account for each in ranges], [each.gone for each in ranges])
    return CleanRatings(
        Account.join([Account.join(each).in_order_of(list(files)) for each in accounts]),
        sum(each.n_users for each in ranges),
        len(frozenset[str]().union(*(each.titles for each in ranges))),
    )


@contextmanager
def _map_all(executor: ExecutorConfig, n_ranges: int) -> Generator[MapAll]:
    """Yield what does tasks: on few ratings this process does them sooner than others start."""
    if executor.name is Executor.dask:
        try:
            from cartelera.cluster import cluster_mapping
        except ImportError as error:
            raise ConfigError(
                f"executor=dask needs Dask ({error}): pip install 'cartelera[cluster]'."
            ) from error
        with cluster_mapping(executor.address, executor.n_workers) as map_all:
            yield map_all
        return
    with mapping(min(n_ranges, executor.n_workers or n_processors())) as map_all:
        yield map_all


def _deal(
    reading: Reading,
    titles: KnownTitles,
    bounds: Bounds,
    block_bytes: int,
    name: str,
    path: Path,
    dealt: Path,
) -> tuple[FileKind, list[str]]:
    """Deal a file; return its kind and what is to be noted of it. A task of its own."""
    notes, kind = Notes(are_told=False), FileKind()

    def batches() -> Generator[pd.DataFrame]:
        nonlocal kind
        own = Reading(reading.dialect, reading.names, notes)
        for batch in read_batches(
            path, c.RAW_RATING_COLUMNS, own, name=name, block_bytes=block_bytes
        ):
            is_deletion = feedback.is_received(name) & (batch[c.RAW_RATING] == DELETED)
            kind = kind.with_rows(batch[~is_deletion], titles)
            yield batch

    deal(batches(), bounds, dealt)
    return kind, notes.by_file.get(name, [])


def _clean(
    rules: Rules,
    kinds: Mapping[str, FileKind],
    dealt: Mapping[str, Path],
    n_ranges: int,
    drafts: Path,
    number: int,
) -> _Range:
    """Clean a range and write what is clean of it. A task of its own."""
    raw = read_range(dealt, number, n_ranges)
    schemas.validate(raw, schemas.RAW_RATINGS, f"{c.RATINGS_FOLDER}/*.csv")
    is_deletion, is_deleted = feedback.deletions(raw)
    gone = is_deletion | is_deleted
    ledger = Ledger(raw[gone].reset_index(drop=True))
    ledger.drop(is_deletion[gone], "deletes what was received of a user before")
    ledger.drop(is_deleted[gone], "deleted by its user")

    kept = raw[~gone].reset_index(drop=True) if gone.any() else raw
    clean: Callable[..., Cleaned] = partial(
        clean_ratings,
        known_titles=rules.known_titles,
        show_ids=rules.show_ids,
        rating_min=rules.rating_min,
        rating_max=rules.rating_max,
        rating_step=rules.rating_step,
        now=rules.now,
        kinds=kinds,
    )
    ratings = clean(kept, received=rules.doubted)
    is_received = kept[c.SOURCE_FILE].isin(rules.received)
    received = ratings.clean.iloc[:0]
    if is_received.any():
        received = clean(kept[is_received].reset_index(drop=True)).clean
    model = schemas.clean_ratings(rules.rating_min, rules.rating_max)
    schemas.validate(ratings.clean, model, "ratings.csv")

    write_csv(ratings.clean, drafts / f"csv-{number}")
    write_arrow(ratings.clean, drafts / f"clean-{number}")
    write_arrow(received[list(c.CLEAN_RATING_COLUMNS)], drafts / f"received-{number}")
    return _Range(
        Account.join([ratings]),
        Account.join([ledger.close(ratings.clean.iloc[:0])]),
        int(ratings.clean[c.USER_ID].nunique()),
        frozenset(ratings.clean[c.TITLE_ID].unique()),
    )
