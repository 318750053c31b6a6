"""The table of lists in a database: replaced whole or not at all, and nobody else's."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from cartelera.batch.lists import SCHEMA
from cartelera.batch.table import prepare_table, replace_rows
from cartelera.errors import CarteleraError, ConfigError

NAME = "recommendations"


def row(user_id: int, position: int = 1) -> tuple[object, ...]:
    about = ("ns1", "ns1", "netflix, hulu", 0.5, None, "ranking", "ns2", None, None)
    return (user_id, position, *about)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/lists.db"


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[..., Path]:
    names = count()
    return lambda *files: write_files(tmp_path / f"lists-{next(names)}", *files)


def write_files(folder: Path, *files: list[tuple[object, ...]]) -> Path:
    """Write files of rows as `write_lists` does."""
    folder.mkdir()
    for number, rows in enumerate(files):
        columns = zip(zip(*rows, strict=True), SCHEMA, strict=True)
        table = pa.table([pa.array(column, each.type) for column, each in columns], schema=SCHEMA)
        pq.write_table(table, folder / f"users-{number}.parquet")
    return folder


def rows_of(url: str, name: str = NAME) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.text(f"SELECT * FROM {name}")).all()
    engine.dispose()
    return sorted(tuple(each) for each in found)


def run(url: str, statement: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def test_the_table_has_the_rows_of_the_files_alone(url: str, folder_of: Callable[..., Path]):
    prepare_table(url, NAME)
    replace_rows(folder_of([row(1), row(1, 2)], [row(3)]), url, NAME)
    assert rows_of(url) == [row(1), row(1, 2), row(3)]

    prepare_table(url, NAME)
    assert len(rows_of(url)) == 3, "until there are new ones"
    replace_rows(folder_of([row(2)]), url, NAME)
    assert rows_of(url) == [row(2)]


def test_what_fails_half_way_leaves_the_rows_as_they_were(url: str, folder_of):
    prepare_table(url, NAME)
    replace_rows(folder_of([row(1)]), url, NAME)

    with pytest.raises(CarteleraError, match=r"recommend\.database=sqlite:///.* UNIQUE"):
        replace_rows(folder_of([row(2)], [row(2)]), url, NAME)

    assert rows_of(url) == [row(1)]


def test_what_others_gave_the_table_stays(url: str, folder_of: Callable[..., Path]):
    prepare_table(url, NAME)
    run(url, f"CREATE VIEW firsts AS SELECT * FROM {NAME} WHERE position = 1")

    prepare_table(url, NAME)
    replace_rows(folder_of([row(1), row(1, 2)]), url, NAME)

    assert rows_of(url, "firsts") == [row(1)]


def test_a_table_of_something_else_is_not_touched(url: str):
    run(url, "CREATE TABLE users (user_id INTEGER)")
    run(url, "INSERT INTO users VALUES (7)")

    with pytest.raises(ConfigError, match=r"recommend\.table=users is a table with other columns"):
        prepare_table(url, "users")

    assert rows_of(url, "users") == [(7,)]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("lists.db", "recommend.database is no URL"),
        ("sqlite:////nowhere/lists.db", "recommend.database=sqlite:////nowhere/lists.db cannot"),
        ("nosuch://ana@host/lists", "recommend.database=nosuch://host/lists cannot"),
        ("mysql://ana@host/lists", "needs a driver that is not installed"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_with_the_setting(url: str, said: str):
    with pytest.raises(CarteleraError) as caught:
        prepare_table(url, NAME)

    assert said in str(caught.value)
    assert "ana" not in str(caught.value)
