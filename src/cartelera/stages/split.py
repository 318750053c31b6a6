"""Stage `split`: what to learn from and what to measure with."""

from pathlib import Path
from typing import Any

import pandas as pd

from cartelera import columns as c
from cartelera.config_types import Config
from cartelera.errors import InputError
from cartelera.files import all_or_nothing, write_json
from cartelera.paths import Paths
from cartelera.ratings.digest import split_digest
from cartelera.ratings.split import split
from cartelera.stages.inputs import require
from cartelera.stages.runner import main

_TYPES = {c.USER_ID: "int64", c.TITLE_ID: "str", c.RATING: "float64", c.TIMESTAMP: "int64"}


def run(config: Config, paths: Paths) -> None:
    """Part the model-ready ratings in train and test; write both and their counts.

    Raises:
        InputError: If the ratings are missing or malformed, or none would be left to test with.
    """
    train, test = split(
        _read_ratings(paths.model_ratings),
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


def _read_ratings(path: Path) -> pd.DataFrame:
    """Read model-ready ratings, typed, one row a (user, title)."""
    require(path, "eda")
    try:
        ratings = pd.read_csv(
            path, dtype=_TYPES, usecols=list(_TYPES), keep_default_na=False, na_values=[""]
        )
    except ValueError as error:
        raise InputError(
            f"{path} does not hold model-ready ratings ({error}): run the eda stage anew."
        ) from error
    ratings = ratings[list(c.CLEAN_RATING_COLUMNS)]
    for is_bad, what in (
        (ratings.isna().any(axis=1), "a cell is empty"),
        (ratings.duplicated([c.USER_ID, c.TITLE_ID]), "the user has rated the title before"),
    ):
        if is_bad.any():
            line = int(is_bad.to_numpy().argmax()) + 2
            raise InputError(f"{path}, line {line}: {what}. Run the etl and eda stages anew.")
    return ratings


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


if __name__ == "__main__":
    main(run)
