"""Trials on a real Dask cluster of several worker processes, one of which may be killed."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cloudpickle
import dask
import numpy as np
import optuna
import pandas as pd
import psutil
import pytest
from distributed import Client, LocalCluster

from cartelera.cluster import cluster_mapping
from cartelera.errors import CarteleraError
from cartelera.models.registry import find_model
from cartelera.search.cluster import DaskExecutor
from cartelera.search.cluster_worker import RECEIVED
from cartelera.search.space import parse_space
from cartelera.search.study import FitJob, SearchSettings, run_search
from cartelera.search.trials import StudyTrials

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("cluster")]

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import tests

N_WORKERS = 2
N_STEPS = 20

SETTINGS = SearchSettings(
    study_name="cluster",
    n_trials=8,
    objective="kfold",
    n_folds=2,
    valid_fraction=0.2,
    split_method="random",
    n_last=1,
    seed=3,
    sampler={"_target_": "optuna.samplers.RandomSampler"},
    pruner={"_target_": "optuna.pruners.NopPruner"},
    space={
        "n_factors": {"type": "int", "low": 2, "high": 16},
        "n_epochs": {"type": "int", "low": 1, "high": 10},
    },
    model="svd",
    params={"random_state": 0, "lr_all": 0.01},
    scale=(0.5, 5.0),
    patience=20,
    warm_start=False,
    min_gain=0,
)


@pytest.fixture(scope="module")
def importable():
    """Let workers, which get this process' path, import the jobs that are defined here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2])
        yield


@pytest.fixture(scope="module")
def cluster(importable):
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(
            n_workers=N_WORKERS,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
        ) as started,
    ):
        yield started


@pytest.fixture
def client(cluster):
    with Client(cluster, set_as_default=False) as connected:
        connected.wait_for_workers(N_WORKERS, timeout=60)
        yield connected


@pytest.fixture
def executor(cluster):
    return DaskExecutor(cluster.scheduler_address, None)


@pytest.fixture
def ratings():
    pairs = np.random.default_rng(0).permutation(40 * 30)[:600]
    return pd.DataFrame(
        {
            "user_id": pairs // 30 + 1,
            "title_id": pd.Series([f"ns{code % 30}" for code in pairs], dtype="str"),
            "rating": np.random.default_rng(1).integers(1, 11, len(pairs)) / 2,
            "timestamp": np.arange(len(pairs)),
        }
    )


