"""Stage `train`: the winner of the search, fitted on train to be measured and on all to ship."""

import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cartelera import columns as c
from cartelera import files
from cartelera.config import to_plain
from cartelera.config_types import Config, ShipOn
from cartelera.factorization.factors import Factors
from cartelera.paths import Paths
from cartelera.ratings.split import split
from cartelera.stages import model_cards
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.stages.winner import (
    OF_SEEDS,
    OF_TRIALS,
    POOL,
    Choice,
    Fitter,
    Member,
    best_members,
    other_seeds,
)
from cartelera.tracking.provenance import MODEL, SPLIT_METHOD
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker

logger = logging.getLogger(__name__)

_CURVE = "learning_curve.csv"


def run(config: Config, paths: Paths) -> None:
    """Choose between the best trial and a blend of the best ones; fit and export what wins.

    `factors` learns from train: it is the one that can be measured. `shipped` learns from train and
    test; with `model.ship_on=train` it is `factors` once more. The choice is made, and the learning
    curve drawn, on fits to train without the search's validation part.

    Args:
        config: The sections `model`, `search`, `split`, `tracking` and the scale in `etl` are read.
        paths: `train`, `test`, `best_params`, for a blend `model/trials.csv` and for the card
            `reports/eda.json` are read; `factors`, `shipped`, `model/learning_curve.csv` and `run`
            are written.

    Raises:
        InputError: If a file to read is missing or unusable.
        CarteleraError: If MLflow cannot be reached, or a fit diverges.
    """
    train, test = (pd.read_parquet(require(path, "split")) for path in (paths.train, paths.test))
    best = files.read_json(require(paths.best_params, "search"))
    tags = {MODEL: config.model.name.value, SPLIT_METHOD: config.split.method.value}
    tracker = Tracker(config.tracking.uri, config.tracking.experiment, tags)
    with tracker.run("train", system_metrics=True) as train_run:
        _log_given(train_run, best, config, paths)
        with train_run.timed("choice"):
            choice = _choose(train, best, config, paths)
        with train_run.timed("fit"):
            models = _fit(train, test, best, choice, config, paths)
        targets = (paths.factors, paths.shipped, paths.model / _CURVE, paths.run)
        with files.all_or_nothing(*targets) as (*drafts, curve_draft, run_draft):
            for (factors, card), draft in zip(models, drafts, strict=True):
                factors.save(draft, {**factors.card, **card})
            choice.curve.to_csv(curve_draft, index=False, lineterminator="\n")
            run_of = {"run_id": train_run.run_id, "experiment": tracker.experiment}
            files.write_json(run_draft, run_of)
        _log_choice(train_run, choice)
        train_run.artifact(paths.model / _CURVE)
    logger.info("%s is trained on %d ratings.", paths.factors, len(train))


def _choose(train: pd.DataFrame, best: Mapping[str, Any], config: Config, paths: Paths) -> Choice:
    n = config.model.blend
    first = best_members(best, pd.DataFrame(), 1)[0]
    pool = best_members(best, _read_trials(paths), POOL * n) if n > 1 else ()
    candidates = _candidates(pool, n)
    known, valid = split(
        train,
        method=config.split.method.value,
        test_fraction=config.search.valid_fraction,
        n_last=config.split.n_last,
        seed=config.search.seed,
    )
    n_fits = max(len(pool), 1) + n - 1  # the pool, or the best trial alone, and the other seeds
    with _bar("choosing", n_fits) as on_fit:
        fitter = Fitter(best["model"], _scale(config), on_fit)
        margin = config.model.blend_margin
        return fitter.choose(first, candidates, known, valid, margin, pool=pool, most=n)


def _candidates(pool: Sequence[Member], n: int) -> Mapping[str, Sequence[Member]]:
    """List the blends of given members to try, by what these differ in; none if n is 1."""
    if n == 1:
        return {}
    by_seed = {OF_SEEDS: other_seeds(pool[0], n)}
    return {OF_TRIALS: pool[:n], **by_seed} if len(pool) > 1 else by_seed


def _fit(
    train: pd.DataFrame,
    test: pd.DataFrame,
    best: Mapping[str, Any],
    choice: Choice,
    config: Config,
    paths: Paths,
) -> list[tuple[Factors, dict[str, Any]]]:
    """Give the model to measure and the one to ship, each with its card."""
    everything = pd.concat([train, test], ignore_index=True)
    eda = paths.reports / "eda.json"
    shared = model_cards.of_choice(best, choice, config.model.blend_margin, everything, eda)
    refits = config.model.ship_on is ShipOn.all
    fits = [(train, {"train": paths.train}, model_cards.MEASURED if refits else model_cards.BOTH)]
    if refits:
        parts = {"train": paths.train, "test": paths.test}
        fits.append((everything, parts, model_cards.SHIPPED))
    with _bar("fitting", len(fits) * len(choice.members)) as on_fit:
        fitter = Fitter(best["model"], _scale(config), on_fit)
        models = [
            (
                fitter.fit(choice.members, ratings),
                {"role": role, **shared, "train": model_cards.of_fit(ratings, parts)},
            )
            for ratings, parts, role in fits
        ]
    return models if refits else models * 2


def _read_trials(paths: Paths) -> pd.DataFrame:
    return pd.read_csv(require(paths.model / "trials.csv", "search"))


def _scale(config: Config) -> tuple[float, float]:
    return (config.etl.rating_min, config.etl.rating_max)


@contextmanager
def _bar(what: str, n_fits: int) -> Generator[Callable[[], None]]:
    """Show a line for people: fits done, the time left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(
        *columns, TextColumn("fits, left"), TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task(what, total=n_fits)
        yield lambda: bar.advance(task)


def _log_given(train_run: RunLog, best: Mapping[str, Any], config: Config, paths: Paths) -> None:
    choice = {"blend": config.model.blend, "ship_on": config.model.ship_on.value}
    train_run.params({"model": best["model"], **best["params"], **choice})
    train_run.tags({"cartelera.study": best["study"]})
    train_run.dataset(paths.train, files.sha256(paths.train), context="training")
    train_run.text(yaml.safe_dump(to_plain(config), sort_keys=False), "config.yaml")


def _log_choice(train_run: RunLog, choice: Choice) -> None:
    train_run.tags({"cartelera.n_models": str(len(choice.members))})
    train_run.metrics({"single_valid_rmse": choice.single_rmse})
    train_run.metrics({f"blend_of_{one.of}_valid_rmse": one.rmse for one in choice.blends})
    for one in choice.blends[:1]:
        train_run.metrics({"blend_valid_rmse": one.rmse})
    epochs = choice.curve[c.EPOCH].tolist()
    train_run.curves(
        {
            f"{measure}_by_epoch": dict(zip(epochs, choice.curve[measure].tolist(), strict=True))
            for measure in (c.TRAIN_RMSE, c.VALID_RMSE)
        }
    )


if __name__ == "__main__":
    main(run)
