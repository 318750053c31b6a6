import sqlite3
from pathlib import Path

import pytest
import sqlalchemy
from mlflow.store.db import utils

from cartelera.errors import CarteleraError
from cartelera.tracking.new_database import make_database
from cartelera.tracking.store import open_store


class Killed(BaseException):
    """Ends what runs as a signal would: no handler of MLflow's catches it."""


@pytest.fixture
def killed_after(monkeypatch):
    """Kill whoever makes MLflow's tables after so many statements."""
    make = utils._initialize_tables

    def prepare(n_statements: int) -> None:
        def dying(engine: sqlalchemy.Engine) -> None:
            done = iter(range(n_statements))

            @sqlalchemy.event.listens_for(engine, "before_cursor_execute")
            def count(*_) -> None:
                if next(done, None) is None:
                    raise Killed

            make(engine)

        monkeypatch.setattr(utils, "_initialize_tables", dying)

    return prepare


def tables(path: Path) -> int:
    with sqlite3.connect(path) as database:
        return len(database.execute("SELECT name FROM sqlite_master").fetchall())


def test_a_killed_first_run_leaves_no_database_and_the_next_one_makes_it(
    tmp_path, killed_after, monkeypatch
):
    path = tmp_path / "mlflow.db"
    killed_after(600)
    with pytest.raises(Killed):
        make_database(path)
    assert not path.exists()

    monkeypatch.undo()
    open_store(f"sqlite:///{path}")
    assert tables(path) > 30


def test_an_empty_file_becomes_a_database_and_a_filled_one_stays(tmp_path):
    path = tmp_path / "mlflow.db"
    path.touch()
    make_database(path)
    made = path.read_bytes()
    assert tables(path) > 30

    make_database(path)
    assert path.read_bytes() == made


def test_a_half_made_database_is_named_with_the_way_out(tmp_path, killed_after, monkeypatch):
    path = tmp_path / "mlflow.db"
    killed_after(600)
    with pytest.raises(Killed):
        utils._initialize_tables(sqlalchemy.create_engine(f"sqlite:///{path}"))
    monkeypatch.undo()

    with pytest.raises(CarteleraError, match="stopped half way") as failure:
        open_store(f"sqlite:///{path}")
    assert str(path) in str(failure.value)
