import json
from pathlib import Path

import pandas as pd
import pytest

from cartelera.errors import CarteleraError, ConfigError, InputError
from cartelera.search.storage import journal
from cartelera.stages import search
from cartelera.tracking.runs import PARENT_RUN, Tracker

WRITTEN = (
    "model/best_params.json",
    "model/best_ranking_params.json",
    "model/trials.csv",
    "model/ranking_trials.csv",
)


def contents(paths):
    plots = [*(paths.reports / "search").iterdir(), *(paths.reports / "search_ranking").iterdir()]
    written = (*(paths.root / name for name in WRITTEN), *sorted(plots))
    return {str(path): path.read_bytes() for path in written}


def study_of(tracker, name):
    """The one run of the study whose name begins so."""
    runs = tracker.search({"cartelera.stage": "search"})
    (study,) = (run for run in runs if run.data.tags["cartelera.study"].startswith(name))
    return study


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
    assert study.info.run_name == f"search svd, 3 trials, best {best['valid_rmse']:.4f}"
    assert f"trial {best['trial']} of 3" in study.data.tags["mlflow.note.content"]
    assert {child.inputs.dataset_inputs[0].dataset.name for child in children} == {"train.parquet"}
    assert study.data.params["space.n_epochs.high"] == "8"
    assert json.loads(study.data.tags["cartelera.best_params"]) == best["params"]
    assert artifacts == {"best_params.json", "trials.csv", "search", "config.yaml"}


def test_the_ranking_model_has_a_study_of_its_own(tracked_config, tracked_paths):
    config = tracked_config()

    search.run(config, tracked_paths)

    best = json.loads(tracked_paths.best_ranking_params.read_text())
    trials = pd.read_csv(tracked_paths.model / "ranking_trials.csv")
    assert best["model"] == "ranking"
    assert best["study"].startswith("ranking-")
    assert set(best["params"]) == set(config.ranking.params)
    assert best["valid_ndcg"] == trials["valid_ndcg"].max()
    assert "best_epoch" not in trials.columns

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    study = study_of(tracker, "ranking")
    children = tracker.search({PARENT_RUN: study.info.run_id}, "FINISHED")
    assert len(children) == 3
    assert study.data.metrics["valid_ndcg"] == best["valid_ndcg"]
    experiment = tracker.client.get_experiment(study.info.experiment_id)
    assert experiment.name == f"{config.tracking.experiment}/search-ranking"
    assert {child.data.metrics["valid_ndcg"] for child in children} == set(trials["valid_ndcg"])
    (marked,) = (child for child in children if "cartelera.best" in child.data.tags)
    assert marked.data.metrics["valid_ndcg"] == best["valid_ndcg"]


def test_later_ratings_do_not_weigh_more_where_the_split_is_random(tracked_config):
    assert search.ranking_params(tracked_config())["half_life"] == 100
    assert search.ranking_params(tracked_config("split=random"))["half_life"] is None


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
    assert len(tracker.search({"cartelera.stage": "search"})) == 2, "one study, one run"
    assert len(tracker.search({"cartelera.stage": "search.trial"})) == 6


def test_a_search_that_is_refused_its_study_leaves_the_run_of_the_other_alone(
    tracked_config, tracked_paths
):
    config = tracked_config()
    search.run(config, tracked_paths)
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    before = study_of(tracker, "svd")

    with journal(Path(config.search.storage)), pytest.raises(CarteleraError, match="Another"):
        search.run(config, tracked_paths)

    after = study_of(tracker, "svd")
    assert after.info.status == "FINISHED"
    assert after.data.tags == before.data.tags


def test_what_may_change_while_a_study_goes_on_is_no_parameter_of_its_run(
    tracked_config, tracked_paths
):
    search.run(tracked_config(), tracked_paths)
    longer = tracked_config("search.n_trials=4", "search.min_gain=0.001")
    search.run(longer, tracked_paths)

    tracker = Tracker(longer.tracking.uri, longer.tracking.experiment)
    kept = study_of(tracker, "svd").data.params.keys()
    assert "seed" in kept
    assert not {"n_trials", "min_gain", "executor"} & kept


def test_errors_leave_nothing_behind(tracked_config, tracked_paths):
    with pytest.raises(ConfigError, match="n_factor"):
        search.run(tracked_config("+search.space.n_factor=1"), tracked_paths)
    with pytest.raises(ConfigError, match=r"search\.ranking\.space\.beta"):
        search.run(tracked_config("+search.ranking.space.beta=1"), tracked_paths)
    with pytest.raises(CarteleraError, match="cannot be used"):
        search.run(tracked_config("tracking.uri=sqlite:////proc/no/x.db"), tracked_paths)
    tracked_paths.train.unlink()
    with pytest.raises(InputError, match="run the split stage"):
        search.run(tracked_config(), tracked_paths)

    assert not tracked_paths.best_params.exists()
