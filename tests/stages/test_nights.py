"""Twenty nights: ratings come, recipes are tried, and only what is better takes over."""

import json
from itertools import cycle

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.models.recipe import Recipe
from cartelera.paths import Paths
from cartelera.stages import acquire, etl, register

from .two_camps import train_models, write_exploration

pytestmark = pytest.mark.e2e

SAMPLE = ["data.n_titles=200", "data.n_users=200", "data.n_ratings=12000"]
N_NIGHTS = 20
BETTER_COMES = 8
STARS = {"n_factors": 4, "n_epochs": 15, "lr_all": 0.01, "reg_all": 0.05, "random_state": 0}


def recipe(seed: int = 0, **ranking) -> Recipe:
    return Recipe("svd", ({**STARS, "random_state": seed},), ranking)


FAIR = recipe(n_factors=16, reg=20.0)
GOOD = recipe(n_factors=8)
POOR = recipe(n_factors=1, reg=1e5)
EQUAL_TO_FAIR = [
    recipe(1, n_factors=16, reg=20.0),
    recipe(n_factors=18, reg=20.0),
    recipe(2, n_factors=16, reg=21.0),
]
EQUAL_TO_GOOD = [recipe(1, n_factors=8), recipe(n_factors=9), recipe(2, n_factors=8, reg=5.2)]


@pytest.fixture
def nights(tracked_config, tmp_path):
    """The data folder, its configuration, and the ratings there are each night."""
    config = tracked_config(*SAMPLE, "evaluate.n_bootstrap=200", "model.ship_on=all")
    paths = Paths(tmp_path / "data")
    acquire.run(config, paths)
    etl.run(config, paths)
    write_exploration(paths)
    ratings = pd.read_parquet(paths.clean_ratings).astype({c.TITLE_ID: "str"})
    until = np.quantile(ratings[c.TIMESTAMP], np.linspace(0.6, 1, N_NIGHTS))
    return config, paths, [ratings[ratings[c.TIMESTAMP] <= moment] for moment in until]


@pytest.mark.usefixtures("models_without_code")
def test_only_what_is_better_takes_over_and_the_champion_learns_every_night(nights):
    config, paths, by_night = nights
    worse_or_equal = cycle([POOR, *EQUAL_TO_FAIR])
    taken_over: list[int] = []
    for night, ratings in enumerate(by_night):
        if night == BETTER_COMES:
            worse_or_equal = cycle([POOR, *EQUAL_TO_GOOD])
        tried = {0: FAIR, BETTER_COMES: GOOD}.get(night) or next(worse_or_equal)

        train_models(config, paths.root, tried, ratings, n_test=8)
        register.run(config, paths)

        if json.loads((paths.reports / "gate.json").read_text())["is_champion"]:
            taken_over.append(night)
        card = json.loads((paths.champion / "shipped" / "model_card.json").read_text())
        assert card["reference"]["n_ratings"] == len(ratings), f"night {night}"

    assert {0, BETTER_COMES} <= set(taken_over)
    assert len(set(taken_over) - {0, BETTER_COMES}) <= 1, taken_over
