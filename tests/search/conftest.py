import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.factorization.fitting import DivergedError
from cartelera.factorization.parts import CodedPart
from cartelera.models import registry
from cartelera.models.registry import MODELS
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
        warm_start=True,
        min_gain=0,
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
    """Stands in for fits: a valley whose depth and lowest epoch follow from the parameters."""

    calls: list[dict[str, Any]]
    n_epochs: int = 0

    def valley(self, params) -> Callable[[int], float]:
        self.calls.append(dict(params))
        if params["lr_all"] > 1:
            raise DivergedError("too fast")
        lowest = 2 + params["n_factors"] % 9
        depth = 0.8 + abs(math.log10(params["lr_all"]) + 2) / 10
        return lambda epoch: depth + 0.01 * abs(epoch - lowest)


@dataclass
class Running:
    fit: Fit
    height: Callable[[int], float]
    epoch: int = 0

    def advance(self) -> float:
        self.epoch += 1
        self.fit.n_epochs += 1
        return self.height(self.epoch)


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch) -> Fit:
    fake = Fit([])

    def begin(_part, params):
        return Running(fake, fake.valley(params))

    def fit_whole(_train, params, **_others):
        rmse = fake.valley(params)(params["n_epochs"])
        return SimpleNamespace(curve=pd.DataFrame({c.VALID_RMSE: [rmse]}))

    monkeypatch.setattr(CodedPart, "begin", begin)
    whole = replace(MODELS["surprise_svd"], fit=fit_whole)
    monkeypatch.setattr(registry, "MODELS", {**MODELS, "surprise_svd": whole})
    return fake
