"""surprise's RandomizedSearchCV in a space and on folds that it shares with our search."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import surprise
from scipy.stats import loguniform
from surprise.model_selection import RandomizedSearchCV, cross_validate

from cartelera import columns as c
from cartelera.search.fits import Part, folds
from measuring import timed
from movielens import SCALE
from reporting import say

N_FOLDS, FOLDS_SEED = 5, 0
EPOCHS = [20, 40, 60, 80, 100]
RANGES = {
    "n_factors": (10, 160),
    "lr_all": (0.002, 0.02),
    "reg_all": (0.02, 0.2),
    "init_std_dev": (0.005, 0.1),
}

Curve = list[tuple[float, float]]
"""Seconds from the start, and the best mean RMSE until then."""


def same_folds(ratings: pd.DataFrame) -> tuple[Part, ...]:
    """Part the ratings the same way for all searches, whatever their seed."""
    return folds(ratings, n_folds=N_FOLDS, seed=FOLDS_SEED)


def randomized_search(ratings: pd.DataFrame, n_draws: int, *, seed: int) -> dict[str, Any]:
    """Search; give the time, the best and what was found when (from the times of the fits)."""
    space = {
        name: _WholeLogUniform(*bounds) if isinstance(bounds[0], int) else loguniform(*bounds)
        for name, bounds in RANGES.items()
    }

    def search() -> RandomizedSearchCV:
        data, cv = _surprise_data(ratings)
        searching = RandomizedSearchCV(
            surprise.SVD,
            {**space, "n_epochs": EPOCHS, "random_state": [0]},
            n_iter=n_draws,
            measures=["rmse"],
            cv=cv,
            n_jobs=2,
            random_state=seed,
        )
        searching.fit(data)
        return searching

    seconds, searched = timed(search)
    results = searched.cv_results
    work = np.cumsum(results["mean_fit_time"] + results["mean_test_time"])
    best_so_far = np.minimum.accumulate(results["mean_test_rmse"])
    return {
        "seconds": seconds,
        "best": float(best_so_far[-1]),
        "params": {name: _plain(value) for name, value in searched.best_params["rmse"].items()},
        "curve": list(zip((work / work[-1] * seconds).tolist(), best_so_far.tolist(), strict=True)),
    }


def _plain(value: Any) -> int | float:
    return value.item() if isinstance(value, np.generic) else value


def rmse_of_surprise(ratings: pd.DataFrame, params: dict[str, Any]) -> float:
    """Have surprise itself fit and measure parameters that our search found."""
    say("surprise.SVD with our best parameters ...")
    data, cv = _surprise_data(ratings)
    model = surprise.SVD(**params)
    found = cross_validate(model, data, measures=["rmse"], cv=cv, n_jobs=2)
    return float(np.mean(found["test_rmse"]))


class _SameFolds:
    """Our folds in the form that surprise asks for."""

    def __init__(self, parts: tuple[Part, ...]):
        self._parts = parts

    def get_n_folds(self) -> int:
        """Count the folds."""
        return len(self._parts)

    def split(self, data: surprise.Dataset) -> Iterator[tuple[Any, Any]]:
        """Give trainset and testset of each fold."""
        for part in self._parts:
            train, test = (
                [data.raw_ratings[row] for row in rows.index] for rows in (part.train, part.valid)
            )
            yield data.construct_trainset(train), data.construct_testset(test)


class _WholeLogUniform:
    """Whole numbers, evenly in the logarithm."""

    def __init__(self, low: int, high: int):
        self._reals = loguniform(low, high)

    def rvs(self, random_state: Any) -> int:
        """Draw one."""
        return int(np.rint(self._reals.rvs(random_state=random_state)))


def _surprise_data(ratings: pd.DataFrame) -> tuple[surprise.Dataset, _SameFolds]:
    reader = surprise.Reader(rating_scale=SCALE)
    columns = ratings[[c.USER_ID, c.TITLE_ID, c.RATING]]
    return surprise.Dataset.load_from_df(columns, reader), _SameFolds(same_folds(ratings))
