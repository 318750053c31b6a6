"""Optuna's tables in PostgreSQL: many studies side by side, each driven by one search at a time.

The search that drives a study holds an advisory lock of the database, on the very connection its
trials are written with. The server lets go of it when that connection ends, however the search
ended: there is nothing to time out and nothing to clear up. Who loses the connection cannot write
any more, so that two searches never write to one study.
"""

import hashlib
import logging
import os
import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cartelera.errors import CarteleraError, ConfigError
from cartelera.sql import place, summary

logger = logging.getLogger(__name__)

_DIALECT: Final = "postgresql"
_DRIVER: Final = "postgresql+psycopg"
_ALLOWED: Final = (
    "allowed are the name of a file (Optuna's journal) and postgresql+psycopg://USER@HOST/DATABASE."
)
_SET_UP: Final = "cartelera: making Optuna's tables"
_CONNECT_TIMEOUT_S: Final = 10

# A connection rests while a fit runs: firewalls must not cut it, and the server must notice within
# a minute that the machine at the other end is gone.
_KEEPALIVES: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}

_HOLDER: Final = """
    SELECT application_name, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND ((classid::bigint << 32) | objid::bigint) = :key
"""


@contextmanager
def database(url: str, study: str) -> Generator[RDBStorage]:
    """Open Optuna's tables in PostgreSQL to drive one study; make them in an empty database.

    Args:
        url: `postgresql+psycopg://USER@HOST:PORT/DATABASE`. The password comes from `PGPASSWORD` or
            `~/.pgpass`, as libpq reads them.
        study: Name of the study.

    Raises:
        ConfigError: If the URL is of another kind, the driver is not installed, or the database
            belongs to another program.
        CarteleraError: If another search drives the study, or the database cannot be used.
    """
    parsed = _parse(url)
    with _in_words(parsed):
        _make_tables(parsed)
        one_connection = {"pool_size": 1, "max_overflow": 0, "pool_timeout": _CONNECT_TIMEOUT_S}
        storage = _connect(parsed, one_connection, is_made=True)
        try:
            _take(storage.engine, study)
            yield storage
        finally:
            storage.remove_session()
            storage.engine.dispose()


def _parse(url: str) -> sqlalchemy.URL:
    try:
        parsed = sqlalchemy.make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(f"search.storage is no URL that can be read: {_ALLOWED}") from error
    if parsed.drivername not in (_DIALECT, _DRIVER):
        raise ConfigError(f"search.storage={parsed.drivername}://...: {_ALLOWED}")
    if not parsed.database:
        raise ConfigError(f"search.storage={place(parsed)} names no database: {_ALLOWED}")
    return parsed.set(drivername=_DRIVER)


@contextmanager
def _in_words(url: sqlalchemy.URL) -> Generator[None]:
    """Turn what the database's drivers raise into an error that names the database."""
    try:
        yield
    except ImportError as error:
        raise ConfigError(
            f"search.storage={place(url)} needs psycopg: pip install 'cartelera[cluster]'."
        ) from error
    except (SQLAlchemyError, StorageInternalError) as error:
        raise CarteleraError(
            f"The trials' database {place(url)} cannot be used: {summary(error)}\n"
            "Check search.storage and PGPASSWORD; a search that was begun goes on where it was."
        ) from error


def _make_tables(url: sqlalchemy.URL) -> None:
    """Make Optuna's tables if they are missing; one search at a time."""
    engine = sqlalchemy.create_engine(url, connect_args=_connect_arguments())
    try:
        with engine.begin() as connection:
            wait = sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)")
            connection.execute(wait, {"key": _key(_SET_UP)})
            tables = set(sqlalchemy.inspect(connection).get_table_names())
            if "alembic_version" in tables and "studies" not in tables:
                raise ConfigError(
                    f"search.storage={place(url)} holds another program's tables (MLflow's?): "
                    "give Optuna a database of its own."
                )
            _connect(url, {}, is_made=False).engine.dispose()
    except RuntimeError as error:  # tables of an older or newer Optuna
        raise CarteleraError(f"search.storage={place(url)}: {error}") from error
    finally:
        engine.dispose()


def _connect(url: sqlalchemy.URL, pool: Mapping[str, Any], *, is_made: bool) -> RDBStorage:
    return RDBStorage(
        url.render_as_string(hide_password=False),
        engine_kwargs={**pool, "connect_args": _connect_arguments()},
        skip_table_creation=is_made,
        skip_compatibility_check=is_made,
    )


def _connect_arguments() -> dict[str, Any]:
    at_server = " ".join(f"-c tcp_{name}={value}" for name, value in _KEEPALIVES.items())
    return {
        **_KEEPALIVES,
        "options": at_server,
        "connect_timeout": _CONNECT_TIMEOUT_S,
        "application_name": f"cartelera search {socket.gethostname()}:{os.getpid()}",
    }


def _take(engine: sqlalchemy.Engine, study: str) -> None:
    """Lock a study for as long as the engine's only connection lives."""
    key = {"key": _key(study)}
    with engine.begin() as connection:
        take = sqlalchemy.text("SELECT pg_try_advisory_lock(:key)")
        if connection.execute(take, key).scalar():
            return
        holder = connection.execute(sqlalchemy.text(_HOLDER), key).one_or_none()
    by = f" ({holder[0]}, since {holder[1]} UTC)" if holder and holder[0] else ""
    raise CarteleraError(
        f"Another search drives the study {study}{by}: wait for it. "
        "To search with several processes or machines, set search.executor=dask."
    )


def _key(name: str) -> int:
    """Return the number of an advisory lock, of 64 bits with a sign."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
