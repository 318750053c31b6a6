"""Artifacts of a moved MLflow database: the absolute paths it stores, set right."""

import logging
from typing import Final

import sqlalchemy

logger = logging.getLogger(__name__)

_PATHS: Final = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)
"""Where MLflow stores paths of artifacts: tables and columns."""


def relocate(uri: str, former: str, now: str) -> bool:
    """Let all paths below one folder of artifacts be below another one.

    A former place with another last folder was chosen by somebody, and is kept.

    Args:
        uri: The database.
        former: The folder's address as it is stored, such as `file:///old/mlartifacts`.
        now: Where the folder is.

    Returns:
        Whether there was anything to set right.
    """
    former, now = former.rstrip("/"), now.rstrip("/")
    if former == now or former.rsplit("/", 1)[-1] != now.rsplit("/", 1)[-1]:
        return False

    engine = sqlalchemy.create_engine(uri)
    try:
        known = sqlalchemy.inspect(engine)
        tables = set(known.get_table_names())
        with engine.begin() as connection:
            for table, column in _PATHS:
                if table not in tables:
                    continue
                if column not in {one["name"] for one in known.get_columns(table)}:
                    continue
                _replace_beginning(connection, table, column, former, now)
    finally:
        engine.dispose()

    logger.warning("MLflow's database was moved: its artifacts are in %s now, not %s.", now, former)
    return True


def _replace_beginning(
    connection: sqlalchemy.Connection, table: str, column: str, former: str, now: str
) -> None:
    of = sqlalchemy.column(column)
    is_below = sqlalchemy.func.substr(of, 1, len(former) + 1) == f"{former}/"
    connection.execute(
        sqlalchemy.update(sqlalchemy.table(table, of))
        .where(sqlalchemy.or_(of == former, is_below))
        .values({column: sqlalchemy.literal(now) + sqlalchemy.func.substr(of, len(former) + 1)})
    )
