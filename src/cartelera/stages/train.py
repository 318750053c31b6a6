"""Stage `train`: the best parameters fitted on the whole train part."""

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from cartelera import columns as c
from cartelera import files
from cartelera.config import to_plain
from cartelera.config_types import Config
from cartelera.factorization.factors import Factors
from cartelera.factorization.svd import fit_factors
from cartelera.paths import Paths
from cartelera.search.objective import hold_out
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.stages.search import read_train
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker

logger = logging.getLogger(__name__)


def run(config: Config, paths: Paths) -> None:
    """Fit and export the model, and draw the learning curve it was chosen by.

    The curve is that of a fit on train without the search's validation part; the exported model
    learns from all of train. The test part is not looked at.

    Args:
        config: The sections `search`, `split`, `tracking` and the scale in `etl` are read.
        paths: `train`, `best_params` and, for the card, `reports/eda.json` are read; `factors`,
            `model/learning_curve.csv` and `run` are written.

    Raises:
        InputError: If a file to read is missing.
        CarteleraError: If MLflow cannot be reached, or the fit diverges.
    """
    train = read_train(paths)
    best = _read_best(paths)
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    with tracker.run("train", system_metrics=True) as train_run:
        train_run.params({"model": best["model"], **best["params"]})
        train_run.tags({"cartelera.study": best["study"]})
        train_run.dataset(paths.train, files.sha256(paths.train), context="training")
        train_run.text(yaml.safe_dump(to_plain(config), sort_keys=False), "config.yaml")
        curve = _learning_curve(train, best, config)
        factors = fit_factors(best["model"], train, best["params"], scale=_scale(config)).factors
        _write(factors, curve, _card(train, best, paths), train_run, tracker, paths)
        _log_curve(train_run, curve)
        train_run.artifact(paths.model / "learning_curve.csv")
    logger.info("%s is trained on %d ratings.", paths.factors, len(train))


def _read_best(paths: Paths) -> dict[str, Any]:
    return files.read_json(require(paths.best_params, "search"))


def _learning_curve(train: pd.DataFrame, best: Mapping[str, Any], config: Config) -> pd.DataFrame:
    part = hold_out(
        train,
        method=config.split.method.value,
        valid_fraction=config.search.valid_fraction,
        n_last=config.split.n_last,
        seed=config.search.seed,
    )
    return fit_factors(
        best["model"], part.train, best["params"], scale=_scale(config), valid=part.valid
    ).curve


def _scale(config: Config) -> tuple[float, float]:
    return (config.etl.rating_min, config.etl.rating_max)


def _card(train: pd.DataFrame, best: Mapping[str, Any], paths: Paths) -> dict[str, Any]:
    """Describe the model; without a clock, so that the same model has the same card."""
    eda = paths.reports / "eda.json"
    signal = files.read_json(eda).get("signal", {}) if eda.is_file() else {}
    return {
        "model": best["model"],
        "params": best["params"],
        "search": {key: best[key] for key in ("study", "trial", "valid_rmse")},
        "train": {
            "sha256": files.sha256(paths.train),
            "n_ratings": len(train),
            "n_users": int(train[c.USER_ID].nunique()),
            "n_titles": int(train[c.TITLE_ID].nunique()),
        },
        "taste": signal.get("sentence", "The ratings were not tested for taste."),
    }


def _write(
    factors: Factors,
    curve: pd.DataFrame,
    card: Mapping[str, Any],
    train_run: RunLog,
    tracker: Tracker,
    paths: Paths,
) -> None:
    targets = (paths.factors, paths.model / "learning_curve.csv", paths.run)
    with files.all_or_nothing(*targets) as (factors_draft, curve_draft, run_draft):
        factors.save(factors_draft, card)
        curve.to_csv(curve_draft, index=False, lineterminator="\n")
        files.write_json(run_draft, {"run_id": train_run.run_id, "experiment": tracker.experiment})


def _log_curve(train_run: RunLog, curve: pd.DataFrame) -> None:
    epochs = curve[c.EPOCH].tolist()
    train_run.curves(
        {
            f"{measure}_by_epoch": dict(zip(epochs, curve[measure].tolist(), strict=True))
            for measure in (c.TRAIN_RMSE, c.VALID_RMSE)
        }
    )


if __name__ == "__main__":
    main(run)