@dataclass(frozen=True)
class SlowJob:
    """Stands in for fits of a second; leaves a file for each one begun."""

    name: str
    folder: Path

    def check(self, train):
        (self.folder / f"ratings-{len(train)}-{os.getpid()}").touch()

    def prepare(self, _train, _n_threads):
        return self.fit

    def fit(self, trial):
        (self.folder / f"trial-{trial.number}-{os.getpid()}").touch()
        for step in range(1, N_STEPS + 1):
            time.sleep(0.03)
            trial.report(trial.number, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        trial.set_user_attr("best_epoch", 1)
        return float(trial.number)

    def runs(self):
        """Count how often each trial was begun."""
        files = [path.name.split("-") for path in self.folder.glob("trial-*")]
        return Counter(int(number) for _, number, _ in files)


class DeadlyJob(SlowJob):
    def fit(self, _trial):
        os.kill(os.getpid(), signal.SIGKILL)


class BrokenJob(SlowJob):
    def fit(self, trial):
        if trial.number == 1:
            raise ZeroDivisionError
        return super().fit(trial)


@pytest.fixture
def new_study():
    def make(n_trials, pruner=None, observers=()):
        study = optuna.create_study(study_name="s", pruner=pruner or optuna.pruners.NopPruner())
        settings = replace(SETTINGS, n_trials=n_trials)
        draw = lambda trial: trial.suggest_float("x", 0, 1)  # noqa: E731
        return study, StudyTrials(study, settings, [], draw, observers)

    return make


def states(study):
    return Counter(trial.state.name for trial in study.trials)


def deliveries(client, job_name):
    events = client.get_events(RECEIVED)
    return sum(event["study"] == f"cartelera-{job_name}" for _, event in events)


def test_workers_come_to_the_numbers_that_one_process_comes_to(ratings, executor, tmp_path):
    alone = run_search(ratings, SETTINGS, tmp_path / "alone")

    together = run_search(ratings, SETTINGS, tmp_path / "together", executor=executor)

    pd.testing.assert_frame_equal(together.trials, alone.trials)
    pd.testing.assert_frame_equal(together.curves, alone.curves)
    assert (together.params, together.best_trial) == (alone.params, alone.best_trial)


def test_each_trial_runs_once_and_ratings_travel_once_to_each_worker(
    client, executor, ratings, new_study, tmp_path
):
    study, trials = new_study(10)
    job = SlowJob("each-once", tmp_path)

    executor.run(trials, job, ratings)

    assert job.runs() == dict.fromkeys(range(10), 1)
    assert states(study) == {"COMPLETE": 10}
    assert deliveries(client, job.name) == N_WORKERS
    assert len(list(tmp_path.glob("ratings-600-*"))) == N_WORKERS, "each worker unpacks them once"
    assert [trial.user_attrs["cartelera.number"] for trial in study.trials] == list(range(10))
    assert all(len(trial.intermediate_values) == N_STEPS for trial in study.trials)


class KillTheWorkerOf:
    """An observer that kills the process that fits a trial as soon as that has told a point.

    The last trial waits for the worker that takes its place.
    """

    def __init__(self, number, last, job, client):
        self.number, self.last, self.job, self.client = number, last, job, client
        self.killed = None

    def step(self, number, _step, _value):
        if number == self.number and self.killed is None:
            (path,) = self.job.folder.glob(f"trial-{number}-*")
            self.killed = int(path.name.rpartition("-")[2])
            os.kill(self.killed, signal.SIGKILL)

    def trial_started(self, number):
        until = time.monotonic() + 60
        while number == self.last and deliveries(self.client, self.job.name) <= N_WORKERS:
            assert time.monotonic() < until, "the new worker gets no ratings"
            time.sleep(0.1)

    def study_opened(self, *_): ...

    def trial_finished(self, _): ...


def test_the_trial_of_a_killed_worker_is_done_again_by_another(
    client, executor, ratings, new_study, tmp_path
):
    job = SlowJob("killed", tmp_path)
    killer = KillTheWorkerOf(2, 8, job, client)
    study, trials = new_study(9, observers=[killer])

    executor.run(trials, job, ratings)

    assert killer.killed is not None
    assert job.runs() == {**dict.fromkeys(range(9), 1), 2: 2}
    assert states(study) == {"COMPLETE": 9}
    assert deliveries(client, job.name) == N_WORKERS + 1, "the new worker gets the ratings, too"


def test_the_search_prunes_what_workers_fit(executor, ratings, new_study, tmp_path):
    pruner = optuna.pruners.ThresholdPruner(upper=4.5)
    study, trials = new_study(6, pruner)

    executor.run(trials, SlowJob("pruned", tmp_path), ratings)

    assert states(study) == {"COMPLETE": 5, "PRUNED": 1}
    pruned = study.trials[5]
    assert 0 < len(pruned.intermediate_values) < N_STEPS


def test_a_trial_that_kills_every_worker_ends_the_search_with_words(
    executor, ratings, new_study, tmp_path
):
    study, trials = new_study(1)

    with pytest.raises(CarteleraError, match="Trial 0 killed 2 workers"):
        executor.run(trials, DeadlyJob("deadly", tmp_path), ratings)

    trials.abandon()
    assert states(study) == {"FAIL": 1}


def test_an_error_in_a_fit_ends_the_search_and_another_one_goes_on(
    client, executor, ratings, new_study, tmp_path
):
    study, trials = new_study(6)

    with pytest.raises(ZeroDivisionError):
        executor.run(trials, BrokenJob("broken", tmp_path), ratings)
    trials.abandon()
    assert states(study)["RUNNING"] == 0
    executor.run(trials, SlowJob("mended", tmp_path), ratings)

    assert states(study)["COMPLETE"] == 6


def test_a_worker_with_other_code_is_found_out(executor, ratings, new_study):
    _, trials = new_study(1)
    space = parse_space(SETTINGS.space, SETTINGS.params, find_model(SETTINGS.model).parameters)

    with pytest.raises(CarteleraError, match="install the same there"):
        executor.run(trials, FitJob("cluster-other", SETTINGS, space), ratings)


def test_without_a_scheduler_the_error_says_how_to_start_one(
    ratings, new_study, tmp_path, monkeypatch
):
    monkeypatch.setattr("cartelera.cluster.CONNECT_TIMEOUT_S", 0.5)
    _, trials = new_study(1)

    with pytest.raises(CarteleraError, match="dask scheduler"):
        DaskExecutor("tcp://127.0.0.1:9", None).run(trials, SlowJob("none", tmp_path), ratings)


class Kill:
    """An observer that kills a process as soon as a trial starts."""

    def __init__(self, process):
        self.process = process

    def trial_started(self, _):
        self.process.kill()

    def study_opened(self, *_): ...


def test_a_scheduler_that_is_lost_ends_the_search_with_words(
    ratings, new_study, tmp_path, monkeypatch
):
    monkeypatch.setattr("cartelera.cluster.CONNECT_TIMEOUT_S", 5)
    file = tmp_path / "scheduler.json"
    dask_scheduler = [str(Path(sys.executable).parent / "dask"), "scheduler", "--host", "127.0.0.1"]
    options = ["--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen([*dask_scheduler, *options], stderr=subprocess.DEVNULL)
    try:
        while not file.exists():
            assert scheduler.poll() is None
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        study, trials = new_study(2, observers=[Kill(scheduler)])

        with pytest.raises(CarteleraError, match="connection to the Dask scheduler was lost"):
            DaskExecutor(address, None).run(trials, SlowJob("lost", tmp_path), ratings)
    finally:
        scheduler.kill()
        scheduler.wait()

    trials.abandon()
    assert states(study) == {"FAIL": 1}


SEARCH = """
import pickle
import sys
from pathlib import Path

from cartelera.search.cluster import DaskExecutor
from cartelera.search.study import run_search


class Tell:
    def study_opened(self, *_): ...
    def trial_started(self, _): ...
    def step(self, *_): ...
    def trial_finished(self, trial): print(trial.number, flush=True)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    ratings, settings = pickle.loads((folder / "arguments").read_bytes())
    run_search(ratings, settings, folder / "journal", [Tell()], DaskExecutor(None, 2))
"""


def test_a_killed_search_leaves_no_workers_and_goes_on_elsewhere(ratings, executor, tmp_path):
    (tmp_path / "arguments").write_bytes(pickle.dumps((ratings, SETTINGS)))
    (tmp_path / "search.py").write_text(SEARCH)
    search = [sys.executable, str(tmp_path / "search.py"), str(tmp_path)]
    process = subprocess.Popen(search, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() != ""
    workers = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()

    result = run_search(ratings, SETTINGS, tmp_path / "journal", executor=executor)

    assert list(result.trials["trial"]) == list(range(SETTINGS.n_trials))
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert len(workers) >= 2
    assert not alive


def double(folder, number):
    """Stands in for a task; the first worker that gets number 3 dies of it."""
    if number == 3 and not (folder / "died").exists():
        (folder / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def test_the_task_of_a_killed_worker_is_done_again_and_results_keep_their_order(cluster, tmp_path):
    with cluster_mapping(cluster.scheduler_address, None) as map_all:
        assert list(map_all(partial(double, tmp_path), range(8))) == list(range(0, 16, 2))
    assert (tmp_path / "died").exists()


def kill(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_task_that_kills_worker_after_worker_ends_with_words(cluster):
    with (
        pytest.raises(CarteleraError, match=r"killed 2 workers in turn.*executor\.range_mb"),
        cluster_mapping(cluster.scheduler_address, None) as map_all,
    ):
        list(map_all(kill, range(1)))
