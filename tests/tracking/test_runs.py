import os
import signal
import socket
from pathlib import Path

import pandas as pd
import pytest

from cartelera import tracking
from cartelera.errors import CarteleraError, ConfigError
from cartelera.tracking.provenance import PROCESS, is_dead, process_tag, provenance_tags
from cartelera.tracking.run_log import flatten
from cartelera.tracking.runs import PARENT_RUN, Kind, Tracker, log_to_run


def get(tracker: Tracker, run_id: str):
    return tracker.client.get_run(run_id)


def artifacts(tracker: Tracker, run_id: str, folder: str | None = None) -> set[str]:
    return {found.path for found in tracker.client.list_artifacts(run_id, folder)}


def test_all_that_can_be_logged(tracker, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where no dvc.lock is logged with it
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "one.png").write_bytes(b"png")
    with tracker.run("train", name="a run") as run:
        run.params({"model": {"n_factors": 3, "biased": True}, "name": "svd"})
        run.metrics({"rmse": 0.9, "users": {"n": 3}, "word": "none", "flag": True, "none": None})
        run.curves({"valid_rmse": {1: 1.0, 2: 0.9, 3: float("nan")}})
        run.dataset(Path("data/train.parquet"), "ab" * 32, "training")
        run.text("seed: 0\n", "config.yaml")
        run.artifact(tmp_path / "plots")
        run.artifact(tmp_path / "plots" / "one.png", "figures")

    found = get(tracker, run.run_id)
    assert (found.info.run_name, found.info.status) == ("a run", "FINISHED")
    assert found.data.params == {"model.n_factors": "3", "model.biased": "True", "name": "svd"}
    assert found.data.metrics.pop("seconds.train") > 0
    assert found.data.metrics == {"rmse": 0.9, "users.n": 3, "valid_rmse": 0.9}
    assert found.data.tags["cartelera.stage"] == "train"
    history = tracker.client.get_metric_history(run.run_id, "valid_rmse")
    assert [(point.step, point.value) for point in history] == [(1, 1.0), (2, 0.9)]
    (dataset,) = found.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.dataset.digest) == ("train.parquet", "ab" * 18)
    assert artifacts(tracker, run.run_id) == {"config.yaml", "plots", "figures"}
    assert artifacts(tracker, run.run_id, "plots") == {"plots/one.png"}


def test_more_points_and_parameters_than_one_request_takes(tracker):
    with tracker.run("train") as run:
        run.params({f"p{number}": number for number in range(150)})
        run.curves({"rmse": {step: 1 / (step + 1) for step in range(2500)}})

    assert len(get(tracker, run.run_id).data.params) == 150
    assert len(tracker.client.get_metric_history(run.run_id, "rmse")) == 2500


def test_artifacts_stand_beside_the_database(tracker, store):
    with tracker.run("train") as run:
        run.text("x", "x.txt")

    folder = Path(store.removeprefix("sqlite:///")).parent / "mlartifacts"
    assert (folder / run.run_id / "artifacts" / "x.txt").read_text() == "x"


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")]
)
def test_a_run_whose_block_raises_is_not_finished(tracker, error, status):
    with pytest.raises(error), tracker.run("train") as run:
        raise error

    assert get(tracker, run.run_id).info.status == status


def test_a_run_can_be_gone_on_with(tracker):
    with tracker.run("search") as first:
        first.params({"seed": 1})
    with tracker.run("search", run_id=first.run_id) as second:
        second.params({"seed": 2, "new": 3})
        assert get(tracker, second.run_id).info.status == "RUNNING"

    assert second.run_id == first.run_id
    assert get(tracker, first.run_id).data.params == {"seed": "1", "new": "3"}


def test_results_are_added_to_a_run_that_is_there(tracker, tmp_path):
    (tmp_path / "page.html").write_text("<p>")
    with tracker.run("train") as run:
        pass
    ended = get(tracker, run.run_id).info.end_time

    run_id = log_to_run(
        tracker,
        stage="evaluate",
        run_id=run.run_id,
        metrics={"model": {"rmse": 0.9}},
        tags={"cartelera.split_digest": "ab"},
        artifacts=[tmp_path / "page.html"],
        folder="evaluation",
    )

    found = get(tracker, run.run_id)
    assert run_id == run.run_id
    assert found.data.metrics["model.rmse"] == 0.9
    assert found.data.tags["cartelera.split_digest"] == "ab"
    assert found.info.end_time == ended
    assert artifacts(tracker, run_id, "evaluation") == {"evaluation/page.html"}


