"""Trials on a Dask cluster: fitted by workers, driven from here.

Workers get the ratings once, drawn parameters for each trial, and nothing else: no storage, no
password. They tell points of the curve on the way; the answer, whether to prune, is a flag that
they look up. A worker that dies costs the epochs of its trial, which Dask gives to another one.
"""

import logging
import time
import uuid
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from queue import Empty, SimpleQueue
from typing import Final, cast

import pandas as pd
from distributed import Client, Event, Future
from distributed.scheduler import KilledWorker

from cartelera.cluster import connect
from cartelera.errors import CarteleraError
from cartelera.search.cluster_worker import Ratings, fit_trial, prune_flag
from cartelera.search.execution import Job, Outcome, Trials

logger = logging.getLogger(__name__)

_LOOK_FOR_WORKERS_EVERY_S: Final = 2.0


@dataclass(frozen=True)
class DaskExecutor:
    """Fits one trial at a time on each worker of a Dask cluster.

    Attributes:
        address: Of the scheduler; None to start workers on this machine for as long as it takes.
        n_workers: The most trials at a time; None for as many as there are workers or, without an
            address, processors.
    """

    address: str | None
    n_workers: int | None

    def run(self, trials: Trials, job: Job, train: pd.DataFrame) -> None:
        """Fit until no trial is missing; workers may come and go meanwhile.

        Raises:
            CarteleraError: If there is no scheduler, it is lost, a worker has other code than this
                process, or a trial kills one worker after the other.
        """
        numbers = trials.numbers()
        first = next(numbers, None)
        if first is None:
            return
        with (
            connect(self.address, self.n_workers) as client,
            _handed_out(client, job, train) as ratings,
        ):
            _ClusterRun(client, ratings, self.n_workers, trials).run(chain([first], numbers))


_Points = Sequence[tuple[int, float]]
_News = tuple[int, _Points]
"""The number of a trial and points of its curve; none when the trial has ended."""


class _ClusterRun:
    """One run of a search on a cluster: hands out trials and follows them."""

    def __init__(self, client: Client, ratings: str, n_workers: int | None, trials: Trials) -> None:
        self._client = client
        self._ratings = ratings
        self._n_workers = n_workers
        self._trials = trials
        self._topic = f"{ratings}-{uuid.uuid4().hex}"
        self._news: SimpleQueue[_News] = SimpleQueue()
        self._running: dict[int, Future[Outcome]] = {}
        self._pruned: set[int] = set()

    def run(self, numbers: Iterator[int]) -> None:
        """Keep every worker busy until the numbers end and all trials are finished."""
        self._client.subscribe_topic(self._topic, self._hear)
        try:
            self._submit(numbers)
            while self._running:
                self._follow()
                self._submit(numbers)
        except (OSError, CancelledError) as error:
            if self._client.status == "running":  # then it is no matter of the connection
                raise
            raise CarteleraError(
                "The connection to the Dask scheduler was lost. Start the search again: it goes on "
                "where it was."
            ) from error
        finally:
            self._dismiss()

    def _submit(self, numbers: Iterator[int]) -> None:
        """Submit a trial for every free worker."""
        n_free = self._n_places() - len(self._running)
        for number in islice(numbers, max(n_free, 0)):
            params = self._trials.start(number)
            future = self._client.submit(
                fit_trial, self._ratings, self._topic, number, params,
                key=f"{self._topic}-{number}", pure=False,
            )  # fmt: skip
            self._running[number] = future
            future.add_done_callback(partial(self._hear_end, number))

    def _n_places(self) -> int:
        """Count the workers; a cluster without any may start one for the first trial."""
        n_workers = len(cast(dict[str, int], self._client.nthreads()))
        return max(1, min(n_workers, self._n_workers or n_workers))

    def _hear(self, event: tuple[float, _News]) -> None:
        """Take what a worker says; called by another thread."""
        self._news.put(event[1])

    def _hear_end(self, number: int, _: object) -> None:
        self._news.put((number, ()))

    def _follow(self) -> None:
        """Hear what there is to hear until a trial ends or it is time to look for new workers."""
        until = time.monotonic() + _LOOK_FOR_WORKERS_EVERY_S
        while (seconds := until - time.monotonic()) > 0:
            try:
                number, points = self._news.get(timeout=seconds)
            except Empty:
                return
            if points:
                self._take(number, points)
            else:
                self._finish(number)
                return

    def _take(self, number: int, points: _Points) -> None:
        if number not in self._running:
            return
        verdicts = [self._trials.report(number, step, value) for step, value in points]
        if any(verdicts) and number not in self._pruned:
            self._pruned.add(number)
            self._flag(number).set()

    def _finish(self, number: int) -> None:
        future = self._running.pop(number)
        try:
            outcome = future.result()
        except KilledWorker as error:
            raise CarteleraError(
                f"Trial {number} killed {error.allowed_failures + 1} workers in turn, most likely "
                "for lack of memory: give workers more, or lower the bounds of search.space."
            ) from error
        if number in self._pruned:
            self._flag(number).clear()
        self._trials.finish(number, outcome)

    def _dismiss(self) -> None:
        """Let go of what still runs, after an error: its fits end at their next point."""
        with suppress(OSError, CancelledError):  # the scheduler may be gone
            for number in self._running:
                self._flag(number).set()
            self._client.cancel(list(self._running.values()), force=True)
            self._client.unsubscribe_topic(self._topic)

    def _flag(self, number: int) -> Event:
        return prune_flag(self._topic, number, self._client)


@contextmanager
def _handed_out(client: Client, job: Job, train: pd.DataFrame) -> Generator[str]:
    """Bring the ratings to all workers, for the length of a block; give the plugin's name."""
    parquet = train.to_parquet()
    name = f"cartelera-{job.name}"
    logger.info("Each worker gets the ratings: %.1f MB.", len(parquet) / 1e6)
    try:
        client.register_plugin(Ratings(name, job, parquet), name)
    except ImportError as error:
        raise CarteleraError(
            f"A Dask worker cannot fit trials ({error}): install this version of cartelera and its "
            "`cluster` extra there."
        ) from error
    try:
        yield name
    finally:
        with suppress(OSError, ValueError):  # the scheduler may be gone or new
            client.unregister_worker_plugin(name)
