"""Writing to an open MLflow run: parameters, metrics, tags, artifacts."""

import json
import math
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, InputTag, Metric, Param, RunTag

from cartelera.tracking import datasets
from cartelera.tracking.store import reaching

SECONDS: Final = "seconds"
NOTE: Final = "mlflow.note.content"

_LARGEST_PARAM_BATCH: Final = 100  # MLflow's limits for one request
_LARGEST_METRIC_BATCH: Final = 1000
_LONGEST_PARAM: Final = 6000

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class RunLog:
    """A run that results are logged to.

    Attributes:
        run_id: MLflow's id of it.
        uri: The store.
        client: The connection to the store.
    """

    run_id: str
    uri: str
    client: MlflowClient

    def params(self, params: Mapping[str, Any]) -> None:
        """Log parameters, nested ones as `outer.inner`; what the run already has stays."""
        with reaching(self.uri):
            known = self.client.get_run(self.run_id).data.params
            new = [
                Param(key, str(value)[:_LONGEST_PARAM])
                for key, value in flatten(params).items()
                if key not in known
            ]
            for batch in _batches(new, _LARGEST_PARAM_BATCH):
                self.client.log_batch(self.run_id, params=batch)

    def metrics(self, metrics: Mapping[str, Any]) -> None:
        """Log the numbers of a mapping, nested ones as `outer.inner`; other values are left out."""
        numbers = {key: value for key, value in flatten(metrics).items() if _is_number(value)}
        self.curves({key: {0: value} for key, value in numbers.items()})

    def curves(self, curves: Mapping[str, Mapping[int, float]]) -> None:
        """Log metrics by step, all points in few requests.

        Args:
            curves: Name of the metric to step to value; values that are not finite are left out.
        """
        now = int(time.time() * 1000)
        points = [
            Metric(key, float(value), now, step)
            for key, curve in curves.items()
            for step, value in curve.items()
            if math.isfinite(value)
        ]
        with reaching(self.uri):
            for batch in _batches(points, _LARGEST_METRIC_BATCH):
                self.client.log_batch(self.run_id, metrics=batch)

    def tags(self, tags: Mapping[str, str]) -> None:
        """Set tags; those the run already has are overwritten."""
        entries = [RunTag(key, value) for key, value in tags.items()]
        with reaching(self.uri):
            self.client.log_batch(self.run_id, tags=entries)

    def tag(self, key: str) -> str | None:
        """Read a tag; None if the run does not have it."""
        with reaching(self.uri):
            return self.client.get_run(self.run_id).data.tags.get(key)

    def remove_tag(self, key: str) -> None:
        """Remove a tag the run has."""
        with reaching(self.uri):
            self.client.delete_tag(self.run_id, key)

    @contextmanager
    def timed(self, what: str) -> Generator[None]:
        """Log how long a block took, in seconds, as the metric `seconds.<what>`."""
        started = time.perf_counter()
        yield
        self.metrics({SECONDS: {what: time.perf_counter() - started}})

    def dataset(self, path: Path, digest: str, context: str) -> None:
        """Log which data the run used: digest and, of a Parquet file, columns and row count.

        Args:
            path: The file it was read from.
            digest: Its digest; MLflow keeps the first 36 characters.
            context: What it was used for, such as `training`.
        """
        entity = datasets.describe(path, digest)
        tags = [InputTag("mlflow.data.context", context)]
        with reaching(self.uri):
            self.client.log_inputs(self.run_id, [DatasetInput(entity, tags)])

    def text(self, text: str, name: str) -> None:
        """Log a text as an artifact of that name."""
        with reaching(self.uri):
            self.client.log_text(self.run_id, text, name)

    def tables(self, tables: Mapping[str, pd.DataFrame]) -> None:
        """Log tables where MLflow compares them between runs; those of the same names go.

        `MlflowClient.log_table` would add the rows to those of the last time.
        """
        paths = {f"tables/{name}.json": table for name, table in tables.items()}
        for path, table in paths.items():
            self.text(table.to_json(orient="split", index=False), path)
        if paths:
            shown = [{"path": path, "type": "table"} for path in paths]
            self.tags({"mlflow.loggedArtifacts": json.dumps(shown)})

    def rename(self, name: str) -> None:
        """Rename the run, as long as it is open."""
        with reaching(self.uri):
            self.client.update_run(self.run_id, name=name)

    def describe(self, text: str) -> None:
        """Set what people read first about the run, in Markdown."""
        self.tags({NOTE: text})

    def artifact(self, path: Path, folder: str | None = None) -> None:
        """Log a file, or a folder under its own name, as an artifact.

        Args:
            path: What to log.
            folder: The artifact folder to put it in; none for the run's own.
        """
        with reaching(self.uri):
            self.client.log_artifact(self.run_id, str(path), folder)


def flatten(content: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested mappings.

    >>> flatten({"model": {"rmse": 0.9}})
    {'model.rmse': 0.9}
    """
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            flat |= flatten(cast(Mapping[str, Any], value), f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _batches(entries: Sequence[Entry], size: int) -> Iterable[Sequence[Entry]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]