@pytest.mark.parametrize("gone", ["deleted", "unknown", "none"])
def test_a_new_run_takes_the_place_of_one_that_is_gone(tracker, gone):
    run_id = None if gone == "none" else "0" * 32
    if gone == "deleted":
        with tracker.run("train") as run:
            run_id = run.run_id
        tracker.client.delete_run(run_id)

    new = log_to_run(tracker, stage="evaluate", run_id=run_id, metrics={"rmse": 0.9})

    assert new != run_id
    assert get(tracker, new).info.status == "FINISHED"
    assert get(tracker, new).data.tags["cartelera.stage"] == "evaluate"


def dead_process() -> str:
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    return f"{socket.gethostname()}:{child}:1.00"


def test_what_killed_processes_left_is_closed_by_the_next_run_of_any_stage(tracker):
    search = tracker.start("search", tags={PROCESS: dead_process()})
    trial = tracker.start("search.trial", parent=search, tags={PROCESS: dead_process()})
    alive = tracker.start("train")
    elsewhere = tracker.start("train", tags={PROCESS: "another-machine:1:1.00"})

    with tracker.run("train"):
        pass

    status = [get(tracker, run.run_id).info.status for run in (search, trial, alive, elsewhere)]
    assert status == ["KILLED", "KILLED", "RUNNING", "RUNNING"]


def test_a_process_is_known_by_its_start_as_numbers_are_used_again():
    host, pid, started = process_tag().rsplit(":", 2)

    assert not is_dead(process_tag())
    assert is_dead(f"{host}:{pid}:{float(started) - 100:.2f}")


def test_provenance_names_the_commit():
    tags = provenance_tags("train")

    assert len(tags["mlflow.source.git.commit"]) == 40
    assert tags["cartelera.git_dirty"] in {"true", "false"}


def test_people_find_runs_by_who_ran_them_and_by_common_tags(store, request, monkeypatch):
    monkeypatch.setenv("LOGNAME", "ada")
    tracker = Tracker(store, request.node.name, {"cartelera.model": "svd"})
    with tracker.run("search") as parent:
        tracker.close(tracker.start("search.trial", parent=parent))

    found = tracker.search({"cartelera.model": "svd", "mlflow.user": "ada"}, "FINISHED")
    assert {run.info.run_name for run in found} == {"search", "search.trial"}


def test_a_user_without_a_name_does_not_stop_a_run(monkeypatch):
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)

    assert provenance_tags("train")["mlflow.user"] == str(os.getuid())


