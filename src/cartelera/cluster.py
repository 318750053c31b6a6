"""A Dask cluster: one that runs already, or workers on this machine for as long as it takes."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from dask.config import set as set_dask
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

from cartelera.errors import CarteleraError
from cartelera.processes import MapAll, n_processors

CONNECT_TIMEOUT_S: Final = 15.0


@contextmanager
def connect(address: str | None, n_workers: int | None) -> Generator[Client]:
    """Yield a client of a cluster.

    Args:
        address: Of the scheduler; None to start workers on this machine.
        n_workers: How many to start; None for one a processor.

    Raises:
        CarteleraError: If there is no scheduler.
    """
    if address is None:
        with _cluster_on_this_machine(n_workers or n_processors()) as client:
            yield client
        return
    try:
        client = Client(address, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CarteleraError(
            f"No Dask scheduler answers at search.dask.address={address} ({error}): start one with "
            "`dask scheduler`, or set it to null for workers on this machine."
        ) from error
    with client:
        yield client


@contextmanager
def cluster_mapping(address: str | None, n_workers: int | None) -> Generator[MapAll]:
    """Yield what does as `map` does on a cluster, whose workers see the same files.

    What a worker did that dies is done again by another one.

    Raises:
        CarteleraError: If there is no scheduler, or the same task kills one worker after the other.
    """
    with connect(address, n_workers) as client:

        def map_all(*arguments: Any) -> Generator[Any]:
            for future in client.map(*arguments, pure=False):
                yield future.result()

        try:
            yield map_all
        except KilledWorker as error:
            raise CarteleraError(
                f"A task killed {error.allowed_failures + 1} workers in turn, most likely for lack "
                "of memory: give workers more, or lower executor.range_mb."
            ) from error


@contextmanager
def _cluster_on_this_machine(n_workers: int) -> Generator[Client]:
    """Start workers that share the processors; no trial may starve another's heartbeat."""
    with (
        set_dask({"distributed.scheduler.worker-ttl": None}),
        LocalCluster(
            n_workers=n_workers,
            threads_per_worker=max(1, n_processors() // n_workers),
            memory_limit=0,
            dashboard_address="127.0.0.1:0",
            host="127.0.0.1",
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client
