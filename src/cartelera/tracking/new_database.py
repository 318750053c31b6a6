"""A new SQLite database for MLflow, which is there whole or not at all."""

from pathlib import Path

import sqlalchemy
from filelock import FileLock
from mlflow.store.db import utils

from cartelera.files import all_or_nothing


def make_database(path: Path) -> None:
    """Make MLflow's tables, unless the file has content.

    MLflow makes them in hundreds of steps. Stopped between two, by a kill or a full disk, it leaves
    a file that neither it nor its `db upgrade` can ever use; so another name is taken until then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock")):
        if path.is_file() and path.stat().st_size:
            return
        with all_or_nothing(path) as (draft,):
            engine = sqlalchemy.create_engine(f"sqlite:///{draft}")
            try:
                # MLflow has no public way to do this without an open store on the file.
                utils._initialize_tables(engine)  # pyright: ignore[reportPrivateUsage]
            finally:
                engine.dispose()
