"""A stop that takes no longer than it may: streams end at once, requests get some time."""

import asyncio
import signal
import threading
from types import FrameType
from typing import Any, Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class Stop:
    """The requests in progress, and what happens to them when the process is told to end.

    The server itself waits for every connection, however long; a page that is open in a browser
    holds one open for ever.

    Args:
        timeout_s: How long requests in progress may still take, in seconds.

    Attributes:
        is_stopping: Whether the process was told to end.
    """

    def __init__(self, timeout_s: float):
        self._timeout_s = timeout_s
        self._tasks: set[asyncio.Task[Any]] = set()
        self._streams: set[asyncio.Task[Any]] = set()
        self._ended: set[asyncio.Task[Any]] = set()
        self.is_stopping = False

    def listen(self) -> None:
        """Take notice of the signals that end the server, which still gets them itself."""
        if threading.current_thread() is not threading.main_thread():
            return
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            former = signal.getsignal(number)

            def noticed(number: int, frame: FrameType | None, former: Any = former) -> None:
                loop.call_soon_threadsafe(self.begin)
                if callable(former):
                    former(number, frame)

            signal.signal(number, noticed)

    def enter(self) -> asyncio.Task[Any]:
        """Note that the current task answers a request."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("requests are answered in tasks")
        self._tasks.add(task)
        return task

    def leave(self, task: asyncio.Task[Any]) -> None:
        """Note that a task is through with its request."""
        self._tasks.discard(task)
        self._streams.discard(task)
        self._ended.discard(task)

    def is_stream(self, task: asyncio.Task[Any]) -> None:
        """Note that a task's answer goes on without an end of its own."""
        self._streams.add(task)
        if self.is_stopping:
            self._end([task])

    def has_ended(self, task: asyncio.Task[Any]) -> bool:
        """Tell whether it was this that cancelled a task."""
        return task in self._ended

    def begin(self) -> None:
        """End the streams now and the other requests when their time is over."""
        if self.is_stopping:
            return
        self.is_stopping = True
        self._end(list(self._streams))
        loop = asyncio.get_running_loop()
        loop.call_later(self._timeout_s, lambda: self._end(list(self._tasks)))

    def _end(self, tasks: list[asyncio.Task[Any]]) -> None:
        for task in tasks:
            self._ended.add(task)
            task.cancel()
