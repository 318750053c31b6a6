"""What the stages' functions are told, gathered from the sections of the configuration."""

from collections.abc import Mapping

import pandas as pd

from cartelera.config_types import Config
from cartelera.evaluation import tuned
from cartelera.evaluation.drift import Limits
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.settings import Settings
from cartelera.evaluation.tuned import Baselines
from cartelera.paths import Paths
from cartelera.ratings.split import split
from cartelera.tracking.checks import Rules
from cartelera.tracking.todays_ratings import RefitSettings, TodaysRatings


def rating_scale(config: Config) -> tuple[float, float]:
    """Return the lowest and the highest rating, in stars."""
    return (config.etl.rating_min, config.etl.rating_max)


def comparison_settings(config: Config) -> Settings:
    """Return how models are compared."""
    return Settings(
        k=config.evaluate.k,
        relevant_at=config.evaluate.relevant_at,
        n_bootstrap=config.evaluate.n_bootstrap,
        confidence=config.evaluate.confidence,
        max_users=config.evaluate.max_users,
        seed=config.evaluate.seed,
    )


def gate_rules(config: Config) -> Rules:
    """Return when a candidate is better."""
    return Rules(
        margin_ndcg=config.tracking.gate_margin_ndcg,
        margin_rmse=config.tracking.gate_margin_rmse,
        min_users=config.tracking.gate_min_users,
    )


def drift_limits(config: Config) -> Limits:
    """Return from where on new ratings differ from those before."""
    return Limits(
        new=config.evaluate.drift_new,
        psi=config.evaluate.drift_psi,
        alpha=config.eda.alpha,
        n_permutations=config.evaluate.drift_permutations,
        seed=config.evaluate.seed,
    )


def hold_out(ratings: pd.DataFrame, config: Config) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split ratings of the train part once more, the way the test part was split off."""
    return split(
        ratings,
        method=config.split.method.value,
        test_fraction=config.search.valid_fraction,
        n_last=config.split.n_last,
        seed=config.search.seed,
    )


def fit_baselines(train: pd.DataFrame, config: Config) -> Baselines:
    """Fit the baselines at their best; constants are chosen on ratings held out as test was."""
    return tuned.fit_baselines(
        train,
        lambda ratings: hold_out(ratings, config),
        scale=rating_scale(config),
        settings=comparison_settings(config),
    )


def todays_ratings(
    config: Config,
    paths: Paths,
    split_digest: str,
    baselines: Mapping[str, Entry] | None = None,
) -> TodaysRatings:
    """Return today's ratings, for recipes to be fitted on again (`TodaysRatings`)."""
    settings = RefitSettings(
        source=config.data.source,
        scale=rating_scale(config),
        ship_on=config.model.ship_on.value,
        interval_coverage=config.evaluate.interval_coverage,
        min_users=config.tracking.gate_min_users,
        comparison=comparison_settings(config),
        fit_baselines=lambda train: fit_baselines(train, config),
    )
    return TodaysRatings(settings, paths, split_digest, baselines)
