"""Ratings with something to list in them, as models see them: one row a (user, work)."""

import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from cartelera import columns as c
from cartelera.catalogue.clean import clean_catalogue
from cartelera.catalogue.works import work_ids
from cartelera.ratings.clean import clean_ratings
from cartelera.ratings.pool import pool_ratings
from cartelera.raw import read_catalogues, read_ratings
from cartelera.raw_files import find_raw_files
from cartelera.sources.sample import generate
from movielens import VARIABLE, read_movielens

YEARS = 1900, 2100


def read_streaming() -> pd.DataFrame:
    """Read the real catalogues with real ratings, ratings of one work put together.

    Raises:
        FileNotFoundError: If they are not there.
    """
    files = find_raw_files(Path(os.environ.get(VARIABLE, ".")) / "streaming")
    titles = pd.concat(
        [
            clean_catalogue(
                raw, platform, repair_durations=True, earliest_year=YEARS[0], latest_year=YEARS[1]
            ).clean
            for platform, raw in read_catalogues(files).items()
        ]
    )
    works = pd.Series(work_ids(titles).to_numpy(), index=titles[c.ID].to_numpy())
    return pool_ratings(clean_ratings(read_ratings(files), titles[c.ID]).clean, works).ratings


def read_sample() -> pd.DataFrame:
    """Make the project's own sample, with its planted tastes."""
    made = generate(n_titles=2000, n_users=600, n_ratings=60_000, noise=0.8, seed=7)
    ratings = made.truth.ratings[list(c.CLEAN_RATING_COLUMNS)]
    tastes = made.truth.tastes
    works = pd.Series(tastes.title_ids[tastes.works], index=tastes.title_ids)
    return pool_ratings(ratings, works).ratings


DATA: dict[str, Callable[[], pd.DataFrame]] = {
    "streaming": read_streaming,
    "movielens-small": read_movielens,
    "sample": read_sample,
}
