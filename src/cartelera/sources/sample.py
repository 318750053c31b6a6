"""The embedded sample: raw files made offline from a seed, flawed like the published ones."""

import logging
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.sources._choices import draw_opinions
from cartelera.sources._flaws import damage_ratings, damage_titles
from cartelera.sources._titles import invent_titles
from cartelera.sources.tastes import LATENT, Tastes, expectation, plant_tastes

logger = logging.getLogger(__name__)

_RAW_NAMES = {
    c.USER_ID: c.RAW_USER,
    c.RATING: c.RAW_RATING,
    c.TIMESTAMP: c.RAW_TIMESTAMP,
    c.TITLE_ID: c.RAW_TITLE_ID,
}


class Truth(NamedTuple):
    """What was planted; the pipeline never sees it.

    Attributes:
        floor: Root mean squared error of the true expectation on all clean ratings, in stars. No
            model can expect less.
        ratings: What a right cleaning leaves: `columns.CLEAN_RATING_COLUMNS` sorted by user, time
            and title, and `columns.EXPECTATION`, the true mean of the rating.
        tastes: All that is planted about titles and users; `oracle.expected_relevance` makes the
            best order of titles from it.
    """

    floor: float
    ratings: pd.DataFrame
    tastes: Tastes


class Sample(NamedTuple):
    """Raw files as tables, and the truth behind them.

    Attributes:
        catalogues: Platform to a table of strings with `columns.RAW_TITLE_COLUMNS`; an empty
            string is an empty cell.
        ratings: One table a file, with `columns.RAW_RATING_COLUMNS`.
        truth: What was planted.
    """

    catalogues: dict[str, pd.DataFrame]
    ratings: list[pd.DataFrame]
    truth: Truth


def generate(
    *,
    n_titles: int,
    n_users: int,
    n_ratings: int,
    noise: float,
    seed: int,
    n_files: int = 4,
    platforms: Platforms = PUBLISHED,
) -> Sample:
    """Invent catalogues and ratings; the same arguments give the same sample.

    Args:
        n_titles: Different titles over all platforms, in their real proportions; a work on two
            platforms is two titles.
        n_users: People who rate.
        n_ratings: Raw rows of ratings, about 0.9% of them flawed.
        noise: Standard deviation of a rating around the true opinion, in stars, before rounding.
        seed: The seed of all chance.
        n_files: Files the ratings are split over.
        platforms: The platforms there are; those without published catalogues are invented.

    Raises:
        InputError: If `n_ratings` is more than users times titles.
    """
    titles_rng, opinions_rng, flaws_rng = np.random.default_rng(seed).spawn(3)
    titles = invent_titles(n_titles, titles_rng, platforms)
    tastes = plant_tastes(
        titles, n_users=n_users, n_ratings=n_ratings, noise=noise, rng=opinions_rng
    )
    opinions = draw_opinions(tastes, opinions_rng)

    # Truth first, flaws after: what cleaning has to recover is known.
    damage_titles(titles.catalogues, flaws_rng)
    raw, clean = damage_ratings(opinions, noise, flaws_rng)
    raw = raw.rename(columns=_RAW_NAMES)[list(c.RAW_RATING_COLUMNS)]
    cuts = np.linspace(0, len(raw), n_files + 1).astype(int)
    files = [raw.iloc[start:end].reset_index(drop=True) for start, end in pairwise(cuts)]
    return Sample(titles.catalogues, files, _truth(clean, tastes))


def _truth(clean: pd.DataFrame, tastes: Tastes) -> Truth:
    expected = expectation(clean[LATENT].to_numpy(), tastes.noise)
    floor = float(np.sqrt(np.mean((clean[c.RATING] - expected) ** 2)))
    ratings = clean[list(c.CLEAN_RATING_COLUMNS)].assign(**{c.EXPECTATION: expected})
    return Truth(floor, ratings, tastes)


def write(sample: Sample, folder: Path, platforms: Platforms = PUBLISHED) -> None:
    """Write the raw files, and nothing of the truth, into a folder; same sample, same bytes."""
    (folder / c.RATINGS_FOLDER).mkdir(parents=True, exist_ok=True)
    for platform, catalogue in sample.catalogues.items():
        _write_csv(catalogue, folder / platforms[platform].file)
    for number, ratings in enumerate(sample.ratings, start=1):
        _write_csv(ratings, folder / c.RATINGS_FOLDER / f"{number}.csv")
    logger.info(
        "Wrote the sample: %d rows of titles and %d of ratings.",
        sum(map(len, sample.catalogues.values())),
        sum(map(len, sample.ratings)),
    )


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
