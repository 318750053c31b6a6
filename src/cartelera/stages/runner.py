"""How a stage is started: the resolved configuration in, a readable error out."""

import logging
import sys
from collections.abc import Callable
from time import perf_counter

from cartelera import logs
from cartelera.config import load
from cartelera.config_types import Config
from cartelera.errors import CarteleraError
from cartelera.paths import Paths

logger = logging.getLogger(__name__)


def main(run: Callable[[Config, Paths], None]) -> None:
    """Run one stage on `params.yaml` and the default data folder, as `dvc repro` does."""
    logs.set_up()
    with_readable_errors(lambda: run(load(), Paths()))


def with_readable_errors(work: Callable[[], None]) -> None:
    """Do the work; on an error a person can mend, say it in words and exit with status 1."""
    started = perf_counter()
    try:
        work()
    except CarteleraError as error:
        logger.error("%s", error)
        sys.exit(1)
    except FileNotFoundError as error:
        logger.error(
            "%s does not exist: `cartelera repro` runs the stages that make it.", error.filename
        )
        sys.exit(1)
    logger.info("Done in %.1f s.", perf_counter() - started)
