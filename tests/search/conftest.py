import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cartelera.factorization.fitting import DivergedError
from cartelera.search import objective
from cartelera.search.study import SearchSettings

N_EPOCHS_HIGH = 12


@pytest.fixture
def ratings() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    pairs = pd.DataFrame({"code": rng.permutation(40 * 30)[:600]})
    return pd.DataFrame(
        {
            "user_id": pairs["code"] // 30 + 1,
            "title_id": ("ns" + (pairs["code"] % 30).astype(str)).astype("str"),
            "rating": rng.integers(1, 11, len(pairs)) / 2,
            "timestamp": np.arange(len(pairs)),
        }
    )


@pytest.fixture
def settings() -> SearchSettings:
    return SearchSettings(
        study_name="test",
        n_trials=8,
        objective="holdout",
        n_folds=3,
        valid_fraction=0.2,
        patience=20,
        split_method="random",
        n_last=1,
        seed=3,
        sampler={
            "_target_": "optuna.samplers.TPESampler",
            "n_startup_trials": 3,
            "multivariate": True,
            "group": True,
        },
        pruner={
            "_target_": "optuna.pruners.MedianPruner",
            "n_startup_trials": 4,
            "n_warmup_steps": 4,
        },
        space={
            "n_factors": {"type": "int", "low": 2, "high": 32, "log": True},
            "n_epochs": {"type": "int", "low": 3, "high": N_EPOCHS_HIGH},
            "lr_all": {"type": "float", "low": 0.001, "high": 0.1, "log": True},
        },
        model="svd",
        params={"reg_all": 0.02, "random_state": 0},
        scale=(0.5, 5.0),
    )


@dataclass
class Fit:
    """Stands in for a fit: a valley whose depth and lowest epoch follow from the parameters."""

    calls: list[dict[str, Any]]
    epochs: list[int]

    def __call__(self, name, _train, params, *, on_epoch, **_others) -> None:
        self.calls.append(dict(params))
        if params["lr_all"] > 1:
            raise DivergedError("too fast")
        lowest = 2 + params["n_factors"] % 9
        depth = 0.8 + abs(math.log10(params["lr_all"]) + 2) / 10
        epochs = (
            [params["n_epochs"]] if name == "surprise_svd" else range(1, params["n_epochs"] + 1)
        )
        for epoch in epochs:
            if on_epoch(epoch, depth + 0.01 * abs(epoch - lowest)):
                break
        self.epochs.append(epoch)


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch) -> Fit:
    fake = Fit([], [])
    monkeypatch.setattr(objective, "fit_factors", fake)
    return fake
