"""How a stage is started: the resolved configuration in, a readable error out."""

import errno
import logging
import shutil
import sys
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from cartelera import logs
from cartelera.errors import CarteleraError
from cartelera.files import DamagedFileError
from cartelera.paths import Paths
from cartelera.stages.places import in_project

if TYPE_CHECKING:
    from cartelera.config_types import Config

logger = logging.getLogger(__name__)

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NO_RIGHTS = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_FOLDER = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
STOPPED = 128 + 2  # the exit status of what Ctrl-C ended, as shells give it


def main(run: "Callable[[Config, Paths], None]") -> None:
    """Run one stage on `params.yaml` and the default data folder, as `dvc repro` does."""
    from cartelera.config import load

    logs.set_up()
    with_readable_errors(lambda: run(in_project(load()), Paths()))


def with_readable_errors(work: Callable[[], None]) -> None:
    """Do the work; on an error a person can mend, say it in words and exit with status 1.

    Ctrl-C ends with status 130.
    """
    started = perf_counter()
    try:
        work()
    except CarteleraError as error:
        logger.error("%s", error)
        sys.exit(1)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("cartelera"):
            raise
        logger.error(
            "%s is not installed: `pip install 'cartelera[pipeline]'`, or from a clone "
            "`pip install '.[pipeline]'`, brings all that the commands need.",
            error.name,
        )
        sys.exit(1)
    except FileNotFoundError as error:
        logger.error(
            "%s does not exist: `cartelera repro` runs the stages that make it.", error.filename
        )
        sys.exit(1)
    except shutil.Error as error:  # a folder's copy: one entry for each file that failed
        _, target, why = error.args[0][0]
        logger.error("%s cannot be written: %s. Results so far are as they were.", target, why)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (*_NO_SPACE, *_NO_RIGHTS, *_NO_FOLDER):
            raise
        logger.error("%s", _of_the_disk(error))
        sys.exit(1)
    except ValueError as error:
        if not _is_of_a_damaged_file(error):
            raise
        logger.error("%s `cartelera repro` makes it again.", error)
        sys.exit(1)
    except KeyboardInterrupt:
        logger.warning("Stopped. Results so far are as they were; the same command goes on.")
        sys.exit(STOPPED)

    logger.info("Done in %.1f s.", perf_counter() - started)


def _of_the_disk(error: OSError) -> str:
    """Say which file could not be written or read, and what to do."""
    what = f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    if error.errno in _NO_SPACE:
        return f"{what} Free some and start again; results so far are as they were."
    if error.errno in _NO_FOLDER:
        return f"{what} A file stands where a folder belongs, or a folder for a file: move it away."
    return f"{what} It must be yours to read, and the project's folder yours to write to."


def _is_of_a_damaged_file(error: ValueError) -> bool:
    """Tell whether a JSON or Parquet file is damaged: the error then names it."""
    from pyarrow import ArrowInvalid  # takes a while

    is_of_table = isinstance(error, ArrowInvalid) and "Parquet" in str(error)
    return is_of_table or isinstance(error, DamagedFileError)
