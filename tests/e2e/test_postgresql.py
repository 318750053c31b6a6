"""A real PostgreSQL: studies, one search at a time, none lost to a kill; the lists of all users."""

import subprocess
import sys
import threading

import optuna
import pytest
import sqlalchemy
from sqlalchemy import make_url
from tests.batch.test_table import row, rows_of, write_files

from cartelera.batch.table import prepare_table, replace_rows
from cartelera.errors import CarteleraError, ConfigError
from cartelera.search.storage import open_storage

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("postgresql")]

HOLD = """
import sys, time
from cartelera.search.storage import open_storage
with open_storage(sys.argv[1], sys.argv[2]):
    print("open", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def url(postgresql, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", postgresql.password)
    return postgresql.new_database()


@pytest.fixture
def held(url):
    """A study that another process drives, and that process."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, "svd-1"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.wait()


def n_trials(url, study):
    with open_storage(url, study) as storage:
        return len(optuna.load_study(study_name=study, storage=storage).trials)


def add_trial(url, study):
    with open_storage(url, study) as storage:
        opened = optuna.create_study(storage=storage, study_name=study, load_if_exists=True)
        opened.add_trial(optuna.trial.create_trial(value=1.0))


def test_trials_stay_and_an_open_study_refuses_a_second_search_but_not_another_study(url):
    add_trial(url, "svd-1")
    with open_storage(url, "svd-1"):
        with (
            pytest.raises(CarteleraError, match=r"Another search drives the study svd-1 \(cart"),
            open_storage(url, "svd-1"),
        ):
            pass
        add_trial(url, "svd-2")
    add_trial(url, "svd-1")

    assert (n_trials(url, "svd-1"), n_trials(url, "svd-2")) == (2, 1)


def test_a_killed_search_leaves_its_study_free(url, held):
    with pytest.raises(CarteleraError, match=f":{held.pid}, since .* wait for it"):
        add_trial(url, "svd-1")

    held.kill()
    held.wait()

    for _ in range(50):  # the server notices within moments
        try:
            add_trial(url, "svd-1")
            break
        except CarteleraError:
            continue
    assert n_trials(url, "svd-1") == 1


def test_a_search_that_lost_its_connection_cannot_write_any_more(url, postgresql):
    with pytest.raises(CarteleraError, match="goes on where it was"), open_storage(url, "s") as own:
        study = optuna.create_study(storage=own, study_name="s")
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
        postgresql.sql(cut.format(make_url(url).database))
        study.ask()

    assert n_trials(url, "s") == 0


def test_searches_that_start_at_once_in_an_empty_database_do_not_collide(url):
    errors = []

    def work(study):
        try:
            add_trial(url, study)
        except CarteleraError as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"study-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    assert [n_trials(url, f"study-{number}") for number in range(4)] == [1] * 4


def test_a_database_of_another_program_is_refused(url, postgresql):
    database = make_url(url).database
    postgresql.sql("CREATE TABLE alembic_version (version_num text)", database)

    with pytest.raises(ConfigError, match="database of its own"), open_storage(url, "s"):
        pass


def test_a_wrong_password_is_said_without_saying_it(url, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "swordfish")

    with pytest.raises(CarteleraError, match="password authentication failed") as raised:
        add_trial(url, "s")

    assert "swordfish" not in str(raised.value)
    with pytest.raises(CarteleraError) as raised:
        add_trial(url.replace("postgres@", "postgres:swordfish@"), "s")
    assert "swordfish" not in str(raised.value)


def test_lists_are_replaced_while_somebody_reads_them(url, postgresql, tmp_path):
    database, plain = make_url(url).database, url.replace("+psycopg", "")
    postgresql.sql("CREATE SCHEMA shop", database)
    prepare_table(plain, "shop.lists")
    replace_rows(write_files(tmp_path / "old", [row(1), row(2)]), plain, "shop.lists")
    postgresql.sql("CREATE VIEW firsts AS SELECT user_id FROM shop.lists", database)

    engine = sqlalchemy.create_engine(url, isolation_level="REPEATABLE READ")
    with engine.begin() as reader:
        read = sqlalchemy.text("SELECT count(*) FROM shop.lists")
        assert reader.execute(read).scalar() == 2
        prepare_table(plain, "shop.lists")
        replace_rows(write_files(tmp_path / "new", [row(3)]), plain, "shop.lists")
        assert reader.execute(read).scalar() == 2
    engine.dispose()

    assert rows_of(url, "shop.lists") == [row(3)]
    assert postgresql.sql("SELECT * FROM firsts", database) == "3"
