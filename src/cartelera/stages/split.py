"""Stage `split`: what to learn from and what to measure with."""

import logging
from typing import Any

import pandas as pd

from cartelera import columns as c
from cartelera import schemas
from cartelera.config_types import Config, SplitConfig
from cartelera.errors import InputError
from cartelera.files import all_or_nothing, write_json
from cartelera.paths import Paths, require
from cartelera.ratings.digest import split_digest
from cartelera.ratings.pool import pool_ratings
from cartelera.ratings.received import (
    MOST_OF_ONE_ACCOUNT,
    Parts,
    cap_received,
    received_mask,
    split_by_origin,
)
from cartelera.ratings.split import split

_log = logging.getLogger(__name__)


def run(config: Config, paths: Paths) -> None:
    """Split the ratings of works into train and test; write both and their counts.

    Of each part, received ratings beyond `split.feedback_share` are left out, into a file of their
    own.

    Raises:
        InputError: If a clean table is missing or the ratings break their Pandera model, or none
            would be left to test with.
    """
    settings = config.split
    parts = split_by_origin(_read_ratings(config, paths), lambda part: _split(part, settings))
    capped = [
        cap_received(part, share=settings.feedback_share, seed=settings.seed) for part in parts
    ]
    train, test = (kept for kept, _ in capped)
    if test.empty:
        raise InputError(
            "none of the ratings to test with is of the source's own files, and received ones "
            "alone are no measure: add files of ratings, or accept them with "
            "split.feedback_share=1."
        )

    left_out = pd.concat([rest for _, rest in capped])
    received = _describe_received((train, test), left_out, settings.feedback_share)
    targets = (paths.train, paths.test, paths.left_out, paths.reports / "split.json")
    with all_or_nothing(*targets) as (train_draft, test_draft, left_out_draft, counts_draft):
        train.to_parquet(train_draft, index=False)
        test.to_parquet(test_draft, index=False)
        left_out.to_parquet(left_out_draft, index=False)
        counts = _describe(settings.method.value, train, test)
        write_json(counts_draft, {**counts, "received": received})

    if not left_out.empty:
        _log.warning("%s", received["about"])


def _split(ratings: pd.DataFrame, settings: SplitConfig) -> Parts:
    return split(
        ratings,
        method=settings.method.value,
        test_fraction=settings.test_fraction,
        n_last=settings.n_last,
        seed=settings.seed,
    )


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


def _describe_received(parts: Parts, left_out: pd.DataFrame, share: float) -> dict[str, Any]:
    train, test = (int(received_mask(part).sum()) for part in parts)
    about = f"Of {train + test + len(left_out):,} received ratings {train + test:,} are used"
    if not left_out.empty:
        about += (
            f" and {len(left_out):,} of {left_out[c.USER_ID].nunique():,} users left out: received "
            f"ones may be {share:.0%} of all ratings and of a title's (split.feedback_share), one "
            f"user's {MOST_OF_ONE_ACCOUNT:.0%} of them"
        )
    return {"train": train, "test": test, "left_out": len(left_out), "about": f"{about}."}


def _count(part: pd.DataFrame) -> dict[str, int]:
    return {
        "ratings": len(part),
        "users": int(part[c.USER_ID].nunique()),
        "titles": int(part[c.TITLE_ID].nunique()),
    }


def _count_new(ids: "pd.Series[Any]", known: "pd.Series[Any]") -> int:
    return int((~ids.drop_duplicates().isin(known.drop_duplicates())).sum())
