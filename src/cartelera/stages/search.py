"""Stage `search`: the best hyperparameters of both models for the train part."""

import json
import logging
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from cartelera import columns as c
from cartelera import files
from cartelera.config import to_plain
from cartelera.config_types import Config, SplitMethod
from cartelera.models.registry import RANKING, find_model
from cartelera.paths import Paths, require
from cartelera.ratings.drawing import draw_users
from cartelera.search.execution import Executor
from cartelera.search.executors import build_executor
from cartelera.search.observers import ProgressBar
from cartelera.search.plots import plot_search
from cartelera.search.result import SearchResult
from cartelera.search.settings import SearchSettings
from cartelera.search.storage import open_storage
from cartelera.search.study import Search
from cartelera.tracking.provenance import MODEL, SPLIT_METHOD
from cartelera.tracking.runs import Kind, Tracker
from cartelera.tracking.trial_runs import BEST, STUDY, TrialRuns, find_study_run

logger = logging.getLogger(__name__)

_MAY_CHANGE = ("n_trials", "min_gain")
"""Settings that a study may go on with changed: parameters of its run cannot change."""


def run(config: Config, paths: Paths) -> None:
    """Search each model in a study of its own; write best parameters, trials and pictures.

    A search that was killed goes on where it was, in Optuna's journal as well as in MLflow.

    Args:
        config: The sections `search`, `model`, `ranking`, `split`, `evaluate`, `tracking` and the
            scale in `etl` are read.
        paths: `train` is read; `best_params`, `best_ranking_params`, the tables of trials in
            `model` and the pictures in `reports` are written.

    Raises:
        ConfigError: If a search space, sampler, pruner, storage or executor is wrong.
        InputError: If the train part is missing.
        CarteleraError: If MLflow, the storage or the cluster cannot be used, or not one trial
            completes.
    """
    train = read_train(paths)
    studies = (
        (search_settings(config), Kind.search, (paths.best_params, "trials.csv", "search")),
        (
            ranking_settings(config),
            Kind.search_ranking,
            (paths.best_ranking_params, "ranking_trials.csv", "search_ranking"),
        ),
    )
    most = config.search.max_ratings
    some = train if most is None else draw_users(train, most, seed=config.search.seed)
    whole = None if some is train else train
    if whole is not None:
        logger.info("Trials are fitted on %s of %s ratings.", f"{len(some):,}", f"{len(train):,}")
    # Both are checked before the first trial of either.
    searches = [(Search(some, one, whole), one, kind, names) for one, kind, names in studies]
    for search, settings, kind, (best, trials, pictures) in searches:
        targets = (best, paths.model / trials, paths.reports / pictures)
        tags = {MODEL: settings.model, SPLIT_METHOD: config.split.method.value}
        tracker = Tracker(config.tracking.uri, config.tracking.experiment, tags, kind)
        _run_study(search, settings, tracker, targets, config, paths)


