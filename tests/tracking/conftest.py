from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera.factorization.factors import Factors
from cartelera.tracking.gate import Rules
from cartelera.tracking.registry import Registered, register
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import ModelFiles, Versions

RULES = Rules(
    margin=0.001, must_be_clear=True, min_ratings=3, n_bootstrap=100, confidence=0.9, seed=0
)


@pytest.fixture(scope="session")
def store(new_store: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for all tests."""
    return new_store(tmp_path_factory.mktemp("tracking"))


@pytest.fixture
def tracker(store: str, request: pytest.FixtureRequest) -> Tracker:
    """An experiment of the test's own."""
    return Tracker(store, request.node.name)


@pytest.fixture
def versions(tracker: Tracker, request: pytest.FixtureRequest) -> Versions:
    """A registered model of the test's own."""
    return Versions(tracker, request.node.originalname + str(id(request.node)))


@pytest.fixture
def test_part() -> pd.DataFrame:
    """Eight ratings of 4 stars, one a second from second 11 to 18, of four users."""
    return pd.DataFrame(
        {
            "user_id": [7, 8, 9, 10] * 2,
            "title_id": pd.Series(["as1"] * 4 + ["ds2"] * 4, dtype="str"),
            "rating": 4.0,
            "timestamp": range(11, 19),
        }
    )


def constant_model(stars: float, last_timestamp: int | None = 10) -> tuple[Factors, dict]:
    """Make a model that predicts the same for everybody, and its card."""
    factors = Factors(
        global_mean=stars,
        user_bias=np.zeros(2, np.float32),
        title_bias=np.zeros(2, np.float32),
        user_factors=np.zeros((2, 2), np.float32),
        title_factors=np.zeros((2, 2), np.float32),
        user_ids=np.array([7, 8]),
        title_ids=np.array(["as1", "ds2"], dtype=object),
        title_means=np.full(2, stars, np.float32),
        scale=(0.5, 5.0),
    )
    return factors, {"train": {"last_timestamp": last_timestamp}}


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., ModelFiles]:
    """Exports a model that predicts the same stars for everybody, and one that ships."""

    def make(stars: float, last_timestamp: int | None = 10) -> ModelFiles:
        folder = tmp_path / f"model-{stars}-{last_timestamp}"
        for part, shift in (("factors", 0), ("shipped", 0.125)):
            factors, card = constant_model(stars + shift, last_timestamp)
            factors.save(folder / part, card)
        (folder / "metrics.json").write_text(f'{{"of": {stars}}}\n')
        return ModelFiles(folder / "factors", folder / "shipped", (folder / "metrics.json",))

    return make


@pytest.fixture
def registering_whole(
    tracker: Tracker,
    versions: Versions,
    test_part: pd.DataFrame,
    make_model: Callable[..., ModelFiles],
) -> Callable[..., Registered]:
    """Registers a model that predicts the same stars for everybody; the truth is 4 stars."""

    def do(
        stars: float, *, split: str = "a", baseline: float = 1.0, last_timestamp: int | None = 10
    ) -> Registered:
        metrics = {
            "model": {"rmse": abs(stars - 4)},
            "bias_only": {"rmse": baseline},
            "split_digest": split,
        }
        with tracker.run("train") as run:
            return register(
                tracker,
                run,
                make_model(stars, last_timestamp),
                metrics,
                test_part,
                name=versions.name,
                rules=RULES,
            )

    return do


@pytest.fixture
def registering(
    registering_whole: Callable[..., Registered], models_without_code: None
) -> Callable[..., Registered]:
    """Does the same with the model's files alone."""
    return registering_whole


@pytest.fixture
def places(versions: Versions) -> Callable[[], dict[str, int]]:
    """Tells which alias points to which version."""

    def tell() -> dict[str, int]:
        found = versions.tracker.client.get_registered_model(versions.name)
        return {alias: int(number) for alias, number in found.aliases.items()}

    return tell
