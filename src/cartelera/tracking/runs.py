"""Runs of the stages in MLflow, logged by hand."""

import logging
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from cartelera.tracking.provenance import (
    DVC_LOCK_FILE,
    PROCESS,
    is_dead,
    process_tag,
    provenance_tags,
)
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.store import open_experiment, open_store, reaching

logger = logging.getLogger(__name__)

PARENT_RUN: Final = "mlflow.parentRunId"
FINISHED: Final = "FINISHED"
FAILED: Final = "FAILED"
KILLED: Final = "KILLED"
RUNNING: Final = "RUNNING"

_PROJECT_RUN: Final = "MLFLOW_RUN_ID"  # `mlflow run` makes a run, and names it here
_UNKNOWN_RUN: Final = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
_SYSTEM_METRICS_EVERY_S: Final = 5


class Kind(StrEnum):
    """What runs are compared with each other: each kind has an experiment of its own."""

    exploration = "exploration"
    search = "search"
    search_ranking = "search-ranking"
    models = "models"


class Tracker:
    """The experiments of a project in one MLflow store: runs are started in one, found in all.

    Args:
        uri: A tracking URI: a database, or an http(s) server.
        project: The project; its experiments are `<project>/<kind>`, made if they do not exist.
        tags: Tags of every run that is started.
        kind: The kind of the runs that are started.

    Raises:
        CarteleraError: If the store cannot be reached; after seconds, not minutes.
    """

    def __init__(
        self,
        uri: str,
        project: str,
        tags: Mapping[str, str] | None = None,
        kind: Kind = Kind.models,
    ) -> None:
        self.uri = uri
        self.project = project
        self.experiment = f"{project}/{kind}"
        self.tags = dict(tags or {})
        self.client = open_store(uri)
        self.experiment_id = open_experiment(self.client, uri, self.experiment)

    @contextmanager
    def run(
        self,
        stage: str,
        *,
        name: str | None = None,
        run_id: str | None = None,
        parent: RunLog | None = None,
        tags: Mapping[str, str] | None = None,
        system_metrics: bool = False,
    ) -> Generator[RunLog]:
        """Keep a run open for the length of a block: finished after it, failed if it raises.

        Runs that killed processes left open on this machine are closed first. The lock file that
        says what DVC ran on becomes an artifact, how long the block took the metric
        `seconds.<stage>`.

        Args:
            stage: The stage that runs.
            name: The run's name; the stage's by default.
            run_id: A run to go on with; if the store does not have it, a new one is started.
            parent: The run that a new one is nested in.
            tags: Further tags.
            system_metrics: Whether to log the machine's load beside it.
        """
        self.close_orphaned_runs()
        run = self.find_run(run_id)
        if run is None:
            run = self.start(stage, name=name, parent=parent, tags=tags)
        else:
            self._reopen(run)

        status = FAILED
        try:
            if DVC_LOCK_FILE.is_file():
                run.artifact(DVC_LOCK_FILE)
            with _system_metrics(run) if system_metrics else nullcontext(), run.timed(stage):
                yield run
            status = FINISHED
        except KeyboardInterrupt:
            status = KILLED
            raise
        finally:
            self.close(run, status)

    def start(
        self,
        stage: str,
        *,
        name: str | None = None,
        parent: RunLog | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> RunLog:
        """Start a run that the caller closes, nested in its parent, or in that of `mlflow run`."""
        parent = parent or self.find_run(os.environ.get(_PROJECT_RUN))
        nested = {} if parent is None else {PARENT_RUN: parent.run_id}
        with reaching(self.uri):
            run = self.client.create_run(
                self.experiment_id,
                tags={**provenance_tags(stage), **self.tags, **nested, **(tags or {})},
                run_name=name or stage,
            )
        return RunLog(run.info.run_id, self.uri, self.client)

    def close(self, run: RunLog, status: str = FINISHED) -> None:
        """End a run."""
        with reaching(self.uri):
            self.client.set_terminated(run.run_id, status)

    def find_run(self, run_id: str | None) -> RunLog | None:
        """Find a run by its id, to log to it; None if the store does not have it (any more)."""
        if run_id is None:
            return None
        with reaching(self.uri):
            try:
                run = self.client.get_run(run_id)
            except MlflowException as error:
                if error.error_code in _UNKNOWN_RUN:
                    return None
                raise
        is_deleted = run.info.lifecycle_stage == "deleted"
        return None if is_deleted else RunLog(run_id, self.uri, self.client)

    def search(self, tags: Mapping[str, str], status: str | None = None) -> list[Run]:
        """Find the project's runs that have some tags and, if given, a status; newest first.

        Before there were kinds, all were in an experiment that had the name of the project.
        """
        terms = [f"tags.`{key}` = {_quoted(value)}" for key, value in tags.items()]
        if status is not None:
            terms.append(f"attributes.status = '{status}'")
        found: list[Run] = []
        token: str | None = None
        with reaching(self.uri):
            experiments = [
                one.experiment_id
                for one in self.client.search_experiments()
                if f"{one.name}/".startswith(f"{self.project}/")
            ]
            while True:
                page = self.client.search_runs(experiments, " and ".join(terms), page_token=token)
                found.extend(page)
                token = cast(str | None, page.token)
                if not token:
                    return found

    def close_orphaned_runs(self) -> None:
        """Mark what killed processes left running on this machine as killed, nested or not."""
        for run in self.search({}, RUNNING):
            process = run.data.tags.get(PROCESS)
            if process is not None and is_dead(process):
                logger.warning("Closing run %s, which a killed process left.", run.info.run_name)
                with reaching(self.uri):
                    self.client.set_terminated(run.info.run_id, KILLED)

    def _reopen(self, run: RunLog) -> None:
        with reaching(self.uri):
            self.client.update_run(run.run_id, status=RUNNING)
        run.tags({PROCESS: process_tag()})


def log_to_run(
    tracker: Tracker,
    *,
    stage: str,
    run_id: str | None = None,
    name: str | None = None,
    note: str | None = None,
    metrics: Mapping[str, Any] | None = None,
    params: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    artifacts: Iterable[Path] = (),
    folder: str | None = None,
) -> str:
    """Add a stage's results to a run, or to a new one if there is none (any more).

    A run that is there already keeps its status and its end.

    Args:
        tracker: The experiment.
        stage: The stage whose results these are; names a new run.
        run_id: The run to add to, such as the one that trained the model.
        name: The name of a new run; the stage's by default.
        note: What people read first about the run.
        metrics: Numbers; nested mappings become `outer.inner`, what is no number is left out.
        params: Parameters, nested alike.
        tags: Tags.
        tables: What has a row a thing, by name.
        artifacts: Files, and folders under their own names.
        folder: The artifact folder to put them in; none for the run's own.

    Returns:
        The id of the run it was logged to.

    Raises:
        CarteleraError: If the store cannot be reached.
    """
    found = tracker.find_run(run_id)
    with tracker.run(stage, name=name) if found is None else nullcontext(found) as run:
        run.params(params or {})
        run.metrics(metrics or {})
        run.tags(tags or {})
        if note is not None:
            run.describe(note)
        run.tables(tables or {})
        for path in artifacts:
            run.artifact(path, folder)
        return run.run_id


def _quoted(value: str) -> str:
    """Quote a value for MLflow's search, which knows no escapes."""
    return f'"{value}"' if "'" in value else f"'{value}'"


@contextmanager
def _system_metrics(run: RunLog) -> Generator[None]:
    monitor = SystemMetricsMonitor(
        run.run_id, sampling_interval=_SYSTEM_METRICS_EVERY_S, resume_logging=True
    )
    monitor.start()
    try:
        yield
    finally:
        monitor.finish()
