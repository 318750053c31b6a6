"""What runs in the workers of a Dask cluster: the ratings they keep, and the fit of a trial."""

import threading
import time
from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final, cast

import pandas as pd
from distributed import Client, Event, Worker, WorkerPlugin, get_worker

from cartelera.search.execution import DrawnTrial, Fit, Job, Outcome, outcome_of

RECEIVED: Final = "cartelera-ratings"
"""Dask's event topic under which every worker notes that it got the ratings."""

_TELL_EVERY_S: Final = 0.05


class Ratings(WorkerPlugin):
    """Brings the ratings to every worker, those that join later too.

    Args:
        name: Its name among the worker's plugins.
        job: How trials are fitted.
        parquet: The ratings.
    """

    idempotent = True

    def __init__(self, name: str, job: Job, parquet: bytes) -> None:
        self.name = name
        self._job = job
        self._parquet = parquet

    def setup(self, worker: Worker) -> None:
        """Take note of the delivery."""
        self._fit: Fit | None = None
        self._one_at_a_time = threading.Lock()
        self._n_threads = worker.state.nthreads
        worker.log_event(RECEIVED, {"study": self.name, "bytes": len(self._parquet)})

    def outcome_of(self, trial: DrawnTrial) -> Outcome:
        """Fit a trial with all of the worker's threads."""
        with self._one_at_a_time:
            if self._fit is None:
                train = pd.read_parquet(BytesIO(self._parquet))
                self._job.check(train)
                self._fit = self._job.prepare(train, self._n_threads)
                self._parquet = b""
            return outcome_of(self._fit, trial)


def fit_trial(ratings: str, topic: str, number: int, params: Mapping[str, Any]) -> Outcome:
    """Fit a trial in the worker that runs this.

    Args:
        ratings: Name of the plugin that has them.
        topic: Where to tell points of the curve.
        number: The trial's number.
        params: What was drawn for it.
    """
    worker = get_worker()
    teller = _Teller(worker, topic, number)
    plugin = cast(Ratings, worker.plugins[ratings])
    return plugin.outcome_of(DrawnTrial(number, params, teller.tell))


class _Teller:
    """Tells the search a trial's points, several at a time if they come fast."""

    def __init__(self, worker: Worker, topic: str, number: int) -> None:
        self._worker = worker
        self._topic = topic
        self._number = number
        self._flag = prune_flag(topic, number)
        self._waiting: list[tuple[int, float]] = []
        self._told = time.monotonic()

    def tell(self, step: int, value: float) -> bool:
        """Take a point; say whether the trial should be pruned, as far as that is known."""
        self._waiting.append((step, value))
        if time.monotonic() - self._told < _TELL_EVERY_S:
            return False
        self._worker.log_event(self._topic, (self._number, self._waiting))
        self._waiting = []
        self._told = time.monotonic()
        return bool(self._flag.is_set())


def prune_flag(topic: str, number: int, client: Client | None = None) -> Event:
    """Return the flag that says whether to prune a trial; in a worker without a client."""
    return Event(f"{topic}-{number}", client)
