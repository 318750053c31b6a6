"""Stage etl: raw catalogues and ratings in, clean ones out, every raw row accounted for."""

import csv
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from cartelera import columns as c
from cartelera import schemas
from cartelera.account import Account
from cartelera.accounting import Cleaned
from cartelera.catalogue.clean import HINTS, RULE_HINTS, clean_catalogue
from cartelera.catalogue.quirks import describe
from cartelera.catalogue.works import WorkCounts, work_ids
from cartelera.config_types import Config, EtlConfig
from cartelera.dialect import Dialect
from cartelera.errors import InputError
from cartelera.files import all_or_nothing, sha256, write_json
from cartelera.notes import Notes
from cartelera.nulled import Why, count_nulled, warn_of_unreadable
from cartelera.paths import Paths
from cartelera.platforms import Platforms
from cartelera.ratings.clean import HINTS as HINTS_OF_RATINGS
from cartelera.raw import read_catalogues
from cartelera.raw_csv import Reading
from cartelera.raw_files import find_raw_files
from cartelera.sources import feedback
from cartelera.stages.etl_ratings import CleanRatings, Rules, clean_by_range

_EARLIEST_NOW = 1_790_000_000  # in 2026, when this was written: an earlier clock is wrong

_log = logging.getLogger(__name__)


def run(config: Config, paths: Paths) -> None:
    """Clean the raw files; write clean, dropped and rejected rows and the account of them.

    Raises:
        InputError: If a raw file breaks its contract as a whole or changes while it is read, or if
            more rows are rejected than `etl.max_rejected` allows. Nothing is written then.
    """
    table = config.catalogue.table()
    files = find_raw_files(paths.raw, table)
    digests, received = _digests(files.by_name), feedback.positions(files.by_name)
    reading = _reading(config.etl)
    titles, platforms = _titles(read_catalogues(files, reading), table, config.etl, reading.notes)
    with all_or_nothing(paths.clean, paths.reports / "etl.json") as (folder, report_file):
        folder.mkdir()
        ratings = _ratings(files.named_ratings, titles.clean, table, config, reading, folder)
        _refuse_changed(digests, files.by_name)
        report = {
            "titles": {
                **titles.account(),
                "unreadable_cells": count_nulled(titles.nulled, Why.unreadable),
                "null_words": count_nulled(titles.nulled, Why.null_word),
                "platforms": platforms,
            },
            "works": {"pool_works": config.etl.pool_works, **asdict(WorkCounts.of(titles.clean))},
            "ratings": {
                **ratings.account.account(),
                "users": ratings.n_users,
                "rated_titles": ratings.n_titles,
            },
            "read_as": reading.notes.by_file,
            "raw_files": digests,
            "received": [asdict(each) for each in received],
        }
        _write_titles(titles, folder)
        _write_rest(ratings.account, folder, "ratings")
        write_json(report_file, report)

    for name, account in (("titles", titles), ("ratings", ratings.account)):
        _log.info("%s: %s", name, account.total)


def _reading(config: EtlConfig) -> Reading:
    names = {column: name for column, name in config.columns.items() if name is not None}
    return Reading(Dialect(config.separator, config.encoding), names)


def _titles(
    catalogues: Mapping[str, pd.DataFrame], table: Platforms, config: EtlConfig, notes: Notes
) -> tuple[Cleaned, dict[str, Any]]:
    """Clean and describe the titles of every platform, and say which are one work."""
    parts: list[Cleaned] = []
    platforms: dict[str, Any] = {}
    for platform, raw in catalogues.items():
        schemas.validate(raw, schemas.RAW_TITLES, str(raw[c.SOURCE_FILE].iloc[0]))
        part = clean_catalogue(
            raw,
            platform,
            initial=table[platform].initial,
            repair_durations=config.repair_durations,
            null_words=config.null_words,
            earliest_year=config.earliest_year,
            latest_year=config.latest_year,
            id_pattern=config.id_pattern,
            notes=notes,
        )
        parts.append(part)
        platforms[platform] = describe(raw, part.clean)

    titles = Cleaned.union(parts)
    titles.require_few_rejected("titles", config.max_rejected, hints=RULE_HINTS)
    warn_of_unreadable(titles.nulled, HINTS)
    if config.pool_works:
        pooled = titles.clean.assign(**{c.WORK_ID: work_ids(titles.clean, table)})
        titles = replace(titles, clean=pooled)
    schemas.validate(titles.clean, schemas.clean_titles(table), "titles.csv")

    return titles, platforms


def _ratings(
    files: Mapping[str, Path],
    titles: pd.DataFrame,
    table: Platforms,
    config: Config,
    reading: Reading,
    folder: Path,
) -> CleanRatings:
    """Clean the ratings of the titles there are, and write the clean ones."""
    received, settings = set(filter(feedback.is_received, files)), config.etl
    rules = Rules(
        titles[c.ID],
        _without_initial(titles, table),
        settings.rating_min,
        settings.rating_max,
        settings.rating_step,
        now=max(time.time(), _EARLIEST_NOW),
        received=received,
        # Where all that is received is trusted, it is as good as the source's files.
        doubted=() if config.split.feedback_share == 1 else received,
    )
    with TemporaryDirectory(dir=folder) as drafts:
        ratings = clean_by_range(files, rules, reading, config.executor, folder, Path(drafts))

    # What strangers sent must not stop the pipeline.
    ratings.account.require_few_rejected(
        "ratings", settings.max_rejected, tolerated=received, hints=HINTS_OF_RATINGS
    )
    return ratings


def _without_initial(titles: pd.DataFrame, table: Platforms) -> pd.Series:
    """Return what the platforms themselves call their titles, for ratings that do so."""
    lengths = titles[c.PLATFORM].map({each.name: len(each.initial) for each in table})
    ids = [title_id[n:] for title_id, n in zip(titles[c.ID], lengths, strict=True)]
    return pd.Series(ids, index=titles.index, dtype="str")


def _digests(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: sha256(path) for name, path in files.items()}


def _refuse_changed(digests: Mapping[str, str], files: Mapping[str, Path]) -> None:
    changed = [name for name, digest in _digests(files).items() if digest != digests[name]]
    if changed:
        raise InputError(f"{', '.join(changed)} changed while being read: run the stage again.")


def _write_titles(titles: Cleaned, folder: Path) -> None:
    titles.clean.to_csv(folder / "titles.csv", index=False, lineterminator="\n")
    titles.clean.to_parquet(folder / "titles.parquet", index=False)
    _write_rest(titles, folder, "titles")


def _write_rest(account: Account, folder: Path, name: str) -> None:
    """Write what is not clean with all texts quoted: raw cells may hold bare carriage returns."""
    for fate, rows in (("dropped", account.dropped), ("rejected", account.rejected)):
        rows.to_csv(
            folder / f"{fate}_{name}.csv",
            index=False,
            lineterminator="\n",
            quoting=csv.QUOTE_NONNUMERIC,
        )
