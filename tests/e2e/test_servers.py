"""The pipeline with its runs on an MLflow server and its trials in PostgreSQL, killed on the way."""

import re
import shlex

import optuna
import pytest

from cartelera.search.storage import open_storage
from cartelera.tracking.runs import PARENT_RUN, Tracker

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("postgresql")]

N_TRIALS, N_RANKING_TRIALS = 8, 9


@pytest.fixture
def trials_url(postgresql, mlflow_server, monkeypatch):
    """Say where the servers are, as a person would: in the environment."""
    url = postgresql.new_database()
    tiny = ["data.n_titles=200", "data.n_users=150", "data.n_ratings=4000"]
    counts = [f"search.n_trials={N_TRIALS}", f"search.ranking.n_trials={N_RANKING_TRIALS}"]
    search = ["search=quick", *counts, f"search.storage={url}"]
    overrides = [*tiny, *search, "tracking=server"]
    monkeypatch.setenv("CARTELERA_OVERRIDES", shlex.join(overrides))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    return url


def n_finished(trials) -> int:
    return sum(trial.state.name in ("COMPLETE", "PRUNED") for trial in trials)


def test_killed_on_real_servers_and_started_again_nothing_is_left_open(
    fresh, trials_url, mlflow_server, postgresql
):
    repro = ("dvc", "repro", "register")
    tracker = Tracker(mlflow_server, "cartelera")
    fresh.kill_once(lambda: tracker.search({"cartelera.stage": "search.trial"}, "FINISHED"), *repro)
    fresh.kill_once(lambda: tracker.search({"cartelera.stage": "train"}, "RUNNING"), *repro)
    assert tracker.search({}, "RUNNING")

    status, said = fresh.run(*repro)

    assert status == 0, said
    runs = tracker.search({})
    by_stage = {run.data.tags["cartelera.stage"]: run for run in runs}
    assert {"search", "train"} <= set(by_stage)
    assert "RUNNING" not in {run.info.status for run in runs}
    studies = {
        study.data.tags["cartelera.study"]: study
        for study in tracker.search({"cartelera.stage": "search"})
    }
    assert {study.info.status for study in studies.values()} == {"FINISHED"}

    # Stars and lists have a study each.
    with open_storage(trials_url, "any") as storage:
        names = [summary.study_name for summary in optuna.get_all_study_summaries(storage)]
        trials = {
            name: optuna.load_study(study_name=name, storage=storage).trials for name in names
        }
    assert trials.keys() == studies.keys()
    assert sorted(map(n_finished, trials.values())) == [N_TRIALS, N_RANKING_TRIALS]
    assert all(trial.state.is_finished() for some in trials.values() for trial in some)
    for name, study in studies.items():
        done = tracker.search(
            {"cartelera.stage": "search.trial", PARENT_RUN: study.info.run_id}, "FINISHED"
        )
        numbers = sorted(int(run.data.tags["cartelera.trial"]) for run in done)
        assert numbers == list(range(n_finished(trials[name])))

    (model,) = tracker.client.search_registered_models()
    version = tracker.client.get_model_version_by_alias(model.name, "candidate")
    assert tracker.client.get_model_version_download_uri(model.name, version.version)

    written = b"".join(fresh.contents("data").values()) + said.encode()
    written += (fresh.root / "params.yaml").read_bytes() + (fresh.root / "dvc.lock").read_bytes()
    assert not re.search(postgresql.password.encode(), written)
    assert mlflow_server.encode() in written
