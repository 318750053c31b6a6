"""Ratings received over HTTP: an append-only log that outlives the process that writes it.

The log is one or more segments, files in the format of the raw ratings, so that the next run of
the pipeline reads them as they are. Several workers append to the last segment: a lock makes
appends one after another. A segment that has its size is left alone, and the next one begins.
"""

import errno
import os
import re
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from filelock import FileLock

from cartelera import columns as c
from cartelera.catalogue.arguments import HIGHEST_SCORE
from cartelera.received import DELETED

FOLDER_VARIABLE: Final = "CARTELERA_FEEDBACK"
FIRST_SEGMENT: Final = "ratings.csv"
SEGMENT_BYTES: Final = 1 << 26
"""About 2.7 million ratings."""

_SEGMENT: Final = re.compile(r"ratings(?:_(\d{6}))?\.csv")
_LOCK: Final = "ratings.lock"
_HEADER: Final = f"{','.join(c.RAW_RATING_COLUMNS)}\n".encode()
_FEW_BYTES: Final = 1 << 16
_LONGEST_LINE: Final = 256
_POLL_S: Final = 0.005

_MOST_BACK_S: Final = 86_400
"""A clock that seems further behind is believed: it is the line in the file that is wrong then."""


@dataclass(frozen=True)
class ReceivedRating:
    """A rating, one line of the log.

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


@dataclass(frozen=True)
class Deletion:
    """A line that deletes what was received of a user before it.

    Attributes:
        user_id: The user.
        timestamp: Seconds since 1970-01-01 UTC.
    """

    user_id: int
    timestamp: int

    def line(self) -> bytes:
        """Write it as a raw rating without a title."""
        return f"{self.user_id},{DELETED},{self.timestamp},\n".encode()


def read_line(line: bytes) -> ReceivedRating | Deletion | None:
    """Read a line of the log; None if it is no rating on any scale, as the header is none."""
    try:
        user_id, rating, timestamp, title_id = line.decode().strip().split(",")
        if rating == DELETED:
            return Deletion(int(user_id), int(timestamp))
        received = ReceivedRating(int(user_id), float(rating), int(timestamp), sys.intern(title_id))
    except ValueError:
        return None
    return received if 0 <= received.rating <= HIGHEST_SCORE else None


LineT = TypeVar("LineT", ReceivedRating, Deletion)


class FeedbackLog:
    """The log that ratings are appended to; `feedback_reader` reads it.

    Args:
        folder: Where it is; made when the first rating comes.
        segment_bytes: How long a segment gets at least before the next one begins. All processes
            that share a folder take the same.
    """

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES):
        self.folder = folder
        self._segment_bytes = segment_bytes
        self._writing = threading.Lock()

    def append(self, line: LineT) -> LineT:
        """Keep a line; once this returns it survives the process and the machine stopping.

        Returns:
            The line as it is kept: where the clock went back, with the time of the one before,
            for the pipeline tells by the time which of two ratings counts.

        Raises:
            OSError: If it cannot be kept: the log is as it was then.
        """
        with self._writing, _locked(self.folder):
            paths = segments(self.folder)
            last = _last_line(paths)
            if last is not None and 0 < last.timestamp - line.timestamp <= _MOST_BACK_S:
                line = replace(line, timestamp=last.timestamp)
            _append(self._segment_after(paths), line.line())
        return line

    def _segment_after(self, paths: Sequence[Path]) -> Path:
        """Return the segment that the next line goes to."""
        if not paths:
            return self.folder / FIRST_SEGMENT
        is_full = paths[-1].stat().st_size >= self._segment_bytes
        return next_segment(paths[-1]) if is_full else paths[-1]


def segments(folder: Path) -> list[Path]:
    """Return the segments of a log, in the order they were written.

    Raises:
        FileNotFoundError: If there is no such folder.
        OSError: If one is no file, such as a pipe: to open it could wait for ever.
    """
    found = sorted(path for path in folder.iterdir() if _SEGMENT.fullmatch(path.name))
    for path in found:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "this is no file", str(path))
    return found


def next_segment(path: Path) -> Path:
    """Return what the segment after another one is called.

    >>> next_segment(Path("ratings.csv")).name, next_segment(Path("ratings_000002.csv")).name
    ('ratings_000002.csv', 'ratings_000003.csv')
    """
    found = _SEGMENT.fullmatch(path.name)
    number = int(found[1] or 1) if found else 0
    return path.with_name(f"ratings_{number + 1:06}.csv")


def from_environment() -> FeedbackLog | None:
    """Return the log in the folder that the environment names; none if it names none."""
    folder = os.environ.get(FOLDER_VARIABLE, "").strip()
    return FeedbackLog(Path(folder)) if folder else None


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Let one process at a time write to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / _LOCK, poll_interval=_POLL_S):
        yield


def _append(path: Path, line: bytes) -> None:
    """Append a line to a segment, which is made if need be; on failure it is as it was."""
    path.touch(0o644)
    with path.open("r+b", buffering=0) as file:
        end = _end_of_whole_lines(file)
        try:
            file.truncate(end)  # what a killed writer left unfinished
            _write_at(file, line if end else _HEADER + line, end)
            os.fsync(file.fileno())
        except OSError:
            file.truncate(end)
            raise
    if not end:
        _sync_folder(path.parent)


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


def _last_line(paths: Sequence[Path]) -> ReceivedRating | Deletion | None:
    """Read the last of the whole lines; the newest segment may have none, after a crash."""
    for path in reversed(paths):
        with path.open("rb") as file:
            end = _end_of_whole_lines(file)
            lines = _read_at(file, max(0, end - _LONGEST_LINE), end).splitlines()
        if lines and (last := read_line(lines[-1])):
            return last
    return None


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
