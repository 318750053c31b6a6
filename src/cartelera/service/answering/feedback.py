"""Ratings received over HTTP: an append-only file that outlives the process that writes it.

The file has the format of the raw ratings, so that the next run of the pipeline reads it as it is.
Several workers append to one file and read each other's lines: a lock makes appends one after
another, and each worker remembers how far it has read.
"""

import logging
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from filelock import FileLock

from cartelera import columns as c
from cartelera.catalogue.arguments import HIGHEST_SCORE

logger = logging.getLogger(__name__)

FOLDER_VARIABLE: Final = "CARTELERA_FEEDBACK"
FILE_NAME: Final = "ratings.csv"

_HEADER: Final = f"{','.join(c.RAW_RATING_COLUMNS)}\n".encode()
_FEW_BYTES: Final = 1 << 16
_LONGEST_LINE: Final = 256
_POLL_S: Final = 0.005

_MOST_BACK_S: Final = 86_400
"""A clock that seems further behind is believed: it is the line in the file that is wrong then."""

_State = tuple[int, int, int]


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
        """Read a line; None if it is no rating on any scale, as the header is none."""
        try:
            user_id, rating, timestamp, title_id = line.decode().strip().split(",")
            received = cls(int(user_id), float(rating), int(timestamp), title_id)
        except ValueError:
            return None
        return received if 0 <= received.rating <= HIGHEST_SCORE else None


class FeedbackLog:
    """The ratings received so far, this worker's and the others'.

    Args:
        folder: Where the file is; made when the first rating comes.
    """

    def __init__(self, folder: Path):
        self._path = folder / FILE_NAME
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._offset = 0
        self._last_read = b""
        self._state: _State | None = None
        self._is_readable = True
        self._latest: dict[int, dict[str, float]] = {}

    def append(self, rating: ReceivedRating) -> ReceivedRating:
        """Keep a rating; once this returns it survives the process and the machine stopping.

        Returns:
            The rating as it is kept: where the clock went back, with the time of the one before,
            for the pipeline tells by the time which of two counts.

        Raises:
            OSError: If it cannot be kept: the file is as it was then.
        """
        with self._writing, _locked(self._path) as file:
            end = _end_of_whole_lines(file)
            last = _last_rating(file, end)
            if last is not None and 0 < last.timestamp - rating.timestamp <= _MOST_BACK_S:
                rating = replace(rating, timestamp=last.timestamp)
            line = rating.line() if end else _HEADER + rating.line()
            try:
                file.truncate(end)  # what a killed writer left unfinished
                _write_at(file, line, end)
                os.fsync(file.fileno())
            except OSError:
                file.truncate(end)
                raise
            if not end:
                _sync_folder(self._path.parent)
        return rating

    def of(self, user_id: int) -> Mapping[str, float]:
        """Return the latest rating of each title a user has rated here, in stars, oldest first."""
        self._refresh()
        return self._latest.get(user_id, {})

    def _refresh(self) -> None:
        """Read what was appended since the last time; without news, the cost is one `stat`."""
        try:
            if _state(self._path.stat()) == self._state:
                return
            # Not the lock of the writers: who only asks does not wait for the disk.
            with self._reading:
                self._read_on()
            self._is_readable = True
        except FileNotFoundError:
            return
        except OSError as error:
            if self._is_readable:
                logger.error("The ratings received cannot be read: %s", error)
            self._is_readable = False

    def _read_on(self) -> None:
        with self._path.open("rb") as file:
            state = os.fstat(file.fileno())
            if not self._is_continued_by(file, state):
                self._offset, self._last_read, self._latest = 0, b"", {}
            file.seek(self._offset)
            news = file.read()
        whole = news[: news.rfind(b"\n") + 1]
        fresh: dict[int, dict[str, float]] = {}
        for rating in filter(None, map(ReceivedRating.parse, whole.splitlines())):
            own = fresh.setdefault(rating.user_id, {})
            own.pop(rating.title_id, None)  # the latest comes last
            own[rating.title_id] = rating.rating
        for user_id, ratings in fresh.items():
            # A new mapping: the former one may be in use in another thread.
            self._latest[user_id] = with_later(self._latest.get(user_id, {}), ratings)
        self._offset += len(whole)
        self._last_read = (self._last_read + whole)[-_LONGEST_LINE:]
        self._state = _state(state)

    def _is_continued_by(self, file: BinaryIO, state: os.stat_result) -> bool:
        """Tell whether a file still begins with what was read; a new one may get its number."""
        if self._state is None or state.st_ino != self._state[0] or state.st_size < self._offset:
            return False
        file.seek(self._offset - len(self._last_read))
        return file.read(len(self._last_read)) == self._last_read


def with_later(earlier: Mapping[str, float], later: Mapping[str, float]) -> dict[str, float]:
    """Put later ratings behind earlier ones, by title id; they replace those of the same title.

    >>> with_later({"ns1": 4.0, "ns2": 3.0}, {"ns1": 5.0})
    {'ns2': 3.0, 'ns1': 5.0}
    """
    kept = {title_id: stars for title_id, stars in earlier.items() if title_id not in later}
    return {**kept, **later}


def from_environment() -> FeedbackLog | None:
    """Return the log in the folder that the environment names; none if it names none."""
    folder = os.environ.get(FOLDER_VARIABLE, "").strip()
    return FeedbackLog(Path(folder)) if folder else None


def _state(found: os.stat_result) -> _State:
    return found.st_ino, found.st_size, found.st_mtime_ns


@contextmanager
def _locked(path: Path) -> Generator[BinaryIO]:
    """Open the file for reading and writing, one process at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock"), poll_interval=_POLL_S):
        path.touch(0o644)
        with path.open("r+b", buffering=0) as file:
            yield file


def _read_at(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(end - start)


def _end_of_whole_lines(file: BinaryIO) -> int:
    """Find where the last whole line ends; a line without an end was never confirmed."""
    end = os.fstat(file.fileno()).st_size
    while end:
        start = max(0, end - _FEW_BYTES)
        found = _read_at(file, start, end).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _last_rating(file: BinaryIO, end: int) -> ReceivedRating | None:
    """Read the last of the whole lines, if it is a rating."""
    start = max(0, end - _LONGEST_LINE)
    lines = _read_at(file, start, end).splitlines()
    return ReceivedRating.parse(lines[-1]) if lines else None


def _write_at(file: BinaryIO, content: bytes, offset: int) -> None:
    file.seek(offset)
    while content:
        content = content[file.write(content) :]


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # where folders cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
