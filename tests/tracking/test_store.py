import sqlite3

import pytest

from cartelera.errors import ConfigError
from cartelera.tracking.store import open_store


def test_the_database_of_a_search_is_no_database_for_runs(tmp_path):
    with sqlite3.connect(tmp_path / "trials.db") as database:
        database.execute("CREATE TABLE studies (study_id INTEGER)")

    with pytest.raises(ConfigError, match="database of its own"):
        open_store(f"sqlite:///{tmp_path / 'trials.db'}")

    with sqlite3.connect(tmp_path / "trials.db") as database:
        tables = database.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("studies",)], "nothing is added to it"
