"""Stage `search`: the best hyperparameters for the train part."""

import json
import logging
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from cartelera import files
from cartelera.config import to_plain
from cartelera.config_types import Config
from cartelera.paths import Paths
from cartelera.search.execution import Executor
from cartelera.search.executors import build_executor
from cartelera.search.fits import step_of
from cartelera.search.observers import ProgressBar
from cartelera.search.plots import plot_search
from cartelera.search.result import SearchResult
from cartelera.search.settings import SearchSettings
from cartelera.search.storage import open_storage
from cartelera.search.study import Search
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.tracking.provenance import MODEL, SPLIT_METHOD
from cartelera.tracking.runs import Tracker
from cartelera.tracking.trials import STUDY, TrialRuns, find_study_run

logger = logging.getLogger(__name__)

_MAY_CHANGE = ("n_trials", "min_gain", "storage", "executor", "dask")
"""Settings that a study may go on with changed: parameters of its run cannot change."""


def run(config: Config, paths: Paths) -> None:
    """Search; write the best parameters, the table of trials and the pictures.

    A search that was killed goes on where it was, in Optuna's journal as well as in MLflow.

    Args:
        config: The sections `search`, `model`, `split`, `tracking` and the scale in `etl` are read.
        paths: `train` is read; `best_params`, `model/trials.csv` and `reports/search` are written.

    Raises:
        ConfigError: If the search space, sampler, pruner, storage or executor is wrong.
        InputError: If the train part is missing.
        CarteleraError: If MLflow, the storage or the cluster cannot be used, or not one trial
            completes.
    """
    search = Search(read_train(paths), search_settings(config))
    executor = _executor(config)
    tags = {MODEL: config.model.name.value, SPLIT_METHOD: config.split.method.value}
    tracker = Tracker(config.tracking.uri, config.tracking.experiment, tags)
    # The study first: a search that is refused it must not touch the run of the one that has it.
    with (
        open_storage(config.search.storage, search.name) as storage,
        tracker.run(
            "search",
            name=search.name,
            run_id=find_study_run(tracker, search.name),
            tags={STUDY: search.name},
            system_metrics=True,
        ) as study_run,
    ):
        study_run.params(_params(config))
        study_run.dataset(paths.train, files.sha256(paths.train), context="training")
        study_run.text(yaml.safe_dump(to_plain(config), sort_keys=False), "config.yaml")
        trial_runs = TrialRuns(tracker, study_run, step_of(config.model.name.value))
        with ProgressBar() as bar, trial_runs:
            result = search.run(storage, (bar, trial_runs), executor)
        study_run.metrics({"valid_rmse": result.valid_rmse, "best_trial": result.best_trial})
        study_run.tags({"cartelera.best_params": json.dumps(result.params)})
        for path in _write(result, config, paths):
            study_run.artifact(path)
    logger.info("Trial %d is the best: %.4f stars.", result.best_trial, result.valid_rmse)


def search_settings(config: Config) -> SearchSettings:
    """Gather what the search needs from the configuration's sections."""
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


def read_train(paths: Paths) -> pd.DataFrame:
    """Read the train part.

    Raises:
        InputError: If it is missing.
    """
    return pd.read_parquet(require(paths.train, "split"))


def _executor(config: Config) -> Executor:
    workers = config.search.dask
    return build_executor(
        config.search.executor.value, address=workers.address, n_workers=workers.n_workers
    )


def _params(config: Config) -> dict[str, Any]:
    plain = to_plain(config)
    search = {key: value for key, value in plain["search"].items() if key not in _MAY_CHANGE}
    model = {key: plain["model"][key] for key in ("name", "params")}
    return {"search": search, "model": model, "split": plain["split"]}


def _write(result: SearchResult, config: Config, paths: Paths) -> tuple[Path, ...]:
    targets = (paths.best_params, paths.model / "trials.csv", paths.reports / "search")
    with files.all_or_nothing(*targets) as (best_draft, trials_draft, plots_draft):
        files.write_json(
            best_draft,
            {
                "model": config.model.name.value,
                "params": result.params,
                "valid_rmse": result.valid_rmse,
                "trial": result.best_trial,
                "study": result.study,
            },
        )
        result.trials.to_csv(trials_draft, index=False, lineterminator="\n")
        plot_search(result, plots_draft)
    return targets


if __name__ == "__main__":
    main(run)
