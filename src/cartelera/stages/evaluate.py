"""Stage `evaluate`: the model beside the baselines on the test part; spot checks; drift."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.config_types import Config, EvaluateConfig
from cartelera.errors import InputError
from cartelera.evaluation import pictures as p
from cartelera.evaluation import report
from cartelera.evaluation.cold_titles import ColdTitles, cold_title_ndcg
from cartelera.evaluation.comparison import MODEL, Comparison, compare, draw_audience
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.list_baselines import Impersonal
from cartelera.evaluation.metrics_json import (
    COLD_TITLES,
    DIGITS,
    NEWCOMERS,
    cold_title_metrics,
    headline,
    newcomer_metrics,
    to_metrics,
)
from cartelera.evaluation.newcomers import Newcomers, measure_newcomers
from cartelera.evaluation.residuals import Residuals, summarise
from cartelera.evaluation.spot_checks import SpotCheck, spot_checks
from cartelera.evaluation.tuned import ITEM_KNN, POPULARITY, Baselines
from cartelera.evaluation.verdicts import describe
from cartelera.factorization.factors import Factors
from cartelera.files import all_or_nothing, read_json, write_json
from cartelera.models.model import Model
from cartelera.paths import Paths
from cartelera.ranking.content_features import content_features
from cartelera.ranking.fitting import fit_with_content
from cartelera.ranking.rating_order import RatingOrder
from cartelera.ratings.digest import split_digest
from cartelera.stages.beside_champion import Champion, compare_with_champion, drift_since
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.stages.todays_ratings import (
    TodaysRatings,
    comparison_settings,
    fit_baselines,
    gate_rules,
)
from cartelera.tracking.runs import Tracker, log_to_run

_JSON_OUTPUTS = (
    "metrics.json",
    "comparison.json",
    "drift.json",
    "intervals.json",
    "spot_checks.json",
)
_OUTPUTS = (*_JSON_OUTPUTS, "comparison.csv", "model_figures", "model.html")
_COLD_USERS = 2000
"""The most users whose lists of cold titles are measured, in each of the folds."""

_TESTS = ("quality", "taste")


def run(config: Config, paths: Paths) -> None:
    """Measure the model fitted on train and the baselines; write metrics, pictures and the page.

    Of the numbers, `metrics.json` has the few that runs are compared by, `comparison.json` all.
    Everything also goes to the MLflow run that trained the model. The champion of an earlier run
    is compared with if its files are there.

    Raises:
        InputError: If what an earlier stage writes is missing or unusable.
        CarteleraError: If MLflow cannot be reached.
    """
    started = perf_counter()
    settings = config.evaluate
    train, test = _read_table(paths.train, "split"), _read_table(paths.test, "split")
    titles = _read_table(paths.clean_titles, "etl")
    curve = _read_curve(paths.model / "learning_curve.csv")
    signal = _read_signal(paths.reports / "eda.json")
    model = Model.load(paths.factors)
    run_id = read_json(require(paths.run, "train"))["run_id"]
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)  # before the long work

    baselines = fit_baselines(train, config)
    comparison, newcomers = _compare(model, baselines, train, test, config)
    checks = _spot_checks(model, train, test, titles, settings)
    cold = _measure_cold_titles(model, train, titles, config)
    champion = Champion.read(paths)
    digest = split_digest(train, test)
    today = TodaysRatings(config, paths, digest, baselines.entries)
    beside_champion, verdicts = compare_with_champion(
        today, champion, model.rating.card, gate_rules(config)
    )
    ratings = pd.concat([train, test], ignore_index=True)
    drift, since = drift_since(ratings, champion, settings, config.eda.alpha)
    residuals = _residuals(model.rating, test, comparison, settings)

    pictures = p.Pictures(
        lists=p.draw_lists(comparison, newcomers),
        stars=p.draw_stars(comparison, train, test, curve, _read_fold_in_curve(paths)),
        drift=[] if drift is None else p.draw_drift(drift),
    )
    extras = report.Extras(
        about=describe(model.rating.card),
        verdicts=verdicts,
        residuals=residuals,
        drift=drift,
        drift_since=since,
        newcomers=newcomers,
        cold=cold,
        chosen=baselines.chosen,
    )
    page = report.render(
        comparison, pictures, checks, signal=signal, n_train=len(train), extras=extras
    )

    metrics = {
        **to_metrics(comparison),
        NEWCOMERS: newcomer_metrics(newcomers),
        COLD_TITLES: cold_title_metrics(cold),
        "signal": {
            f"{test}_{name}": value for test in _TESTS for name, value in signal[test].items()
        },
        "split_digest": digest,
    }
    few = {**headline(metrics), "split_digest": metrics["split_digest"]}
    tables = {
        "metrics.json": few,
        "comparison.json": {**metrics, "chosen": baselines.chosen, **beside_champion},
        "drift.json": {"about": since, **(drift.to_json() if drift else {})},
        "intervals.json": residuals.to_json(),
        "spot_checks.json": {"users": [asdict(check) for check in checks]},
    }
    _write(paths.reports, tables, comparison, pictures, page)
    log_to_run(
        tracker,
        stage="evaluate",
        run_id=run_id,
        metrics={**few, "seconds": {"evaluate": perf_counter() - started}},
        artifacts=(paths.reports / name for name in _OUTPUTS),
    )


def _compare(
    model: Model, baselines: Baselines, train: pd.DataFrame, test: pd.DataFrame, config: Config
) -> tuple[Comparison, Newcomers]:
    """Compare the model with the baselines, and with itself when it knows less."""
    settings = comparison_settings(config)
    audience = draw_audience(train, test, settings)
    entries = {
        MODEL: Entry(rater=model.rating, ranker=model.ranking),
        report.IMPERSONAL: Entry(ranker=Impersonal(model.ranking)),
        report.RATING_MODEL: Entry(ranker=RatingOrder(model.rating)),
        **baselines.entries,
    }
    comparison = compare(entries, train, test, settings, audience=audience)

    rankers = {
        name: ranker
        for name in (MODEL, POPULARITY, ITEM_KNN)
        if (ranker := entries[name].ranker) is not None
    }
    return comparison, measure_newcomers(rankers, audience, settings)


def _measure_cold_titles(
    model: Model, train: pd.DataFrame, titles: pd.DataFrame, config: Config
) -> ColdTitles:
    """Measure the ranking model on rated titles whose ratings it was not shown."""
    features = content_features(titles)
    settings = comparison_settings(config)
    few = replace(settings, max_users=min(settings.max_users, _COLD_USERS))
    return cold_title_ndcg(
        lambda ratings: fit_with_content(ratings, features, model.ranking.params), train, few
    )


def _spot_checks(
    model: Model,
    train: pd.DataFrame,
    test: pd.DataFrame,
    titles: pd.DataFrame,
    settings: EvaluateConfig,
) -> list[SpotCheck]:
    return spot_checks(
        model.rating,
        model.ranking,
        train,
        test,
        titles,
        k=settings.k,
        n_users=settings.n_spot_check_users,
        seed=settings.seed,
    )


def _residuals(
    model: Factors, test: pd.DataFrame, comparison: Comparison, settings: EvaluateConfig
) -> Residuals:
    return summarise(
        test[c.USER_ID].to_numpy(dtype=np.int64),
        test[c.RATING],
        comparison.predictions[MODEL],
        coverage=settings.interval_coverage,
        top=model.scale[1],
        seed=settings.seed,
    )


def _write(
    folder: Path,
    tables: Mapping[str, Mapping[str, Any]],
    comparison: Comparison,
    pictures: p.Pictures,
    page: str,
) -> None:
    with all_or_nothing(*(folder / name for name in _OUTPUTS)) as drafts:
        *json_drafts, table_draft, pictures_draft, page_draft = drafts
        for name, draft in zip(_JSON_OUTPUTS, json_drafts, strict=True):
            write_json(draft, tables[name])
        comparison.table.round(DIGITS).to_csv(table_draft, index=False, lineterminator="\n")
        pictures.save(pictures_draft)
        page_draft.write_text(page, encoding="utf-8")


def _read_table(path: Path, stage: str) -> pd.DataFrame:
    return pd.read_parquet(require(path, stage))


def _read_curve(path: Path) -> pd.DataFrame:
    curve = pd.read_csv(require(path, "train"))
    if missing := [column for column in c.CURVE_COLUMNS if column not in curve.columns]:
        raise InputError(f"{path} lacks {', '.join(missing)}: run the train stage anew.")
    return curve


def _read_fold_in_curve(paths: Paths) -> pd.DataFrame | None:
    path = paths.model / "fold_in_curve.csv"
    return pd.read_csv(path) if path.is_file() else None


def _read_signal(path: Path) -> Mapping[str, Any]:
    """Read the verdict on the ratings that the eda stage left."""
    signal = read_json(require(path, "eda")).get("signal", {})
    if missing := [name for name in (*_TESTS, "sentence") if name not in signal]:
        raise InputError(f"{path} lacks signal.{missing[0]}: run the eda stage anew.")
    return signal


if __name__ == "__main__":
    main(run)
