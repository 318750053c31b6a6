"""Stage `split`: what to learn from and what to measure with."""

from typing import Any

import pandas as pd

from cartelera import columns as c
from cartelera import schemas
from cartelera.config_types import Config
from cartelera.files import all_or_nothing, write_json
from cartelera.paths import Paths, require
from cartelera.ratings.digest import split_digest
from cartelera.ratings.pool import pool_ratings
from cartelera.ratings.split import split


def run(config: Config, paths: Paths) -> None:
    """Split the ratings of works into train and test; write both and their counts.

    Raises:
        InputError: If a clean table is missing or the ratings break their Pandera model, or none
            would be left to test with.
    """
    train, test = split(
        _read_ratings(config, paths),
        method=config.split.method.value,
        test_fraction=config.split.test_fraction,
        n_last=config.split.n_last,
        seed=config.split.seed,
    )
    targets = (paths.train, paths.test, paths.reports / "split.json")
    with all_or_nothing(*targets) as (train_draft, test_draft, counts_draft):
        train.to_parquet(train_draft, index=False)
        test.to_parquet(test_draft, index=False)
        write_json(counts_draft, _describe(config.split.method.value, train, test))


def _read_ratings(config: Config, paths: Paths) -> pd.DataFrame:
    """Read clean ratings and return them by work, one row a (user, work)."""
    model = schemas.clean_ratings(config.etl.rating_min, config.etl.rating_max)
    path = require(paths.clean_ratings, "etl")
    ratings = schemas.validate(pd.read_parquet(path), model, str(path))
    titles = pd.read_parquet(require(paths.clean_titles, "etl"), columns=[c.ID, c.WORK_ID])
    return pool_ratings(ratings, titles.set_index(c.ID)[c.WORK_ID]).ratings


def _describe(method: str, train: pd.DataFrame, test: pd.DataFrame) -> dict[str, Any]:
    return {
        "method": method,
        "train": _count(train),
        "test": _count(test),
        "cold_users_in_test": _count_new(test[c.USER_ID], train[c.USER_ID]),
        "cold_titles_in_test": _count_new(test[c.TITLE_ID], train[c.TITLE_ID]),
        "split_digest": split_digest(train, test),
    }


def _count(part: pd.DataFrame) -> dict[str, int]:
    return {
        "ratings": len(part),
        "users": int(part[c.USER_ID].nunique()),
        "titles": int(part[c.TITLE_ID].nunique()),
    }


def _count_new(ids: "pd.Series[Any]", known: "pd.Series[Any]") -> int:
    return int((~ids.drop_duplicates().isin(known.drop_duplicates())).sum())
