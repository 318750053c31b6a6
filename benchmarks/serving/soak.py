"""The service through all that can happen to it at once: does anything break, grow or get lost?"""

import itertools
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from serving import asking
from serving.load import Outcome, at_rate
from serving.project import ROUNDS, Project, Retraining
from serving.supervised import Supervised

SAMPLE_S = 5.0
_MASTERS_KILLED_AT, _FULL_AT, _FULL_S = (0.1, 0.2), 0.5, 15.0
"""Shares of the whole time; after the second one the clock is an hour behind."""

_WORKER_KILLED_EVERY_S = 60.0
_RECOVERY_S = 5.0
"""So long after the disk has room again an answer may still be late."""

Sample = tuple[float, int, float]
"""When, in seconds; the process; its memory in MB."""


@dataclass(frozen=True)
class Soak:
    """What a soak found.

    Attributes:
        rate: Requests a second.
        outcome: Statuses and latencies.
        full: From when to when nothing could be written, in seconds.
        n_sent: Ratings sent.
        confirmed: The user and the title of each rating that was answered with 2xx.
        kept: Those in the log of received ratings.
        samples: The memory of each process over time.
        events: What was done, and when, in seconds.
        retrainings: What came of each; None for one that failed.
        has_traceback: Whether one is in the log.
        exit_status: Of the server at the end.
        seconds: How long the load took.
    """

    rate: float
    outcome: Outcome
    full: tuple[float, float]
    n_sent: int
    confirmed: frozenset[tuple[int, str]]
    kept: frozenset[tuple[int, str]]
    samples: list[Sample]
    events: list[tuple[float, str]]
    retrainings: list[Retraining | None]
    has_traceback: bool
    exit_status: int | None
    seconds: float

    @property
    def lost(self) -> frozenset[tuple[int, str]]:
        """Ratings that were confirmed and are gone."""
        return self.confirmed - self.kept

    @property
    def failures(self) -> dict[int, int]:
        """How often each 5xx came, but for 503, which asks to come again."""
        return {
            status: n
            for status, n in self.outcome.statuses.items()
            if status >= 500 and status != 503
        }

    @property
    def n_full(self) -> int:
        """How often 503 came because nothing could be written."""
        begin, end = self.full
        return sum(
            status == 503 and begin - 1 <= number / self.rate <= end + _RECOVERY_S
            for number, status in self.outcome.answers.items()
        )

    @property
    def n_busy(self) -> int:
        """How often 503 came because too much was in progress, as when a worker is missing."""
        return self.outcome.statuses.get(503, 0) - self.n_full