def test_what_dvc_ran_on_is_kept_with_the_run(tracker, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dvc.lock").write_text("schema: '2.0'\n")
    with tracker.run("train") as run:
        pass

    assert artifacts(tracker, run.run_id) == {"dvc.lock"}
    assert len(get(tracker, run.run_id).data.tags["cartelera.dvc_lock_sha256"]) == 64


def test_a_run_that_cannot_keep_it_is_failed(tracker, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("dvc.lock").write_text("schema: '2.0'\n")

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("mlflow.MlflowClient.log_artifact", fail)
    with pytest.raises(CarteleraError, match="no space left"), tracker.run("train"):
        raise AssertionError("the block does not begin")

    assert [run.info.status for run in tracker.search({})] == ["FAILED"]


@pytest.mark.parametrize("name", ["it's", 'a "name"'])
def test_runs_are_found_by_tags_with_quotes(tracker, name):
    with tracker.run("train", tags={"cartelera.study": name}) as run:
        pass

    (found,) = tracker.search({"cartelera.study": name, "cartelera.stage": "train"})
    assert found.info.run_id == run.run_id


def test_a_block_can_be_timed_and_a_tag_read_and_removed(tracker):
    with tracker.run("train") as run:
        with run.timed("fit"):
            pass
        run.tags({"cartelera.best": "true"})
        assert run.tag("cartelera.best") == "true"
        run.remove_tag("cartelera.best")
        assert run.tag("cartelera.best") is None

    assert get(tracker, run.run_id).data.metrics["seconds.fit"] >= 0


def test_system_metrics_do_not_disturb(tracker):
    with tracker.run("train", system_metrics=True) as run:
        run.metrics({"rmse": 1})

    assert get(tracker, run.run_id).info.status == "FINISHED"


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:9", "sqlite:////proc/no/mlflow.db", "postgresql://u:secret@127.0.0.1:9/x"],
)
def test_a_store_out_of_reach_is_named_within_seconds(uri, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")  # no seconds between the tries
    with pytest.raises(CarteleraError) as caught:
        Tracker(uri, "x")

    assert uri.replace("secret", "***") in str(caught.value)
    assert "tracking.uri" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "mlflow.db").write_text("no database, just a long line of words" * 99)

    with pytest.raises(CarteleraError, match="cannot be used"):
        Tracker(f"sqlite:///{tmp_path}/mlflow.db", "x")


@pytest.mark.parametrize("uri", ["mlruns", "file:///tmp/mlruns", "http://[::1"])
def test_folders_and_what_is_no_uri_are_refused(uri):
    with pytest.raises(ConfigError, match=r"sqlite:///mlflow\.db"):
        Tracker(uri, "x")


def test_a_deleted_experiment_is_named_with_the_way_back(tracker):
    tracker.client.delete_experiment(tracker.experiment_id)

    with pytest.raises(CarteleraError, match="experiments restore"):
        Tracker(tracker.uri, tracker.project)


def test_a_store_that_is_opened_is_no_wish_of_the_environments(tracker, monkeypatch):
    for before in (None, "http://server:5000"):
        if before:
            monkeypatch.setenv("MLFLOW_TRACKING_URI", before)
        Tracker(tracker.uri, tracker.project)
        assert os.environ.get("MLFLOW_TRACKING_URI") == before


def test_each_kind_has_an_experiment_and_all_are_searched_that_of_an_old_store_too(store):
    old = Tracker(store, "kinds").client.create_experiment("kinds")
    other = Tracker(store, "kinds-2")
    tracker = Tracker(store, "kinds", kind=Kind.search)
    tracker.client.create_run(old, run_name="old")
    with tracker.run("search"), Tracker(store, "kinds").run("train"), other.run("other"):
        pass

    assert {run.info.run_name for run in tracker.search({})} == {"old", "search", "train"}
    assert tracker.experiment == "kinds/search"


def test_runs_are_nested_in_the_one_that_mlflow_run_made(tracker, monkeypatch):
    made = tracker.client.create_run("0").info.run_id
    monkeypatch.setenv("MLFLOW_RUN_ID", made)
    with tracker.run("search") as study, tracker.run("train", parent=study) as train:
        pass
    monkeypatch.setenv("MLFLOW_RUN_ID", "0" * 32)  # of another store
    with tracker.run("search") as alone:
        pass

    parents = [get(tracker, run.run_id).data.tags.get(PARENT_RUN) for run in (study, train, alone)]
    assert parents == [made, study.run_id, None]


def test_tables_are_where_mlflow_compares_them_once_however_often_they_are_logged(tracker):
    with tracker.run("train") as run:
        for rmse in (0.9, 0.8):
            run.tables({"models": pd.DataFrame({"model": ["svd"], "rmse": [rmse]})})
        run.rename("train svd")
        run.describe("The best of all.")

    shown = tracker.client.load_table(tracker.experiment_id, "tables/models.json", [run.run_id])
    assert shown.values.tolist() == [["svd", 0.8]]
    found = get(tracker, run.run_id)
    assert found.info.run_name == "train svd"
    assert found.data.tags["mlflow.note.content"] == "The best of all."


def test_mlflow_does_not_call_home():
    assert tracking
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_nested_names_are_joined():
    assert flatten({"a": 1, "b": {"c": {"d": 2}, "e": "x"}}) == {"a": 1, "b.c.d": 2, "b.e": "x"}
