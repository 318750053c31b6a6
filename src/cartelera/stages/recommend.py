"""Stage `recommend`: the best titles of every user, as files and, where one is named, a table."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from cartelera import files
from cartelera.batch.lists import Material, Order, write_lists
from cartelera.batch.table import prepare_table, replace_rows
from cartelera.config_types import Config
from cartelera.paths import Paths, require
from cartelera.ratings.seen_table import read_seen_table
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.seen import SeenTitles

logger = logging.getLogger(__name__)


def run(config: Config, paths: Paths) -> None:
    """List the best titles of every user by the model that ships, from all their ratings.

    Args:
        config: The section `recommend`, the platforms and `serve.diversity` are read.
        paths: `champion`, `clean_titles`, `clean_ratings` and `received_ratings` are read,
            `recommendations` is written.

    Raises:
        ConfigError: If a platform, type or age label is unknown, or the database no possible one.
        InputError: If one of the files to read is missing or unusable.
        CarteleraError: If the database cannot be written to; its table is as it was.
    """
    for path, made_by in (
        (paths.clean_titles, "etl"),
        (paths.clean_ratings, "etl"),
        (paths.received_ratings, "etl"),
        (paths.served_model, "register"),
    ):
        require(path, made_by)
    settings = config.recommend
    if settings.database is not None:
        prepare_table(settings.database, settings.table)

    filters = Filters(
        platforms=tuple(settings.platforms),
        type=settings.type,
        certificates=tuple(settings.certificates),
    )
    order = Order(settings.k, filters, config.serve.diversity)
    with TemporaryDirectory() as folder, files.all_or_nothing(paths.recommendations) as (draft,):
        seen = Path(folder) / "seen.safetensors"
        ratings = read_seen_table(paths.clean_titles, paths.clean_ratings, paths.received_ratings)
        SeenTitles.from_frame(ratings).write(seen)
        material = Material(paths.served_model, paths.clean_titles, seen, config.catalogue.table())
        n_users = write_lists(material, order, settings.users_per_file, draft)
        if settings.database is not None:
            replace_rows(draft, settings.database, settings.table)
    logger.info("The lists of %d users are in %s.", n_users, paths.recommendations)
