"""Stage `evaluate`: the model beside the baselines on the test part; spot checks; drift."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.config_types import Config, EvaluateConfig
from cartelera.errors import InputError
from cartelera.evaluation import report
from cartelera.evaluation.about import describe
from cartelera.evaluation.baselines import BiasOnly, GlobalMean, Popularity, UserMean
from cartelera.evaluation.comparison import MODEL, Comparison, compare
from cartelera.evaluation.metrics import DIGITS, headline, to_metrics
from cartelera.evaluation.picture import Picture
from cartelera.evaluation.residuals import Residuals, summarise
from cartelera.evaluation.spot_checks import spot_checks
from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import Recommender
from cartelera.files import all_or_nothing, read_json, write_json
from cartelera.paths import Paths
from cartelera.ratings.digest import split_digest
from cartelera.stages.beside_champion import Champion, compare_with_champion, drift_since
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.tracking.runs import Tracker, log_to_run

_JSON_OUTPUTS = (
    "metrics.json",
    "comparison.json",
    "drift.json",
    "intervals.json",
    "spot_checks.json",
)
_OUTPUTS = (*_JSON_OUTPUTS, "comparison.csv", "model_figures", "model.html")
_DRIFT = ("share_of_new_users", "share_of_new_titles", "psi", "mean_shift")
_SIGNAL_NUMBERS = ("statistic", "expected", "p_value", "has_taste")


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
    model = Factors.load(paths.factors)
    run_id = read_json(require(paths.run, "train"))["run_id"]
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)  # before the long work

    comparison = _compare(model, train, test, config)
    checks = spot_checks(
        model,
        train,
        test,
        titles,
        k=settings.k,
        n_users=settings.n_spot_check_users,
        seed=settings.seed,
    )
    champion = Champion.read(paths)
    beside_champion, verdicts = compare_with_champion(model, champion, test, settings)
    ratings = pd.concat([train, test], ignore_index=True)
    drift, since = drift_since(ratings, champion, settings, config.eda.alpha)
    residuals = _residuals(model, test, comparison, settings)
    extras = report.Extras(describe(model.card), verdicts, residuals, drift, since)
    pictures = report.draw(comparison, train, test, curve)
    if drift is not None:
        pictures += report.draw_drift(drift)
    page = report.render(
        comparison, pictures, checks, signal=signal, n_train=len(train), extras=extras
    )
    metrics = {
        **to_metrics(comparison),
        "signal": {name: signal[name] for name in _SIGNAL_NUMBERS},
        "split_digest": split_digest(train, test),
    }
    tables = {
        "metrics.json": {**headline(metrics), "split_digest": metrics["split_digest"]},
        "comparison.json": {**metrics, **beside_champion},
        "drift.json": {"about": since, **(drift.to_json() if drift else {})},
        "intervals.json": residuals.to_json(),
        "spot_checks.json": {"users": [asdict(check) for check in checks]},
    }
    _write(paths.reports, tables, comparison, pictures, page)
    log_to_run(
        tracker,
        stage="evaluate",
        run_id=run_id,
        metrics={
            **tables["comparison.json"],
            "intervals": tables["intervals.json"],
            "seconds": {"evaluate": perf_counter() - started},
            "drift": {
                name: value for name, value in tables["drift.json"].items() if name in _DRIFT
            },
        },
        artifacts=(paths.reports / name for name in _OUTPUTS),
    )


def fit_baselines(train: pd.DataFrame, *, scale: tuple[float, float]) -> dict[str, Recommender]:
    """Fit what the model has to beat.

    Args:
        train: Clean ratings.
        scale: Lowest and highest rating, in stars.
    """
    return {
        report.BIAS_ONLY: BiasOnly.fit(train, scale=scale),
        report.USER_MEAN: UserMean.fit(train, scale=scale),
        report.GLOBAL_MEAN: GlobalMean.fit(train, scale=scale),
        report.POPULARITY: Popularity.fit(train, scale=scale),
    }


def _compare(model: Factors, train: pd.DataFrame, test: pd.DataFrame, config: Config) -> Comparison:
    settings = config.evaluate
    baselines = fit_baselines(train, scale=(config.etl.rating_min, config.etl.rating_max))
    return compare(
        {MODEL: model, **baselines},
        train,
        test,
        k=settings.k,
        relevant_at=settings.relevant_at,
        n_bootstrap=settings.n_bootstrap,
        confidence=settings.confidence,
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
    pictures: list[Picture],
    page: str,
) -> None:
    with all_or_nothing(*(folder / name for name in _OUTPUTS)) as drafts:
        *json_drafts, table_draft, pictures_draft, page_draft = drafts
        for name, draft in zip(_JSON_OUTPUTS, json_drafts, strict=True):
            write_json(draft, tables[name])
        comparison.table.round(DIGITS).to_csv(table_draft, index=False, lineterminator="\n")
        report.save(pictures, pictures_draft)
        page_draft.write_text(page, encoding="utf-8")


def _read_table(path: Path, stage: str) -> pd.DataFrame:
    return pd.read_parquet(require(path, stage))


def _read_curve(path: Path) -> pd.DataFrame:
    curve = pd.read_csv(require(path, "train"))
    if missing := [column for column in c.CURVE_COLUMNS if column not in curve.columns]:
        raise InputError(f"{path} lacks {', '.join(missing)}: run the train stage anew.")
    return curve


def _read_signal(path: Path) -> Mapping[str, Any]:
    """Read the verdict on taste that the eda stage left."""
    signal = read_json(require(path, "eda")).get("signal", {})
    if missing := [name for name in (*_SIGNAL_NUMBERS, "sentence") if name not in signal]:
        raise InputError(f"{path} lacks signal.{missing[0]}: run the eda stage anew.")
    return signal


if __name__ == "__main__":
    main(run)
