"""Stage `train`: what won the searches, fitted on train to be measured and on all to ship."""

import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cartelera import columns as c
from cartelera import files
from cartelera.catalogue.fingerprint import FINGERPRINT, Fingerprint
from cartelera.config import to_plain
from cartelera.config_types import Config, ShipOn
from cartelera.factorization.fold_in import CARD_KEY
from cartelera.factorization.fold_in_tuning import FoldIn, choose_fold_in, draw_newcomers
from cartelera.models.model import Model
from cartelera.models.recipe import RECIPE, Recipe
from cartelera.paths import Paths, require
from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.parameters import RankingParams
from cartelera.search import model_cards
from cartelera.search.model_selection import (
    POOL,
    Choice,
    Fitter,
    best_members,
    blends_to_try,
)
from cartelera.stages.from_config import hold_out, rating_scale
from cartelera.tracking.provenance import MODEL, SPLIT_METHOD
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.train_run import mark_train_run
from cartelera.tracking.trial_runs import find_study_run

logger = logging.getLogger(__name__)

_CURVE = "learning_curve.csv"
_FOLD_IN_CURVE = "fold_in_curve.csv"


def run(config: Config, paths: Paths) -> None:
    """Fit and export both models: the rating model's best trial, or a blend that beats it.

    `factors` learns from train: it is the one that can be measured. `shipped` learns from train and
    test; with `model.ship_on=train` it is `factors` once more. The choice is made, and the learning
    curve drawn, on fits to train without the search's validation part; how a newcomer's ratings are
    folded in is chosen on users held out of train.

    Args:
        config: The sections `model`, `search`, `split`, `tracking` and the scale in `etl` are read.
        paths: `train`, `test`, `clean_titles`, `best_params`, `best_ranking_params`, for a blend
            `model/trials.csv` and for the card `reports/eda.json` are read; `factors`, `shipped`,
            and the two curves in `model` are written.

    Raises:
        InputError: If a file to read is missing or unusable.
        CarteleraError: If MLflow cannot be reached, or a fit diverges.
    """
    train, test = (pd.read_parquet(require(path, "split")) for path in (paths.train, paths.test))
    titles = pd.read_parquet(require(paths.clean_titles, "etl"))

    best = files.read_json(require(paths.best_params, "search"))
    ranking = files.read_json(require(paths.best_ranking_params, "search"))
    tags = {MODEL: config.model.name.value, SPLIT_METHOD: config.split.method.value}

    # Before the long work: without the store nothing would be known of it.
    tracker = Tracker(config.tracking.uri, config.tracking.experiment, tags)
    study = tracker.find_run(find_study_run(tracker, best["study"]))
    with tracker.run("train", parent=study) as train_run:
        _log_given(train_run, best, ranking, config, paths)
        with train_run.timed("choice"):
            choice = _choose(train, best, config, paths)
        with train_run.timed("newcomers"):
            fold_in = _choose_fold_in(train, best, choice, config)
        recipe = Recipe(
            best["model"], tuple(member.params for member in choice.members), ranking["params"]
        )
        with train_run.timed("fit"):
            models = _fit(train, test, titles, recipe, choice, config, paths)

        # What both models' cards say: how they were chosen, and on what data.
        shared = {
            **model_cards.of_choice(
                best,
                ranking,
                choice,
                config.model.blend_margin,
                pd.concat([train, test], ignore_index=True),
                paths.reports / "eda.json",
            ),
            CARD_KEY: fold_in.ridge.to_card(),
            RECIPE: recipe.to_json(),
            FINGERPRINT: Fingerprint.of(
                config.data.source, titles, pd.concat([train, test])[c.TITLE_ID]
            ).to_json(),
        }

        curves = (paths.model / _CURVE, paths.model / _FOLD_IN_CURVE)
        targets = (paths.factors, paths.shipped, *curves)
        with files.all_or_nothing(*targets) as (*drafts, curve_draft, fold_in_draft):
            for (model, card), draft in zip(models, drafts, strict=True):
                model.save(draft, {**shared, **card})
            choice.curve.to_csv(curve_draft, index=False, lineterminator="\n")
            fold_in.curve.round(6).to_csv(fold_in_draft, index=False, lineterminator="\n")
        mark_train_run(train_run, paths.factors)
        _log_choice(train_run, choice, recipe)
        for path in curves:
            train_run.artifact(path)
    logger.info("%s is trained on %d ratings.", paths.factors, len(train))


