"""Stage `compose`: resolve `conf/` and the overrides into `params.yaml`.

It runs at every `dvc repro` and takes a second; the other stages list the keys they read, so only
those run again whose keys changed. Overrides come from the environment variable
`CARTELERA_OVERRIDES`, written as on a shell's command line. A `params.yaml` that was edited stands.
"""

import logging
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from cartelera import logs
from cartelera.config import PARAMS_FILE
from cartelera.config_sources import FolderConfig
from cartelera.config_types import Config, FeedbackFile
from cartelera.files import all_or_nothing
from cartelera.sources import feedback, folder
from cartelera.stages import params_file
from cartelera.stages.places import located
from cartelera.stages.runner import with_readable_errors

OVERRIDES_VARIABLE = "CARTELERA_OVERRIDES"

logger = logging.getLogger(__name__)


def resolve(overrides: Sequence[str]) -> Config:
    """Resolve the configuration; fill in what raw files and received ratings there are.

    Raises:
        ConfigError: If a key or a value is wrong, or `params.yaml` was edited and something else
            is asked for.
        InputError: If the folder of raw files lacks one.
    """
    return _resolve(overrides).config


def run() -> None:
    """Write `params.yaml` anew."""
    config, are_edited = _resolve(shlex.split(os.environ.get(OVERRIDES_VARIABLE, "")))
    with all_or_nothing(PARAMS_FILE) as (draft,):
        params_file.write(draft, config, are_edited=are_edited)


def _resolve(overrides: Sequence[str]) -> params_file.Settings:
    found = params_file.settings(overrides)
    config = found.config
    if (uri := config.tracking.uri) == os.environ.get("MLFLOW_TRACKING_URI"):
        logger.info("Runs go to %s, as MLFLOW_TRACKING_URI says.", uri)
    if isinstance(config.data, FolderConfig):
        config.data.digest = folder.digest_at(located(config.data.path), config.catalogue.table())
    received = feedback.look(Path(located(config.serve.feedback)))
    config.serve.feedback_files = [FeedbackFile(**vars(each)) for each in received]
    return found


if __name__ == "__main__":
    logs.set_up()
    with_readable_errors(run)
