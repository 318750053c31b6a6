"""Where lasting things are kept, also for stages that DVC runs in a temporary folder.

`dvc exp run --temp` and `--queue` check the project out below its `.dvc/tmp`. Runs and registered
models, studies, received ratings, raw files and local settings are not in git, so they are not
there: all runs share those of the project itself.
"""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from cartelera.config_sources import FolderConfig
from cartelera.config_types import Config

ROOT_VARIABLE: Final = "DVC_ROOT"
"""What DVC tells its stages: the folder of the project, whose experiment they may be."""

_RELATIVE_SQLITE: Final = re.compile(r"(sqlite(?:\+\w+)?:///)([^/].*)")


def project_root() -> Path:
    """Return the project's folder: the current one, unless that is DVC's temporary copy of it."""
    root = Path(os.environ.get(ROOT_VARIABLE, ".")).resolve()
    return root if Path.cwd().is_relative_to(root / ".dvc" / "tmp") else Path()


def located(place: str) -> str:
    """Return a path or a URL with what is relative set below the project's folder."""
    if database := _RELATIVE_SQLITE.fullmatch(place):
        return f"{database[1]}{project_root() / database[2]}"
    return place if "://" in place else str(project_root() / place)


def in_project(config: Config) -> Config:
    """Return the configuration with every relative place set below the project's folder."""
    data, lists = config.data, config.recommend
    return replace(
        config,
        data=replace(data, path=located(data.path)) if isinstance(data, FolderConfig) else data,
        recommend=replace(lists, database=lists.database and located(lists.database)),
        search=replace(config.search, storage=located(config.search.storage)),
        serve=replace(config.serve, feedback=located(config.serve.feedback)),
        tracking=replace(config.tracking, uri=located(config.tracking.uri)),
    )
