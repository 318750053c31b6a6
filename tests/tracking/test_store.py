import shutil
import sqlite3

import pytest

from cartelera.errors import CarteleraError, ConfigError
from cartelera.tracking.store import open_store


def test_the_database_of_another_mlflow_is_named_with_the_way_on(tmp_path, tracker):
    path = tmp_path / "mlflow.db"
    shutil.copy(tracker.uri.removeprefix("sqlite:///"), path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = 'bda7b8c39065'")

    with pytest.raises(CarteleraError, match=f"mlflow db upgrade sqlite:///{path}"):
        open_store(f"sqlite:///{path}")


def test_the_database_of_a_search_is_no_database_for_runs(tmp_path):
    with sqlite3.connect(tmp_path / "trials.db") as database:
        database.execute("CREATE TABLE studies (study_id INTEGER)")

    with pytest.raises(ConfigError, match="database of its own"):
        open_store(f"sqlite:///{tmp_path / 'trials.db'}")

    with sqlite3.connect(tmp_path / "trials.db") as database:
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("studies",)], "nothing is added to it"