def _run_study(
    search: Search,
    settings: SearchSettings,
    tracker: Tracker,
    targets: tuple[Path, Path, Path],
    config: Config,
    paths: Paths,
) -> None:
    """Run one study in an MLflow run of its own.

    Args:
        search: The study, ready to run.
        settings: Its settings.
        tracker: Where runs of its kind are.
        targets: Where the best parameters, the table of trials and the pictures go.
        config: The whole configuration.
        paths: `train` is logged as the dataset.
    """
    measure, executor = settings.measure, _executor(config)
    dataset = (paths.train, files.sha256(paths.train))
    # The study first: a search that is refused it must not touch the run of the one that has it.
    with (
        open_storage(config.search.storage, search.name) as storage,
        tracker.run(
            "search",
            name=f"search {settings.model}",
            run_id=find_study_run(tracker, search.name),
            tags={STUDY: search.name},
            system_metrics=True,
        ) as study_run,
    ):
        study_run.params(_params(settings))
        study_run.dataset(*dataset, context="training")
        study_run.text(yaml.safe_dump(to_plain(config), sort_keys=False), "config.yaml")
        trial_runs = TrialRuns(
            tracker,
            study_run,
            find_model(settings.model).step,
            measure.name,
            higher_is_better=measure.higher_is_better,
            dataset=dataset,
        )
        with ProgressBar(measure) as bar, trial_runs:
            result = search.run(storage, (bar, trial_runs), executor)

        study_run.metrics({measure.name: result.value, "best_trial": result.best_trial})
        study_run.tags({"cartelera.best_params": json.dumps(result.params)})
        n_trials, best = len(result.trials), f"{result.value:.4f}"
        study_run.rename(f"search {settings.model}, {n_trials} trials, best {best}")
        study_run.describe(
            f"Study `{result.study}`: trial {result.best_trial} of {n_trials} is the best, "
            f"{best} {measure.unit}. All are runs nested in this one, the best tagged `{BEST}`."
        )
        _write(result, settings.model, targets)
        for path in targets:
            study_run.artifact(path)
    logger.info(
        "Trial %d of %s is the best: %.4f %s.",
        *(result.best_trial, result.study, result.value, measure.unit),
    )


def search_settings(config: Config) -> SearchSettings:
    """Gather what the rating model's search needs from the configuration's sections."""
    search = config.search
    return SearchSettings(
        study_name=search.study_name,
        n_trials=search.n_trials,
        objective=search.objective.value,
        n_folds=search.n_folds,
        valid_fraction=search.valid_fraction,
        split_method=config.split.method.value,
        n_last=config.split.n_last,
        patience=search.patience,
        warm_start=search.warm_start,
        min_gain=search.min_gain,
        seed=search.seed,
        sampler=search.sampler,
        pruner=search.pruner,
        space=search.space,
        model=config.model.name.value,
        params=config.model.params,
        scale=(config.etl.rating_min, config.etl.rating_max),
    )


def ranking_settings(config: Config) -> SearchSettings:
    """Gather what the ranking model's search needs from the configuration's sections."""
    ranking = config.search.ranking
    return replace(
        search_settings(config),
        study_name=ranking.study_name,
        n_trials=ranking.n_trials,
        valid_fractions=tuple(ranking.valid_fractions),
        max_users=ranking.max_users,
        k=config.evaluate.k,
        relevant_at=config.evaluate.relevant_at,
        min_gain=ranking.min_gain,
        space=ranking.space,
        model=RANKING,
        params=ranking_params(config),
    )


def ranking_params(config: Config) -> dict[str, Any]:
    """Return the ranking model's own parameters as the split wants them."""
    if config.split.method is SplitMethod.random:
        return {**config.ranking.params, "half_life": None}
    return dict(config.ranking.params)


def read_train(paths: Paths) -> pd.DataFrame:
    """Read the train part.

    Raises:
        InputError: If it is missing.
    """
    return pd.read_parquet(require(paths.train, "split"), columns=list(c.CLEAN_RATING_COLUMNS))


def _executor(config: Config) -> Executor:
    workers = config.search.dask
    return build_executor(
        config.search.executor.value, address=workers.address, n_workers=workers.n_workers
    )


def _params(settings: SearchSettings) -> dict[str, Any]:
    """Return what all trials of a study share, without what a study may go on with changed."""
    return {name: value for name, value in asdict(settings).items() if name not in _MAY_CHANGE}


def _write(result: SearchResult, model: str, targets: tuple[Path, Path, Path]) -> None:
    with files.all_or_nothing(*targets) as (best_draft, trials_draft, plots_draft):
        files.write_json(
            best_draft,
            {
                "model": model,
                "params": result.params,
                result.measure.name: result.value,
                "trial": result.best_trial,
                "study": result.study,
            },
        )
        result.trials.to_csv(trials_draft, index=False, lineterminator="\n")
        plot_search(result, plots_draft)
