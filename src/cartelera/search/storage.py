"""Where the trials are kept: Optuna's journal file, or PostgreSQL."""

import json
import logging
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from optuna.storages import BaseStorage, JournalStorage

from cartelera.errors import CarteleraError, InputError
from cartelera.search.database import database
from cartelera.search.journal_file import OwnedJournalFile

logger = logging.getLogger(__name__)


def open_storage(where: str | Path, study: str) -> AbstractContextManager[BaseStorage]:
    """Open the storage of a study for this search alone; a killed search leaves it free again.

    Args:
        where: The journal's file, or `postgresql+psycopg://USER@HOST/DATABASE`.
        study: Name of the study.

    Raises:
        ConfigError: If it is a URL of another kind, or the database's driver is not installed.
        CarteleraError: If another search has the journal or the study open, or the database cannot
            be used.
        InputError: If the file is not a journal.
    """
    if "://" in str(where):
        return database(str(where), study)
    return journal(Path(where))


@contextmanager
def journal(path: Path) -> Generator[JournalStorage]:
    """Open a journal for this process alone; a killed process leaves it free again.

    A last line that a killed search cut short is removed first.

    Args:
        path: The journal's file; made if it does not exist.

    Raises:
        CarteleraError: If another search has the journal open, or it cannot be written to.
        InputError: If the file is not a journal.
    """
    with _held(path):
        _drop_cut_line(path)
        try:
            _check_ends(path)
            storage = JournalStorage(OwnedJournalFile(path))
        except (ValueError, KeyError) as error:
            raise InputError(
                f"{path} is not a journal Optuna can read ({error}): move it away to start afresh."
            ) from error
        yield storage


@contextmanager
def _held(path: Path) -> Generator[None]:
    """Make a file if it does not exist, and keep it from others who ask this way."""
    lock = FileLock(f"{path}.held")  # Optuna would take `.lock` for a lock of its own
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("ab").close()
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CarteleraError(
            f"Another search has {path} open: wait for it, or set search.storage to another file."
        ) from error
    except OSError as error:
        raise CarteleraError(
            f"The journal {path} cannot be written to ({error.strerror}): set search.storage to a "
            "file in a folder that can."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _drop_cut_line(path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        logger.warning("%s ended in the middle of a line; that line is dropped.", path)
        with path.open("r+b") as file:
            file.truncate(whole)


def _check_ends(path: Path) -> None:
    """Read the first and the last entry, which Optuna would pass over if it cannot read them."""
    lines = path.read_bytes().splitlines()
    for line in lines[:1] + lines[-1:]:
        json.loads(line)["op_code"]
