"""What the command line does with registered models: list, promote, roll back."""

import logging
import re

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cartelera import config as configs
from cartelera.config_types import Config
from cartelera.files import read_json
from cartelera.paths import Paths
from cartelera.tracking.overview import VersionLine, overview
from cartelera.tracking.promotion import promote, roll_back
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import Versions

logger = logging.getLogger(__name__)


def show_models() -> None:
    """Print a table of the registered model's versions, newest first."""
    config = _config()
    lines = overview(_versions(config))
    if not lines:
        logger.info(
            "%s has no versions yet: `cartelera repro` makes the first one.",
            config.tracking.registered_model,
        )
        return
    table = Table(title=config.tracking.registered_model)
    for heading in ("version", "is", "NDCG", "RMSE", "trained"):
        table.add_column(heading, no_wrap=True)
    table.add_column("why", overflow="fold")
    for line in lines:
        table.add_row(*_cells(line))
    Console().print(table)


def promote_model(version: int | None, reason: str) -> None:
    """Make a version, or the candidate, the champion."""
    number = promote(_versions(_config()), version, reason)
    logger.info("Version %d is the champion: `cartelera repro` packages it.", number)


def roll_back_model(reason: str) -> None:
    """Hand the champion's place back to the version before it."""
    number = roll_back(_versions(_config()), reason)
    logger.info("Version %d is the champion again: `cartelera repro` packages it.", number)


def _config() -> Config:
    """Read what the last run was configured with; without one, what the next one would be."""
    return configs.load() if configs.PARAMS_FILE.is_file() else configs.compose()


def _versions(config: Config) -> Versions:
    """Return the versions of the registered model of the data that the last run was about."""
    settings = config.tracking
    name, registered = settings.registered_model, Paths().registered
    if registered.is_file():
        of_data = str(read_json(registered).get("name"))
        # Another data set's has a number behind the name.
        if re.fullmatch(rf"{re.escape(name)}-\d+", of_data):
            name = of_data
    return Versions(Tracker(settings.uri, settings.experiment), name)


def _cells(line: VersionLine) -> list[Text]:
    """Return a row's cells; as texts, so that brackets in what people wrote are just brackets."""
    cells = [
        str(line.version),
        "\n".join(line.states),
        "" if line.ndcg is None else f"{line.ndcg:.4f}",
        "" if line.rmse is None else f"{line.rmse:.4f}",
        (line.trained_at or "").partition("T")[0],
        line.why or "",
    ]
    return [Text(cell) for cell in cells]
