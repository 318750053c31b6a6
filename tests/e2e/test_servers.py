"""The pipeline with its runs on an MLflow server and its trials in PostgreSQL, killed on the way."""

import re
import shlex

import optuna
import pytest

from cartelera.search.storage import open_storage
from cartelera.tracking.runs import Tracker

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("postgresql")]

N_TRIALS = 8


@pytest.fixture
def trials_url(postgresql, mlflow_server, monkeypatch):
    """Say where the servers are, as a person would: in the environment."""
    url = postgresql.new_database()
    tiny = ["data.n_titles=200", "data.n_users=150", "data.n_ratings=4000"]
    search = ["search=quick", f"search.n_trials={N_TRIALS}", f"search.storage={url}"]
    overrides = [*tiny, *search, "tracking=server"]
    monkeypatch.setenv("CARTELERA_OVERRIDES", shlex.join(overrides))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    return url


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
    done = tracker.search({"cartelera.stage": "search.trial"}, "FINISHED")
    assert sorted(int(run.data.tags["cartelera.trial"]) for run in done) == list(range(N_TRIALS))
    (study,) = tracker.search({"cartelera.stage": "search"})
    assert study.info.status == "FINISHED"

    with open_storage(trials_url, "any") as storage:
        (summary,) = optuna.get_all_study_summaries(storage)
        trials = optuna.load_study(study_name=summary.study_name, storage=storage).trials
    assert summary.study_name == study.data.tags["cartelera.study"]
    finished = [trial for trial in trials if trial.state.name in ("COMPLETE", "PRUNED")]
    assert len(finished) == N_TRIALS
    assert all(trial.state.is_finished() for trial in trials)

    (model,) = tracker.client.search_registered_models()
    version = tracker.client.get_model_version_by_alias(model.name, "champion")
    assert tracker.client.get_model_version_download_uri(model.name, version.version)

    written = b"".join(fresh.contents("data").values()) + said.encode()
    written += (fresh.root / "params.yaml").read_bytes() + (fresh.root / "dvc.lock").read_bytes()
    assert not re.search(postgresql.password.encode(), written)
    assert mlflow_server.encode() in written
