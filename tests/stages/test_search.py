import json
from pathlib import Path

import pandas as pd
import pytest

from cartelera.errors import CarteleraError, ConfigError, InputError
from cartelera.search.storage import journal
from cartelera.stages import search
from cartelera.tracking.runs import PARENT_RUN, Tracker

WRITTEN = ("model/best_params.json", "model/trials.csv")


def contents(paths):
    plots = sorted((paths.reports / "search").iterdir())
    return {path.name: path.read_bytes() for path in (*(paths.root / w for w in WRITTEN), *plots)}


def test_what_a_search_leaves(tracked_config, tracked_paths, tmp_path, monkeypatch):
    config = tracked_config()
    monkeypatch.chdir(tmp_path)  # where no dvc.lock is logged with it

    search.run(config, tracked_paths)

    best = json.loads(tracked_paths.best_params.read_text())
    trials = pd.read_csv(tracked_paths.model / "trials.csv")
    assert best["model"] == "svd"
    assert best["study"].startswith("svd-")
    assert set(best["params"]) == {
        "biased", "init_mean", "init_std_dev", "random_state", "exact", "n_threads",
        "n_factors", "n_epochs", "lr_all", "reg_all",
    }  # fmt: skip
    assert best["params"]["n_epochs"] == trials["best_epoch"][best["trial"]]
    assert best["valid_rmse"] == trials["valid_rmse"].min()
    assert len(trials) == 3

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    (study,) = tracker.search(
        {"cartelera.study": best["study"], "cartelera.stage": "search"}, "FINISHED"
    )
    children = tracker.search({PARENT_RUN: study.info.run_id}, "FINISHED")
    artifacts = {found.path for found in tracker.client.list_artifacts(study.info.run_id)}
    assert len(children) == 3
    assert study.data.metrics["valid_rmse"] == best["valid_rmse"]
    assert study.data.params["search.space.n_epochs.high"] == "8"
    assert json.loads(study.data.tags["cartelera.best_params"]) == best["params"]
    assert artifacts == {"best_params.json", "trials.csv", "search", "config.yaml"}


def test_a_fresh_search_and_a_finished_one_leave_the_same_bytes(
    tracked_config, tracked_paths, tmp_path
):
    config = tracked_config()
    search.run(config, tracked_paths)
    first = contents(tracked_paths)

    search.run(config, tracked_paths)
    assert contents(tracked_paths) == first
    search.run(tracked_config(f"search.storage={tmp_path / 'fresh'}"), tracked_paths)
    assert contents(tracked_paths) == first

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    assert len(tracker.search({"cartelera.stage": "search"})) == 1, "one study, one run"
    assert len(tracker.search({"cartelera.stage": "search.trial"})) == 3


def test_a_search_that_is_refused_its_study_leaves_the_run_of_the_other_alone(
    tracked_config, tracked_paths
):
    config = tracked_config()
    search.run(config, tracked_paths)
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    (before,) = tracker.search({"cartelera.stage": "search"})

    with journal(Path(config.search.storage)), pytest.raises(CarteleraError, match="Another"):
        search.run(config, tracked_paths)

    (after,) = tracker.search({"cartelera.stage": "search"})
    assert after.info.status == "FINISHED"
    assert after.data.tags == before.data.tags


def test_what_may_change_while_a_study_goes_on_is_no_parameter_of_its_run(
    tracked_config, tracked_paths
):
    search.run(tracked_config(), tracked_paths)
    longer = tracked_config("search.n_trials=4", "search.min_gain=0.001")
    search.run(longer, tracked_paths)

    tracker = Tracker(longer.tracking.uri, longer.tracking.experiment)
    (study,) = tracker.search({"cartelera.stage": "search"})
    kept = {name for name in study.data.params if name.startswith("search.")}
    assert "search.seed" in kept
    assert not {"search.n_trials", "search.min_gain", "search.executor"} & kept


def test_errors_leave_nothing_behind(tracked_config, tracked_paths):
    with pytest.raises(ConfigError, match="n_factor"):
        search.run(tracked_config("+search.space.n_factor=1"), tracked_paths)
    with pytest.raises(CarteleraError, match="cannot be used"):
        search.run(tracked_config("tracking.uri=sqlite:////proc/no/x.db"), tracked_paths)
    tracked_paths.train.unlink()
    with pytest.raises(InputError, match="run the split stage"):
        search.run(tracked_config(), tracked_paths)

    assert not tracked_paths.best_params.exists()
