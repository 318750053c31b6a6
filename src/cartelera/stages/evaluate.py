"""Stage `evaluate`: the model beside the baselines on the test part; spot checks."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from cartelera.config_types import Config
from cartelera.errors import InputError
from cartelera.evaluation import report
from cartelera.evaluation.baselines import BiasOnly, GlobalMean, Popularity, UserMean
from cartelera.evaluation.comparison import MODEL, Comparison, compare
from cartelera.evaluation.figures import CURVE_COLUMNS
from cartelera.evaluation.metrics import DIGITS, to_metrics
from cartelera.evaluation.spot_checks import SpotCheck, spot_checks
from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import Recommender
from cartelera.files import all_or_nothing, read_json, write_json
from cartelera.paths import Paths
from cartelera.ratings.digest import split_digest
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.tracking.runs import log_to_run

_OUTPUTS = ("metrics.json", "comparison.csv", "spot_checks.json", "model_figures", "model.html")
_SIGNAL_NUMBERS = ("statistic", "expected", "p_value", "has_taste")


def run(config: Config, paths: Paths) -> None:
    """Measure the exported model and the baselines; write metrics, pictures and the page.

    All of it also goes to the MLflow run that trained the model.

    Raises:
        InputError: If what an earlier stage writes is missing or unusable.
        CarteleraError: If MLflow cannot be reached.
    """
    settings = config.evaluate
    train, test = _read_table(paths.train, "split"), _read_table(paths.test, "split")
    titles = _read_table(paths.clean_titles, "etl")
    curve = _read_curve(paths.model / "learning_curve.csv")
    signal = _read_signal(paths.reports / "eda.json")
    model = Factors.load(paths.factors)
    run_id = read_json(require(paths.run, "train"))["run_id"]

    comparison = compare(
        {
            MODEL: model,
            **fit_baselines(train, scale=(config.etl.rating_min, config.etl.rating_max)),
        },
        train,
        test,
        k=settings.k,
        relevant_at=settings.relevant_at,
        n_bootstrap=settings.n_bootstrap,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    checks = spot_checks(
        model,
        train,
        test,
        titles,
        k=settings.k,
        n_users=settings.n_spot_check_users,
        seed=settings.seed,
    )
    pictures = report.draw(comparison, train, test, curve)
    page = report.render(comparison, pictures, checks, signal=signal, n_train=len(train))
    metrics = {
        **to_metrics(comparison),
        "signal": {name: signal[name] for name in _SIGNAL_NUMBERS},
        "split_digest": split_digest(train, test),
    }
    _write(paths.reports, comparison, metrics, checks, pictures, page)
    log_to_run(
        config.tracking.uri,
        config.tracking.experiment,
        stage="evaluate",
        run_id=run_id,
        metrics=metrics,
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


def _write(
    folder: Path,
    comparison: Comparison,
    metrics: Mapping[str, Any],
    checks: list[SpotCheck],
    pictures: list[report.Picture],
    page: str,
) -> None:
    with all_or_nothing(*(folder / name for name in _OUTPUTS)) as drafts:
        metrics_draft, table_draft, checks_draft, pictures_draft, page_draft = drafts
        write_json(metrics_draft, metrics)
        comparison.table.round(DIGITS).to_csv(table_draft, index=False, lineterminator="\n")
        write_json(checks_draft, {"users": [asdict(check) for check in checks]})
        report.save(pictures, pictures_draft)
        page_draft.write_text(page, encoding="utf-8")


def _read_table(path: Path, stage: str) -> pd.DataFrame:
    return pd.read_parquet(require(path, stage))


def _read_curve(path: Path) -> pd.DataFrame:
    curve = pd.read_csv(require(path, "train"))
    if missing := [column for column in CURVE_COLUMNS if column not in curve.columns]:
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
