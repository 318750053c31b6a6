"""Where the trials are kept: Optuna's journal file, or PostgreSQL."""

import fcntl
import json
import logging
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

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

    A last line cut short and the lock of a killed search are removed first.

    Args:
        path: The journal's file; made if it does not exist.

    Raises:
        CarteleraError: If another search has the journal open.
        InputError: If the file is not a journal.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as owned:
        try:
            fcntl.flock(owned, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CarteleraError(
                f"Another search has {path} open: wait for it, or set search.storage to "
                "another file."
            ) from error
        _clear_up(path)
        try:
            _check_ends(path)
            storage = JournalStorage(OwnedJournalFile(path))
        except (ValueError, KeyError) as error:
            raise InputError(
                f"{path} is not a journal Optuna can read ({error}): move it away to start afresh."
            ) from error
        yield storage


def _clear_up(path: Path) -> None:
    for left in path.parent.glob(f"{path.name}.lock*"):
        left.unlink(missing_ok=True)
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
