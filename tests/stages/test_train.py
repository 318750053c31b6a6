import json

import numpy as np
import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.stages import train
from cartelera.tracking.runs import Tracker

BEST = {
    "model": "svd",
    "params": {"n_factors": 4, "n_epochs": 6, "lr_all": 0.01, "reg_all": 0.1, "random_state": 0},
    "valid_rmse": 1.2,
    "trial": 2,
    "study": "svd-01234567",
}


@pytest.fixture
def paths(tracked_paths):
    tracked_paths.best_params.write_text(json.dumps(BEST))
    signal = {"sentence": "There is no taste to learn."}
    (tracked_paths.reports / "eda.json").write_text(json.dumps({"signal": signal}))
    return tracked_paths


def test_the_model_learns_from_all_of_train_and_says_so(tracked_config, paths):
    train.run(tracked_config(), paths)

    ratings = pd.read_parquet(paths.train)
    factors = Factors.load(paths.factors)
    assert factors.global_mean == pytest.approx(ratings["rating"].mean())
    assert sorted(factors.user_ids) == sorted(ratings["user_id"].unique())
    assert factors.user_factors.shape[1] == 4
    assert factors.card["params"] == BEST["params"]
    assert factors.card["search"] == {"study": "svd-01234567", "trial": 2, "valid_rmse": 1.2}
    assert factors.card["taste"] == "There is no taste to learn."
    assert {k: v for k, v in factors.card["train"].items() if k != "sha256"} == {
        "n_ratings": 800, "n_users": 40, "n_titles": 30,
    }  # fmt: skip


def test_the_learning_curve_has_every_epoch_and_is_tracked(tracked_config, paths):
    config = tracked_config()
    train.run(config, paths)

    curve = pd.read_csv(paths.model / "learning_curve.csv")
    assert curve["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert np.isfinite(curve).all(axis=None)
    assert curve["train_rmse"].is_monotonic_decreasing

    found = json.loads(paths.run.read_text())
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    run = tracker.client.get_run(found["run_id"])
    history = tracker.client.get_metric_history(found["run_id"], "valid_rmse_by_epoch")
    assert found["experiment"] == config.tracking.experiment
    assert run.info.status == "FINISHED"
    assert run.data.params["n_factors"] == "4"
    assert [point.value for point in history] == pytest.approx(curve["valid_rmse"].tolist())


def test_two_trainings_give_the_same_bytes(tracked_config, paths):
    contents = []
    for _ in range(2):
        train.run(tracked_config(), paths)
        files = (*sorted(paths.factors.iterdir()), paths.model / "learning_curve.csv")
        contents.append({path.name: path.read_bytes() for path in files})

    assert contents[0] == contents[1]


def test_without_the_report_the_card_says_that_nothing_was_tested(tracked_config, paths):
    (paths.reports / "eda.json").unlink()

    train.run(tracked_config(), paths)

    assert "not tested" in Factors.load(paths.factors).card["taste"]


def test_a_missing_search_is_named(tracked_config, paths):
    paths.best_params.unlink()

    with pytest.raises(InputError, match="run the search stage"):
        train.run(tracked_config(), paths)
