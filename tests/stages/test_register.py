import json

import numpy as np
import pytest

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.stages import register
from cartelera.tracking.runs import Tracker


@pytest.fixture
def paths(tracked_paths):
    """A model and its metrics, and a run that MLflow does not have."""
    Factors(
        global_mean=3.5,
        user_bias=np.zeros(2, np.float32),
        title_bias=np.zeros(1, np.float32),
        user_factors=np.zeros((2, 1), np.float32),
        title_factors=np.zeros((1, 1), np.float32),
        user_ids=np.array([7, 8]),
        title_ids=np.array(["as1"], dtype=object),
        title_means=np.zeros(1, np.float32) + 3,
        scale=(0.5, 5.0),
    ).save(tracked_paths.factors, {})
    metrics = {"model": {"rmse": 0.9}, "bias_only": {"rmse": 1.0}, "split_digest": "ab"}
    (tracked_paths.reports / "metrics.json").write_text(json.dumps(metrics))
    tracked_paths.run.write_text(json.dumps({"run_id": "0" * 32, "experiment": "x"}))
    return tracked_paths


def registered(paths):
    return json.loads(paths.registered.read_text())


def test_the_model_is_registered_in_the_run_that_trained_it(tracked_config, paths):
    config = tracked_config()
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    with tracker.run("train") as run:
        paths.run.write_text(json.dumps({"run_id": run.run_id, "experiment": "x"}))

    register.run(config, paths)

    found = registered(paths)
    assert found["run_id"] == run.run_id
    assert (found["name"], found["version"]) == (config.tracking.registered_model, 1)
    assert found["aliases"] == ["candidate", "champion"]
    assert found["promoted"]
    assert "0.9000 against 1.0000 of the bias baseline" in found["reason"]

    register.run(config, paths)
    assert registered(paths)["version"] == 1


def test_a_run_that_is_gone_is_replaced(tracked_config, paths):
    config = tracked_config()

    register.run(config, paths)

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    (run,) = tracker.search({"cartelera.stage": "register"}, "FINISHED")
    assert registered(paths)["run_id"] == run.info.run_id


@pytest.mark.parametrize(
    ("missing", "stage"),
    [("model/run.json", "train"), ("reports/metrics.json", "evaluate")],
)
def test_what_is_missing_is_named_with_its_stage(tracked_config, paths, missing, stage):
    (paths.root / missing).unlink()

    with pytest.raises(InputError, match=f"run the {stage} stage"):
        register.run(tracked_config(), paths)
