"""Ratings received over HTTP: an append-only file that outlives the process that writes it.

The file has the format of the raw ratings, so that the next run of the pipeline reads it as it is.
Several workers append to one file and read each other's lines: a lock makes appends one after
another, and each worker remembers how far it has read.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cartelera import columns as c

logger = logging.getLogger(__name__)

FOLDER_VARIABLE: Final = "CARTELERA_FEEDBACK"
FILE_NAME: Final = "ratings.csv"

_HEADER: Final = f"{','.join(c.RAW_RATING_COLUMNS)}\n".encode()
_FEW_BYTES: Final = 1 << 16


@dataclass(frozen=True)
class ReceivedRating:
    """One line of the file.

    Attributes:
        user_id: The user.
        rating: In stars.
        timestamp: Seconds since 1970-01-01 UTC.
        title_id: The title.
    """

    user_id: int
    rating: float
    timestamp: int
    title_id: str

    def line(self) -> bytes:
        """Write it as the raw ratings are written."""
        return f"{self.user_id},{self.rating},{self.timestamp},{self.title_id}\n".encode()

    @classmethod
    def parse(cls, line: bytes) -> "ReceivedRating | None":
        """Read a line; None if it is no rating, as the header is none."""
        try:
            user_id, rating, timestamp, title_id = line.decode().strip().split(",")
            return cls(int(user_id), float(rating), int(timestamp), title_id)
        except ValueError:
            return None


class FeedbackLog:
    """The ratings received so far, this worker's and the others'.

    Args:
        folder: Where the file is; made when the first rating comes.
    """

    def __init__(self, folder: Path):
        self._path = folder / FILE_NAME
        self._guard = threading.Lock()
        self._offset = 0
        self._inode: int | None = None
        self._latest: dict[int, dict[str, float]] = {}

    def append(self, rating: ReceivedRating) -> None:
        """Keep a rating; once this returns it survives the process and the machine stopping.

        Raises:
            OSError: If it cannot be kept: the file is as it was then.
        """
        with self._guard, _locked(self._path) as file:
            end = _end_of_whole_lines(file)
            line = rating.line() if end else _HEADER + rating.line()
            try:
                os.ftruncate(file, end)  # what a killed writer left unfinished
                _write_at(file, line, end)
                os.fsync(file)
            except OSError:
                os.ftruncate(file, end)
                raise
            if not end:
                _sync_folder(self._path.parent)

    def of(self, user_id: int) -> Mapping[str, float]:
        """Give the latest rating of each title a user has rated here, in stars."""
        self._refresh()
        return self._latest.get(user_id, {})

    def _refresh(self) -> None:
        """Read what was appended since the last time; without news, the cost is one `stat`."""
        try:
            state = self._path.stat()
        except OSError:
            return
        if state.st_ino == self._inode and state.st_size == self._offset:
            return
        with self._guard, suppress(FileNotFoundError):
            self._read_on()

    def _read_on(self) -> None:
        with self._path.open("rb") as file:
            state = os.fstat(file.fileno())
            if state.st_ino != self._inode or state.st_size < self._offset:
                self._inode, self._offset, self._latest = state.st_ino, 0, {}
            file.seek(self._offset)
            news = file.read()
        whole = news[: news.rfind(b"\n") + 1]
        fresh: dict[int, dict[str, float]] = {}
        for rating in filter(None, map(ReceivedRating.parse, whole.splitlines())):
            fresh.setdefault(rating.user_id, {})[rating.title_id] = rating.rating
        for user_id, ratings in fresh.items():
            # A new mapping: the former one may be in use in another thread.
            self._latest[user_id] = {**self._latest.get(user_id, {}), **ratings}
        self._offset += len(whole)


def from_environment() -> FeedbackLog | None:
    """Give the log in the folder that the environment names; none if it names none."""
    folder = os.environ.get(FOLDER_VARIABLE, "").strip()
    return FeedbackLog(Path(folder)) if folder else None


@contextmanager
def _locked(path: Path) -> Generator[int]:
    """Open the file for reading and writing, one process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)  # which unlocks it


def _end_of_whole_lines(file: int) -> int:
    """Find where the last whole line ends; a line without an end was never confirmed."""
    end = os.fstat(file).st_size
    while end:
        start = max(0, end - _FEW_BYTES)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_at(file: int, content: bytes, offset: int) -> None:
    while content:
        written = os.pwrite(file, content, offset)
        content, offset = content[written:], offset + written


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
