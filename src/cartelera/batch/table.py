"""The lists of all users as a table of a database, replaced in one transaction.

Who reads the table sees the old lists until the new ones are whole. It is emptied and filled, not
made anew: rights, views and indexes that others gave it stay.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cartelera import columns as c
from cartelera.batch.lists import SCHEMA
from cartelera.errors import CarteleraError, ConfigError
from cartelera.sql import place, summary

_TYPES: Final = {
    pa.int64(): sa.BigInteger(),
    pa.int32(): sa.Integer(),
    pa.float64(): sa.Double(),
    pa.string(): sa.Text(),
}
_KEY: Final = (c.USER_ID, c.POSITION)
_ROWS_AT_ONCE: Final = 10_000


def prepare_table(url: str, name: str) -> None:
    """Make the table if it is not there; whatever could keep lists from it comes out here.

    Args:
        url: Of the database, as SQLAlchemy reads it.
        name: Of the table; a dot parts it from the schema's.

    Raises:
        ConfigError: If the URL cannot be read, its driver is not installed, or the table is one of
            something else.
        CarteleraError: If the database cannot be used.
    """
    table = _table(name)
    with _transaction(url) as connection:
        _refuse_foreign(connection, table)
        table.create(connection, checkfirst=True)


def replace_rows(folder: Path, url: str, name: str) -> None:
    """Fill the table with the lists of a folder; it has those alone then.

    Args:
        folder: What `write_lists` made.
        url: As for `prepare_table`.
        name: Likewise.

    Raises:
        CarteleraError: If the database cannot be used; the rows are as they were.
    """
    table = _table(name)
    with _transaction(url) as connection:
        connection.execute(table.delete())
        for path in folder.iterdir():
            for batch in pq.ParquetFile(path).iter_batches(_ROWS_AT_ONCE):
                connection.execute(table.insert(), batch.to_pylist())


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError(
            "recommend.database is no URL that can be read: write postgresql://USER@HOST/DATABASE "
            "or another one of SQLAlchemy's."
        ) from None
    is_plain = parsed.drivername == "postgresql"
    return parsed.set(drivername="postgresql+psycopg") if is_plain else parsed


def _table(name: str) -> sa.Table:
    schema, _, own = name.rpartition(".")
    columns = [
        sa.Column(
            each.name,
            _TYPES[each.type],
            primary_key=each.name in _KEY,
            autoincrement=False,
            nullable=each.nullable,
        )
        for each in SCHEMA
    ]
    return sa.Table(own, sa.MetaData(), *columns, schema=schema or None)


def _refuse_foreign(connection: sa.Connection, table: sa.Table) -> None:
    """Keep what is no table of lists from being emptied."""
    inspector = sa.inspect(connection)
    if not inspector.has_table(table.name, table.schema):
        return
    found = {column["name"] for column in inspector.get_columns(table.name, table.schema)}
    if found != set(table.columns.keys()):
        raise ConfigError(
            f"recommend.table={table.fullname} is a table with other columns, which is left as it "
            "is: give another name, or drop it if it holds lists of an earlier version."
        )


@contextmanager
def _transaction(url: str) -> Generator[sa.Connection]:
    """Connect; what the database's drivers raise becomes an error that names the setting."""
    parsed = _parse(url)
    try:
        engine = sa.create_engine(parsed, poolclass=sa.NullPool)
        with engine.begin() as connection:
            yield connection
    except ImportError as error:
        raise ConfigError(
            f"recommend.database={place(parsed)} needs a driver that is not installed: {error}. "
            "For PostgreSQL: pip install 'cartelera[cluster]'."
        ) from error
    except SQLAlchemyError as error:
        raise CarteleraError(
            f"recommend.database={place(parsed)} cannot be written to: {summary(error)}\n"
            "Check it, recommend.table and PGPASSWORD; the table is as it was."
        ) from error