def _choose(train: pd.DataFrame, best: Mapping[str, Any], config: Config, paths: Paths) -> Choice:
    n = config.model.blend
    first = best_members(best, pd.DataFrame(), 1)[0]
    pool = best_members(best, _read_trials(paths), POOL * n) if n > 1 else ()
    candidates = blends_to_try(pool, n)
    known, valid = hold_out(train, config)
    n_fits = max(len(pool), 1) + n - 1  # the pool, or the best trial alone, and the other seeds
    with _bar("choosing", n_fits) as on_fit:
        fitter = Fitter(best["model"], rating_scale(config), on_fit)
        margin = config.model.blend_margin
        return fitter.choose(first, candidates, known, valid, margin, pool=pool, most=n)


def _choose_fold_in(
    train: pd.DataFrame, best: Mapping[str, Any], choice: Choice, config: Config
) -> FoldIn:
    """Choose how newcomers' ratings are folded in, on users the chosen model is not fitted with."""
    seed = config.search.seed
    n_fits = len(draw_newcomers(train, seed)) * len(choice.members)
    with _bar("newcomers", n_fits) as on_fit:
        fitter = Fitter(best["model"], rating_scale(config), on_fit)
        return choose_fold_in(train, lambda ratings: fitter.fit(choice.members, ratings), seed)


def _fit(
    train: pd.DataFrame,
    test: pd.DataFrame,
    titles: pd.DataFrame,
    recipe: Recipe,
    choice: Choice,
    config: Config,
    paths: Paths,
) -> list[tuple[Model, dict[str, Any]]]:
    """Return the model to measure and the one to ship, each with what its card says of the fit."""
    refits = config.model.ship_on is ShipOn.all
    parts = {"train": paths.train}
    fits = [(train, parts, model_cards.MEASURED if refits else model_cards.BOTH)]
    if refits:
        everything = pd.concat([train, test], ignore_index=True)
        fits.append((everything, {**parts, "test": paths.test}, model_cards.SHIPPED))

    params = RankingParams.from_mapping(recipe.ranking)
    models: list[tuple[Model, dict[str, Any]]] = []
    with _bar("fitting", len(fits) * (len(choice.members) + 1)) as on_fit:
        fitter = Fitter(recipe.name, rating_scale(config), on_fit)
        for ratings, files_of, role in fits:
            rating = fitter.fit(choice.members, ratings)
            model = Model(rating, fit_ranking(ratings, titles, params))
            on_fit()
            card = {"role": role, "train": model_cards.of_fit(ratings, files_of)}
            models.append((model, card))
    return models if refits else models * 2


def _read_trials(paths: Paths) -> pd.DataFrame:
    return pd.read_csv(require(paths.model / "trials.csv", "search"))


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


def _log_given(
    train_run: RunLog,
    best: Mapping[str, Any],
    ranking: Mapping[str, Any],
    config: Config,
    paths: Paths,
) -> None:
    choice = {"blend": config.model.blend, "ship_on": config.model.ship_on.value}
    train_run.params({"model": best["model"], **best["params"], **choice})
    train_run.params({"ranking": ranking["params"]})
    train_run.tags({"cartelera.study": best["study"], "cartelera.ranking_study": ranking["study"]})
    train_run.dataset(paths.train, files.sha256(paths.train), context="training")
    train_run.text(yaml.safe_dump(to_plain(config), sort_keys=False), "config.yaml")


def _log_choice(train_run: RunLog, choice: Choice, recipe: Recipe) -> None:
    train_run.tags({"cartelera.n_models": str(len(choice.members))})
    train_run.metrics({"single_valid_rmse": choice.single_rmse, c.VALID_RMSE: choice.rmse})
    if choice.blends:
        rows = [(one.of, one.rmse) for one in choice.blends]
        train_run.tables({"blends": pd.DataFrame(rows, columns=["n_models", c.VALID_RMSE])})
    of = f"{recipe.name} k={recipe.members[0]['n_factors']}"
    if len(choice.members) > 1:
        of = f"blend of {len(choice.members)} {of}"
    train_run.rename(f"train {of}, valid rmse {choice.rmse:.4f}")
    epochs = choice.curve[c.EPOCH].tolist()
    train_run.curves(
        {
            f"{measure}_by_epoch": dict(zip(epochs, choice.curve[measure].tolist(), strict=True))
            for measure in (c.TRAIN_RMSE, c.VALID_RMSE)
        }
    )
