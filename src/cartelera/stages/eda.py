"""Stage `eda`: the exploratory report, and the model-ready tables it decides on."""

import logging
from pathlib import Path

import pandas as pd
from pandera.pandas import DataFrameSchema

from cartelera import columns as c
from cartelera import schemas
from cartelera.config_types import Config
from cartelera.errors import InputError
from cartelera.explore import features
from cartelera.explore.exploration import (
    as_json,
    compared_metrics,
    explore,
    headline_metrics,
)
from cartelera.explore.report import render
from cartelera.files import all_or_nothing, write_json
from cartelera.paths import Paths, require
from cartelera.ratings.parts import write_csv
from cartelera.tracking.runs import Kind, Tracker, log_to_run

logger = logging.getLogger(__name__)


def run(config: Config, paths: Paths) -> None:
    """Explore clean titles and ratings; write report, figures, numbers and model-ready tables.

    Models learn from the ratings of works; scores are those of titles as published. The page, its
    figures and the headline numbers also go to a run of their own in MLflow.

    Raises:
        InputError: If a clean table is missing or breaks its Pandera model.
        ConfigError: If so few permutations can never reach alpha.
        CarteleraError: If MLflow cannot be reached.
    """
    table = config.catalogue.table()
    scale = (config.etl.rating_min, config.etl.rating_max)
    titles = _read(paths.clean_titles, schemas.clean_titles(table))
    ratings = _read(paths.clean_ratings, schemas.clean_ratings(*scale))
    _refuse_unknown_titles(ratings, titles, paths.clean_ratings)
    # Before the long work.
    tracker = Tracker(config.tracking.uri, config.tracking.experiment, kind=Kind.exploration)

    exploration = explore(
        titles,
        ratings,
        top_n=config.eda.top_n,
        min_association=config.eda.min_association,
        n_permutations=config.eda.n_permutations,
        alpha=config.eda.alpha,
        seed=config.eda.seed,
        platforms=table,
    )
    logger.info("%s", exploration.verdict.sentence)
    report = render(exploration)
    with all_or_nothing(
        paths.reports / "eda.html",
        paths.reports / "figures",
        paths.reports / "eda.json",
        paths.model_titles,
        paths.model_ratings,
        paths.scores,
    ) as (page, figures, numbers_draft, model_titles, model_ratings, scores):
        report.write(page, figures)
        write_json(numbers_draft, as_json(exploration))
        decided = exploration.columns
        features.write_features(features.model_titles(titles, decided, table), model_titles)
        write_csv(
            features.model_ratings(
                exploration.pooled.ratings, rating_min=scale[0], rating_max=scale[1]
            ),
            model_ratings,
            with_header=True,
        )
        features.write_features(features.title_scores(ratings), scores)
    numbers, columns = pd.Series(headline_metrics(exploration), name="value"), exploration.columns
    log_to_run(
        tracker,
        stage="eda",
        name=f"explore {len(ratings)} ratings of {len(titles)} titles",
        note=exploration.verdict.sentence,
        metrics=compared_metrics(exploration),
        tables={"numbers": numbers.rename_axis("number").reset_index(), "columns": columns},
        artifacts=(paths.reports / "eda.html", paths.reports / "figures"),
    )


def _read(path: Path, model: DataFrameSchema) -> pd.DataFrame:
    return schemas.validate(pd.read_parquet(require(path, "etl")), model, str(path))


def _refuse_unknown_titles(ratings: pd.DataFrame, titles: pd.DataFrame, path: Path) -> None:
    unknown = ratings.loc[~ratings[c.TITLE_ID].isin(titles[c.ID]), c.TITLE_ID]
    if not unknown.empty:
        raise InputError(
            f"{path} rates {unknown.iloc[0]}, which is no clean title: run the etl stage anew."
        )
