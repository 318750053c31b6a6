"""Studies in a real PostgreSQL: one search at a time, none lost to a kill."""

import subprocess
import sys
import threading

import optuna
import pytest
from sqlalchemy import make_url

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
