"""Clocks, peak memory, processes of their own, and what machine this is."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_STATUS = Path("/proc/self/status")
_LIBRARIES = ("numpy", "numba", "pandas", "scikit-surprise", "cornac", "libmf", "implicit", "torch")


class Stopwatch:
    """Counts seconds from its making on, except while it is paused."""

    def __init__(self):
        self._since = time.perf_counter()
        self._paused = 0.0

    @property
    def seconds(self) -> float:
        """Seconds so far; not to be asked while paused."""
        return time.perf_counter() - self._since - self._paused

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave out what happens inside."""
        begin = time.perf_counter()
        yield
        self._paused += time.perf_counter() - begin


def timed(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[float, T]:
    """Give the seconds a call takes, and its answer."""
    watch = Stopwatch()
    answer = function(*args, **kwargs)
    return watch.seconds, answer


def in_own_process(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a fresh interpreter, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def forget_peak() -> None:
    """Make this process' peak memory its present memory (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Give the most memory this process has held at a time, in MB (Linux).

    Not `getrusage`: what that reports includes the parent's memory at the moment of the fork.
    """
    return _status_mb("VmHWM")


def present_mb() -> float:
    """Give the memory this process holds now, in MB (Linux)."""
    return _status_mb("VmRSS")


def machine() -> dict[str, Any]:
    """Describe the machine, its load and the libraries."""
    cpu = Path("/proc/cpuinfo").read_text().split("model name\t: ", 1)[-1].split("\n", 1)[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "date": datetime.now(UTC).date().isoformat(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "libraries": {name: found for name in _LIBRARIES if (found := _version(name))},
    }


def _status_mb(field: str) -> float:
    line = next(row for row in _STATUS.read_text().splitlines() if row.startswith(field))
    return int(line.split()[1]) * 1024 / 1e6


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