@dataclass
class _Run:
    """What is under way.

    Attributes:
        server: The service.
        project: What it serves.
        begin: When the load began, by `time.monotonic`.
        is_over: Set when the load is over.
    """

    server: Supervised
    project: Project
    begin: float = field(default_factory=time.monotonic)
    is_over: threading.Event = field(default_factory=threading.Event)
    events: list[tuple[float, str]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    retrainings: list[Retraining | None] = field(default_factory=list)
    full: tuple[float, float] = (0.0, 0.0)

    def note(self, what: str) -> float:
        """Keep what was done; gives when."""
        now = time.monotonic() - self.begin
        self.events.append((now, what))
        return now

    def sample(self) -> None:
        """Keep what each worker holds in memory, from time to time."""
        while not self.is_over.wait(SAMPLE_S):
            now = time.monotonic() - self.begin
            self.samples += [(now, pid, mb) for pid, mb in self.server.memory_mb().items()]

    def retrain(self, seconds: float) -> None:
        """Retrain by turns so that the gate must refuse and may promote, while there is time."""
        took = 0.0
        for overrides in itertools.cycle(ROUNDS):
            began = time.monotonic() - self.begin
            if began + took > seconds:
                return
            found = self.project.retrain(overrides)
            took = time.monotonic() - self.begin - began
            self.retrainings.append(found)
            verdict = "failed" if found is None else "promoted" if found.is_promoted else "refused"
            self.note(f"retrained: {verdict}")

    def harm(self, seconds: float) -> None:
        """Do to the service what is planned, each at its time."""
        for at, do in sorted(self._plan(seconds), key=lambda each: each[0]):
            if self.is_over.wait(max(0.0, self.begin + at - time.monotonic())):
                return
            do()

    def _plan(self, seconds: float) -> list[tuple[float, Callable[[], None]]]:
        workers = min(_WORKER_KILLED_EVERY_S, seconds / 4)
        full_at = _FULL_AT * seconds
        kills = [workers * (turn + 0.5) for turn in range(int(seconds / workers))]
        return [
            # A worker cannot start while nothing can be written.
            *((at, self._kill_worker) for at in kills if not full_at - 10 < at <= full_at),
            (_MASTERS_KILLED_AT[0] * seconds, self._kill_master),
            (_MASTERS_KILLED_AT[1] * seconds, self._kill_master_and_set_clock_back),
            (full_at, self._fill_and_free),
        ]

    def _kill_worker(self) -> None:
        if self.server.kill_worker():
            self.note("worker killed")

    def _kill_master(self) -> None:
        self.server.kill_master()
        self.note("master killed")

    def _kill_master_and_set_clock_back(self) -> None:
        self.server.set_clock_back()
        self.note("clock set back")
        self._kill_master()

    def _fill_and_free(self) -> None:
        self.server.wait_until_ready()
        self.server.limit_files(self.project.feedback)
        self.full = (self.note("disk full"), float("inf"))
        self.is_over.wait(_FULL_S)
        self.server.limit_files(None)
        self.full = (self.full[0], self.note("disk has room again"))


def soak(project: Project, seconds: float, rate: float, workers: int) -> Soak:
    """Send a mixed load, a tenth of it ratings and a tenth malformed, and do harm meanwhile.

    Args:
        project: What is served and retrained; it has run once.
        seconds: How long.
        rate: Requests a second.
        workers: Worker processes.
    """
    shutil.rmtree(project.feedback, ignore_errors=True)
    server = Supervised(project, workers)
    mixed, ratings = _mix(project.titles, round(rate * seconds))
    run = _Run(server, project)
    threads = [
        threading.Thread(target=run.sample),
        threading.Thread(target=run.retrain, args=(seconds,)),
        threading.Thread(target=run.harm, args=(seconds,)),
    ]
    for thread in threads:
        thread.start()
    outcome = at_rate(server.port, mixed, rate, seconds)
    took = time.monotonic() - run.begin
    run.is_over.set()
    for thread in threads:
        thread.join()
    status = server.stop()
    return Soak(
        rate,
        outcome,
        run.full,
        len(ratings),
        frozenset(rated for place, rated in ratings if 200 <= outcome.answers[place] < 300),
        _kept(project.feedback),
        run.samples,
        run.events,
        run.retrainings,
        b'"trace"' in server.log.read_bytes(),
        status,
        took,
    )


def _mix(titles: Path, length: int) -> tuple[list[bytes], list[tuple[int, tuple[int, str]]]]:
    """Make the load; with the place, the user and the title of each rating in it."""
    questions = asking.Questions(titles, known_users=200)
    names = (*asking.QUERIES, asking.RECOMMEND, asking.RECOMMEND_NEW)
    sensible = itertools.cycle(
        itertools.chain(*zip(*(questions.of(name) for name in names), strict=True))
    )
    wrong = itertools.cycle(asking.malformed())
    mixed: list[bytes] = []
    ratings: list[tuple[int, tuple[int, str]]] = []
    for place in range(length):
        match place % 10:
            case 3:
                mixed.append(next(wrong))
            case 7:
                mixed.append(asking.rating_of(len(ratings), questions.titles))
                ratings.append((place, asking.rated(len(ratings), questions.titles)))
            case _:
                mixed.append(next(sensible))
    return mixed, ratings


def _kept(folder: Path) -> frozenset[tuple[int, str]]:
    parts: Sequence[pd.DataFrame] = [pd.read_csv(path) for path in sorted(folder.glob("*.csv"))]
    log = pd.concat(parts)
    return frozenset(zip(log["userId"].tolist(), log["movieId"].tolist(), strict=True))
