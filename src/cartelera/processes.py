"""Doing the same with many things in several processes of this machine."""

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from rich.progress import track

from cartelera.errors import CarteleraError

T = TypeVar("T")

MapAll: TypeAlias = Callable[..., Iterable[Any]]
"""Does what `map` does, somewhere; results come in the order of what they are made of."""


@contextmanager
def mapping(n_processes: int) -> Generator[MapAll]:
    """Yield `map`, or what does the same in several processes.

    Raises:
        CarteleraError: If a process is killed, most likely for lack of memory.
    """
    if n_processes == 1:
        yield map
        return
    with ProcessPoolExecutor(n_processes, get_context("spawn"), _follow_parent) as pool:
        try:
            yield pool.map
        except BrokenProcessPool as error:
            raise CarteleraError(
                f"One of {n_processes} processes was killed, most likely for lack of memory."
            ) from error


def shown(results: Iterable[T], n_tasks: int, what: str) -> Iterable[T]:
    """Yield the results of tasks, and show people how far it is."""
    is_hidden = not sys.stderr.isatty()
    return track(results, description=what, total=n_tasks, disable=is_hidden)


def _follow_parent() -> None:
    """Leave Ctrl-C to the process that started this one, and end when it does, even if killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def n_processors() -> int:
    """Count the processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
