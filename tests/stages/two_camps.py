"""A data folder as the train stage leaves it: two camps of users who like different titles."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.config_types import Config
from cartelera.models.model import Model
from cartelera.models.recipe import Recipe, fit
from cartelera.paths import Paths
from cartelera.ratings.digest import split_digest
from cartelera.ratings.ratings_profile import RatingsProfile
from cartelera.stages.from_config import todays_ratings

N_TITLES = 40
SCALE = (0.5, 5.0)
RATING = {"n_factors": 2, "n_epochs": 15, "lr_all": 0.02, "reg_all": 0.02, "random_state": 0}
GOOD = Recipe("svd", (RATING,), {"n_factors": 4, "reg": 1.0, "half_life": None})
BETTER_STARS = Recipe("svd", ({**RATING, "n_epochs": 40},), dict(GOOD.ranking))
POOR = Recipe("svd", (RATING,), {"n_factors": 1, "reg": 1e5, "half_life": None})
"""Regularised to a list that is nearly the same for all."""

_FOUND = {"statistic": 0.5, "expected": 0.1, "p_value": 0.001, "is_found": True}


def make_ratings(n_users: int = 160, *, has_taste: bool = True, seed: int = 0) -> pd.DataFrame:
    """Make ratings: a user rates 14 titles, most of their own camp, which they like better."""
    rng = np.random.default_rng(seed)
    parts: list[pd.DataFrame] = []
    for user in range(1, n_users + 1):
        is_own = np.arange(N_TITLES) % 2 == user % 2
        odds = np.where(is_own, 6.0, 1.0) * 1.1 ** -np.arange(N_TITLES)
        titles = rng.choice(N_TITLES, 14, replace=False, p=odds / odds.sum())
        stars = np.where(is_own[titles], 4.5, 2.0) + rng.choice([-0.5, 0.0, 0.5], 14)
        parts.append(
            pd.DataFrame(
                {
                    c.USER_ID: user,
                    c.TITLE_ID: [f"ns{title}" for title in titles],
                    c.RATING: stars,
                    c.TIMESTAMP: 100 * np.arange(14) + user % 100,
                }
            )
        )
    ratings = pd.concat(parts, ignore_index=True)
    if not has_taste:
        ratings = _dealt_at_random(ratings, rng)
    return ratings.astype({c.TITLE_ID: "str"})


def _dealt_at_random(ratings: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    dealt = ratings.assign(title_id=[f"ns{title}" for title in rng.integers(0, 40, len(ratings))])
    return dealt.drop_duplicates([c.USER_ID, c.TITLE_ID], ignore_index=True)


def write_titles(paths: Paths) -> None:
    """Write the catalogue."""
    paths.clean.mkdir(parents=True, exist_ok=True)
    ids = [f"ns{title}" for title in range(N_TITLES)]
    genres = ["drama" if title % 2 else "comedy" for title in range(N_TITLES)]
    of_all = {
        c.PLATFORM: "netflix",
        c.TYPE: "movie",
        c.DATE_ADDED: "2020-01-01",
        c.RELEASE_YEAR: 2000,
        c.CERTIFICATE: "g",
        c.CERTIFICATE_IMPUTED: False,
        c.DURATION_INT: 90,
        c.DURATION_TYPE: "min",
    }
    by_id = dict.fromkeys((c.ID, c.WORK_ID, c.TITLE, c.DISPLAY_TITLE), ids)
    by_genre = dict.fromkeys(c.CLEAN_TITLE_COLUMNS, genres)
    titles = pd.DataFrame({**by_genre, **by_id}).assign(**of_all)
    titles[list(c.CLEAN_TITLE_COLUMNS)].to_parquet(paths.clean_titles, index=False)


def write_exploration(paths: Paths) -> None:
    """Write the exploratory report."""
    figures = paths.reports / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    (figures / "years.png").write_bytes(b"png")
    (paths.reports / "eda.html").write_text("<p>")
    (paths.reports / "eda.json").write_text(
        json.dumps(
            {
                "signal": {
                    "quality": _FOUND,
                    "taste": _FOUND,
                    "sentence": "There is taste.",
                }
            }
        )
    )


def train_models(
    config: Config,
    root: Path,
    recipe: Recipe,
    ratings: pd.DataFrame,
    *,
    n_test: int = 4,
    evaluated: bool = True,
) -> Paths:
    """Leave what `split`, `train` and `evaluate` leave of a night's ratings.

    Args:
        config: The configuration.
        root: The data folder.
        recipe: What won the search.
        ratings: All of this night.
        n_test: How many of each user's latest ratings are held out.
        evaluated: Whether the evaluate stage has run, too.
    """
    paths = Paths(root)
    if not paths.clean_titles.is_file():
        write_titles(paths)
        write_exploration(paths)
    for folder in (paths.features, paths.model):
        folder.mkdir(parents=True, exist_ok=True)
    ordered = ratings.sort_values([c.USER_ID, c.TIMESTAMP], kind="stable")
    is_test = ordered.groupby(c.USER_ID).cumcount(ascending=False) < n_test
    train, test = (part.reset_index(drop=True) for part in (ordered[~is_test], ordered[is_test]))
    train.to_parquet(paths.train, index=False)
    test.to_parquet(paths.test, index=False)
    test[:0].to_parquet(paths.left_out, index=False)

    everything = pd.concat([train, test], ignore_index=True)
    titles = pd.read_parquet(paths.clean_titles)
    reference = {"reference": RatingsProfile.of(everything).to_json(), "taste": "There is taste."}
    for folder, part in ((paths.factors, train), (paths.shipped, everything)):
        card = {**reference, "recipe": recipe.to_json(), "train": {"n_ratings": len(part)}}
        fit(recipe, part, titles, SCALE).save(folder, card)
    pd.DataFrame({"epoch": [1], "train_rmse": [1.0], "valid_rmse": [1.0]}).to_csv(
        paths.model / "learning_curve.csv", index=False
    )
    if evaluated:
        today = todays_ratings(config, paths, split_digest(train, test))
        for name, report in today.evaluate(Model.load(paths.factors)).items():
            (paths.reports / name).write_text(json.dumps(report))
        (paths.reports / "drift.json").write_text(json.dumps({"feedback": None}))
    return paths
