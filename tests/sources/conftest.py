"""The default sample, made once; a folder of small raw files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.ratings.split import split
from cartelera.sources import sample

PAIR = [c.USER_ID, c.TITLE_ID]
NAMES = ("amazon_prime", "disney_plus", "hulu", "netflix")


@pytest.fixture(scope="session")
def defaults() -> dict[str, float]:
    data = compose().data
    return {
        name: getattr(data, name) for name in ("n_titles", "n_users", "n_ratings", "noise", "seed")
    }


@pytest.fixture(scope="session")
def made(defaults) -> sample.Sample:
    return sample.generate(**defaults)


@pytest.fixture(scope="session")
def parts(made) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Train and test of the default split, with the expectation and the work of each title."""
    truth, tastes = made.truth.ratings, made.truth.tastes
    both = split(
        truth[list(c.CLEAN_RATING_COLUMNS)],
        method="chronological", test_fraction=0.2, n_last=5, seed=0,
    )  # fmt: skip
    works = pd.Series(tastes.title_ids[tastes.works], tastes.title_ids)
    train, test = (
        part.merge(truth[[*PAIR, c.EXPECTATION]], on=PAIR).assign(
            work=lambda rows: rows[c.TITLE_ID].map(works)
        )
        for part in both
    )
    return train, test


@pytest.fixture(scope="session")
def dealt_at_random(made) -> pd.DataFrame:
    """The clean ratings with their titles shuffled among the rows: no taste is left in them."""
    ratings = made.truth.ratings[list(c.CLEAN_RATING_COLUMNS)]
    shuffled = np.random.default_rng(0).permutation(ratings[c.TITLE_ID].to_numpy())
    return ratings.assign(**{c.TITLE_ID: shuffled}).drop_duplicates([c.USER_ID, c.TITLE_ID])


@pytest.fixture
def raw(tmp_path) -> Path:
    folder = tmp_path / "raw files"
    (folder / "ratings").mkdir(parents=True)
    for name in NAMES:
        (folder / f"{name}_titles.csv").write_text(f"titles of {name}\n")
    (folder / "ratings" / "1.csv").write_text("some ratings\n")
    (folder / "ratings" / "2.csv").write_text("more ratings\n")
    return folder
