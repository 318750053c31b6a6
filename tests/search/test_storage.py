import socket
import sys

import pytest
from optuna.storages import JournalStorage

from cartelera.errors import CarteleraError, ConfigError
from cartelera.search.storage import open_storage

URL = "postgresql+psycopg://ana:swordfish@localhost:1/trials"


def refuse(where):
    with pytest.raises(CarteleraError) as raised, open_storage(where, "svd-1"):
        pass
    assert "swordfish" not in str(raised.value)
    return raised.value


@pytest.mark.parametrize("as_text", [str, lambda path: path])
def test_a_name_of_a_file_is_a_journal(tmp_path, as_text):
    with open_storage(as_text(tmp_path / "new" / "journal"), "svd-1") as storage:
        assert isinstance(storage, JournalStorage)

    assert (tmp_path / "new" / "journal").exists()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///trials.db",
        "mysql+pymysql://ana:swordfish@localhost/trials",
        "redis://ana:swordfish@localhost/0",
        "postgresql+asyncpg://ana:swordfish@localhost/trials",
        "postgresql+psycopg://ana:swordfish@localhost",
        "postgresql://ana:swordfish@localhost:port/trials",
        "://ana:swordfish@localhost",
    ],
)
def test_a_url_that_is_no_postgresql_database_is_refused_with_what_is_allowed(url):
    error = refuse(url)

    assert isinstance(error, ConfigError)
    assert "postgresql+psycopg://USER@HOST/DATABASE" in str(error)


def test_without_the_driver_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    error = refuse(URL)

    assert isinstance(error, ConfigError)
    assert "pip install 'cartelera[cluster]'" in str(error)


def test_a_server_that_does_not_answer_is_named_without_its_password():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    error = refuse(f"postgresql://ana:swordfish@127.0.0.1:{port}/trials?password=swordfish")

    assert f"postgresql://127.0.0.1:{port}/trials cannot be used" in str(error)
    assert "PGPASSWORD" in str(error)
