"""What of the ratings received the loaded bundle does not hold yet.

The pipeline has taken in the beginning of the log, up to positions that the bundle names; only what
follows is kept in memory. Each bundle has a reader of its own: what was received is then in the
bundle or here, whichever bundle is loaded, a newer one or an older one.
"""

import logging
import threading
from collections.abc import Collection, Generator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cartelera.received import Position
from cartelera.service.answering.feedback import Deletion, next_segment, read_line, segments

logger = logging.getLogger(__name__)

_CHUNK_BYTES: Final = 1 << 22

_State = tuple[int, int, int]


class _Newest(NamedTuple):
    """The newest segment: what it was when it was read, and what the one after it is called."""

    path: Path
    state: _State
    following: Path

    @classmethod
    def now(cls, path: Path) -> "_Newest":
        return cls(path, _state(path), next_segment(path))

    def is_as_it_was(self) -> bool:
        """Tell whether the log holds no more than when it was read; the cost is two `stat`."""
        try:
            return _state(self.path) == self.state and not self.following.exists()
        except FileNotFoundError:
            return False


def _state(path: Path) -> _State:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


class FeedbackReader:
    """The ratings received since the pipeline read the log, by this worker and by others.

    Args:
        folder: Where the log is.
        taken_in: How far the pipeline has read it.
    """

    def __init__(self, folder: Path, taken_in: Collection[Position] = ()):
        self._folder = folder
        self._taken_in = taken_in
        self._reading = threading.Lock()
        self._positions: dict[str, Position] = {}
        self._newest: _Newest | None = None
        self._is_readable = True
        self._latest: dict[int, dict[str, float]] = {}
        self._deleted: set[int] = set()

    def of(self, user_id: int) -> Mapping[str, float]:
        """Return the latest rating of each title a user has rated here, in stars, oldest first."""
        self._refresh()
        return self._latest.get(user_id, {})

    def has_deleted(self, user_id: int) -> bool:
        """Tell whether a user had what the bundle holds of them deleted, when `of` last looked."""
        return user_id in self._deleted

    def _refresh(self) -> None:
        """Read what was appended since the last time."""
        try:
            newest = self._newest  # another thread may replace it
            if newest is None or not newest.is_as_it_was():
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
        paths = segments(self._folder)
        if self._newest is not None and self._newest.path in paths:
            # What is full does not change: only the newest segment goes on, and others follow it.
            paths = paths[paths.index(self._newest.path) :]

        newest = None
        for path in paths:
            newest = _Newest.now(path)  # before reading: what comes meanwhile is news
            with path.open("rb") as file:
                position = self._positions.get(path.name) or self._beginning(path.name, file)
                if not position.is_in(file):
                    # Another file took its place.
                    self._positions, self._newest, self._latest = {}, None, {}
                    self._deleted = set()
                    self._read_on()
                    return
                self._positions[path.name] = self._read_segment(file, position)
        self._newest = newest

    def _beginning(self, name: str, file: BinaryIO) -> Position:
        """Return how far the pipeline has read a segment: not at all, if that was another file."""
        known = [position for position in self._taken_in if position.name == name]
        found = [position for position in known if position.is_in(file)]
        if known and not found:
            logger.warning("%s is not the file that the pipeline read: all of it counts.", name)
        start = Position.at(name, file, 0)
        return max(found, key=lambda position: position.n_bytes, default=start)

    def _read_segment(self, file: BinaryIO, position: Position) -> Position:
        """Take what a segment holds after a position; return the one it was read to."""
        n_bytes = position.n_bytes
        for block in _whole_lines(file, n_bytes):
            fresh: dict[int, dict[str, float]] = {}
            for line in filter(None, map(read_line, block.splitlines())):
                if isinstance(line, Deletion):
                    fresh.pop(line.user_id, None)
                    self._latest.pop(line.user_id, None)
                    self._deleted.add(line.user_id)
                    continue
                own = fresh.setdefault(line.user_id, {})
                own.pop(line.title_id, None)  # the latest comes last
                own[line.title_id] = line.rating
            for user_id, ratings in fresh.items():
                # A new mapping: the former one may be in use in another thread.
                earlier = self._latest.get(user_id)
                self._latest[user_id] = with_later(earlier, ratings) if earlier else ratings
            n_bytes += len(block)
        return Position.at(position.name, file, n_bytes)


def with_later(earlier: Mapping[str, float], later: Mapping[str, float]) -> dict[str, float]:
    """Put later ratings behind earlier ones, by title id; they replace those of the same title.

    >>> with_later({"ns1": 4.0, "ns2": 3.0}, {"ns1": 5.0})
    {'ns2': 3.0, 'ns1': 5.0}
    """
    kept = {title_id: stars for title_id, stars in earlier.items() if title_id not in later}
    return {**kept, **later}


def _whole_lines(file: BinaryIO, start: int) -> Generator[bytes]:
    """Yield blocks of whole lines; what comes after the last of them is not written yet."""
    file.seek(start)
    rest = b""
    while chunk := file.read(_CHUNK_BYTES):
        rest += chunk
        end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
        rest = rest[end:]
