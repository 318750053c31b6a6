from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera.config import compose
from cartelera.config_types import Config
from cartelera.paths import Paths

CONF = Path(__file__).parents[2] / "conf"


@pytest.fixture(scope="session")
def mlflow_store(new_store: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for all tests."""
    return new_store(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def tracked_config(
    mlflow_store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Callable[..., Config]:
    """The project's configuration with a search of moments, tracked in the test's experiment."""

    def make(*overrides: str) -> Config:
        return compose(
            [
                "search=quick",
                "search.n_trials=3",
                "search.space.n_epochs.high=8",
                "search.ranking.n_trials=3",
                f"search.storage={tmp_path / 'optuna.journal'}",
                f"tracking.uri={mlflow_store}",
                f"tracking.experiment={request.node.originalname}",
                f"tracking.registered_model={request.node.originalname}",
                *overrides,
            ],
            CONF,
        )

    return make


@pytest.fixture
def tracked_paths(tmp_path: Path) -> Paths:
    """A data folder with a train part of 40 users, 30 titles and 800 ratings."""
    paths = Paths(tmp_path / "data")
    rng = np.random.default_rng(0)
    pairs = rng.permutation(40 * 30)[:800]
    train = pd.DataFrame(
        {
            "user_id": pairs // 30 + 1,
            "title_id": pd.Series([f"ns{code % 30}" for code in pairs], dtype="str"),
            "rating": rng.integers(1, 11, len(pairs)) / 2,
            "timestamp": np.arange(len(pairs)),
        }
    )
    for folder in (paths.features, paths.model, paths.reports):
        folder.mkdir(parents=True)
    train.to_parquet(paths.train, index=False)
    return paths
