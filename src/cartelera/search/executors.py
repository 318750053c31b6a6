"""Executors fit the trials: in this process one after the other, or on a Dask cluster."""

from typing import Final

import pandas as pd

from cartelera.errors import ConfigError
from cartelera.search.execution import DrawnTrial, Executor, Fit, Job, Trials, outcome_of

LOCAL: Final = "local"
DASK: Final = "dask"


class LocalExecutor:
    """Fits in this process, one trial after the other, each with all processors."""

    def run(self, trials: Trials, job: Job, train: pd.DataFrame) -> None:
        """See `Executor`."""
        fit: Fit | None = None
        for number in trials.numbers():
            fit = fit or job.prepare(train, None)
            params = trials.start(number)

            def tell(step: int, value: float, number: int = number) -> bool:
                return trials.report(number, step, value)

            trials.finish(number, outcome_of(fit, DrawnTrial(number, params, tell)))


def build_executor(name: str, *, address: str | None, n_workers: int | None) -> Executor:
    """Build an executor by name.

    Args:
        name: `local` or `dask`.
        address: Of a Dask scheduler, such as `tcp://host:8786`; None for workers on this machine.
        n_workers: The most trials at a time; None for as many as there are workers or, without an
            address, processors.

    Raises:
        ConfigError: If there is no such executor, or Dask is not installed.
    """
    if name == LOCAL:
        return LocalExecutor()
    if name != DASK:
        raise ConfigError(f"search.executor={name}: allowed are {LOCAL}, {DASK}.")

    try:
        from cartelera.search.cluster import DaskExecutor
    except ImportError as error:
        raise ConfigError(
            f"search.executor={DASK} needs Dask ({error}): pip install 'cartelera[cluster]'."
        ) from error
    return DaskExecutor(address, n_workers)
