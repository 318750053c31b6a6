"""The MLflow store: opened with a clear error when it cannot be reached."""

import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import mlflow
import requests
import sqlalchemy
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from cartelera.errors import CarteleraError, ConfigError
from cartelera.tracking import relocation
from cartelera.tracking.new_database import make_database

ARTIFACTS_FOLDER: Final = "mlartifacts"

_SQLITE: Final = "sqlite"
_DATABASES: Final = (_SQLITE, "postgresql", "mysql", "mssql")
_OPTUNAS_TABLE: Final = "studies"
_OTHER_VERSION: Final = "out-of-date database schema"  # in MLflow's words
_HALF_MADE: Final = re.compile(r"table \w+ already exists|duplicate column name")
_ALLOWED: Final = "allowed are databases (sqlite:///mlflow.db) and servers (http://host:5000)."
_FAILURES: Final = (
    MlflowException,
    SQLAlchemyError,
    requests.RequestException,
    OSError,
    ImportError,  # a database's driver is not installed
)


@contextmanager
def reaching(uri: str) -> Generator[None]:
    """Turn what MLflow raises while it talks to its store into an error that names the store.

    Raises:
        CarteleraError: If the store cannot be reached or refuses.
    """
    try:
        yield
    except _FAILURES as error:
        summary = str(error).splitlines()[0] if str(error) else type(error).__name__
        place = _without_password(uri)
        if _OTHER_VERSION in summary:
            raise CarteleraError(
                f"The tables of {place} are those of another version of MLflow: keep a copy, then "
                f"run `mlflow db upgrade {place}`; or set tracking.uri to a new database."
            ) from error
        if _HALF_MADE.search(summary):
            raise CarteleraError(
                f"Whoever made the tables of {place} was stopped half way, and they cannot be "
                "mended: remove the database if it is new, else put a copy of it back."
            ) from error
        raise CarteleraError(
            f"MLflow at {place} cannot be used: {summary}\n"
            "Start it or correct tracking.uri; sqlite:///mlflow.db needs no server."
        ) from error


def open_store(uri: str) -> MlflowClient:
    """Connect to a store, for tracking and registry alike, and make its tables if it is new.

    Args:
        uri: A tracking URI: a database, or an http(s) server.

    Raises:
        ConfigError: If the URI cannot be read, or is a folder, which MLflow gave up as a store.
        CarteleraError: If the store cannot be reached.
    """
    scheme = _scheme(uri)
    if scheme in ("", "file"):
        raise ConfigError(
            f"tracking.uri={uri}: MLflow keeps no runs in folders any more; {_ALLOWED}"
        )
    with reaching(uri):
        if scheme.split("+")[0] in _DATABASES:
            _probe_database(uri)
        with _environment_kept():
            mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
        client = MlflowClient(uri, uri)
        client.search_experiments(max_results=1)
        return client


def open_experiment(client: MlflowClient, uri: str, name: str) -> str:
    """Find or make an experiment and return its id.

    With a SQLite file, artifacts go to a folder beside it; a server decides for itself. MLflow
    stores where artifacts are as absolute paths: if the file was moved or copied, together with the
    folder, they are set right first, so that nothing is read from or written to the former place.

    Raises:
        CarteleraError: If the store refuses; for example, the experiment was deleted.
    """
    with reaching(uri):
        if (own := _artifact_location(uri)) is not None:
            for former in {one.artifact_location for one in client.search_experiments()}:
                relocation.relocate(uri, former, own)
        experiment = client.get_experiment_by_name(name)
        if experiment is None:
            return client.create_experiment(name, artifact_location=_artifact_location(uri))
        if experiment.lifecycle_stage == "deleted":
            raise CarteleraError(
                f"The experiment {name!r} was deleted in MLflow: restore it with `mlflow "
                f"experiments restore -x {experiment.experiment_id}`, or set tracking.experiment."
            )
        return experiment.experiment_id


@contextmanager
def _environment_kept() -> Generator[None]:
    """Keep MLflow from telling child processes of a store as if a person had asked for it."""
    name = "MLFLOW_TRACKING_URI"
    before = os.environ.get(name)
    yield
    os.environ.pop(name, None)
    if before is not None:
        os.environ[name] = before


def _scheme(uri: str) -> str:
    try:
        return urlsplit(uri).scheme
    except ValueError as error:
        raise ConfigError(f"tracking.uri={uri}: {error}; {_ALLOWED}") from error


def _artifact_location(uri: str) -> str | None:
    if urlsplit(uri).scheme != _SQLITE:
        return None
    database = Path(sqlalchemy.make_url(uri).database or "mlflow.db")
    return (database.resolve().parent / ARTIFACTS_FOLDER).as_uri()


def _probe_database(uri: str) -> None:
    """Connect once: MLflow itself would retry an unreachable database for hours."""
    url = sqlalchemy.make_url(uri)
    if url.get_backend_name() == _SQLITE and url.database:
        make_database(Path(url.database).resolve())
    engine = sqlalchemy.create_engine(url)
    try:
        tables = set(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()
    if _OPTUNAS_TABLE in tables:
        raise ConfigError(
            f"tracking.uri={_without_password(uri)} holds Optuna's tables: give MLflow a database "
            "of its own."
        )


def _without_password(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.password is None:
        return uri
    return uri.replace(f":{parts.password}@", ":***@")
