"""Stage `package`: the registered models and the catalogue become one servable Bento."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pandas as pd

from cartelera import files
from cartelera.config_types import Config
from cartelera.paths import Paths, require
from cartelera.ratings.seen_table import read_seen_table
from cartelera.received import Position
from cartelera.service import building
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import loading as bundle_loading
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle
from cartelera.service.service_settings import ServiceSettings

logger = logging.getLogger(__name__)

_ACCOUNT: Final = "etl.json"


def run(config: Config, paths: Paths) -> None:
    """Build the Bento in `data/bento`, and put it into BentoML's store as well.

    Args:
        config: The section `serve`, the scale and the years in `etl`, and the platforms are read.
        paths: `champion`, `clean_titles`, `clean_ratings`, `received_ratings`, the account of the
            three and `scores` are read, `bento` is written.

    Raises:
        InputError: If one of the files to read is missing or unusable.
    """
    for path, made_by in (
        (paths.clean_titles, "etl"),
        (paths.clean_ratings, "etl"),
        (paths.received_ratings, "etl"),
        (paths.reports / _ACCOUNT, "etl"),
        (paths.scores, "eda"),
        (paths.served_model, "register"),
        (paths.registered, "register"),
    ):
        require(path, made_by)

    with TemporaryDirectory() as folder, files.all_or_nothing(paths.bento) as (draft,):
        context = Path(folder)
        _write_bundle(config, paths, context / FOLDER_NAME)
        ServiceSettings.of(config.serve).write(context)
        bento = building.build(context, draft, paths.bento)
    logger.info("%s is in %s: `cartelera serve` serves it.", bento.tag, paths.bento)


def _write_bundle(config: Config, paths: Paths, folder: Path) -> None:
    # One stage writes both: the ratings are those received up to there, neither more nor fewer.
    received = files.read_json(paths.reports / _ACCOUNT).get("received", [])
    bundle = Bundle(folder)
    bundle_writing.write(
        bundle,
        factors=paths.served_model,
        titles=pd.read_parquet(paths.clean_titles),
        scores=pd.read_csv(paths.scores, keep_default_na=False),
        seen=read_seen_table(paths.clean_titles, paths.clean_ratings, paths.received_ratings),
        settings=Settings(
            recommend_at=config.serve.recommend_at,
            default_k=config.serve.default_k,
            max_k=config.serve.max_k,
            diversity=config.serve.diversity,
            rating_min=config.etl.rating_min,
            rating_max=config.etl.rating_max,
            rating_step=config.etl.rating_step,
            earliest_year=config.etl.earliest_year,
            latest_year=config.etl.latest_year,
            platforms=config.catalogue.table(),
        ),
        registered=files.read_json(paths.registered),
        # A version that was registered by other means lacks these.
        metrics=files.read_json_if_there(paths.champion / "metrics.json"),
        intervals=files.read_json_if_there(paths.champion / "intervals.json"),
        taken_in=[Position(**each) for each in received],
    )

    bundle_loading.load(bundle)  # what cannot be served is not packaged
