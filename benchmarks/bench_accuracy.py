"""How good the model is when its parameters are chosen without a look at the test ratings.

Five outer folds of MovieLens latest-small. On the training part of each, a search (`conf/search/
thorough.yaml`) chooses all parameters by inner validation alone; the best trial is fitted to the
whole training part and measured on the test part, and so are averages of several models: of the
best trials, of the best trial with other seeds, and of trials that are good together on a hold-out
from the training part.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from matplotlib.figure import Figure

from cartelera import columns as c
from cartelera.evaluation.baselines import BiasOnly
from cartelera.evaluation.metrics.rmse import rmse
from cartelera.factorization.blend import blend
from cartelera.factorization.factors import Factors
from cartelera.factorization.recommender import Recommender
from cartelera.models.registry import fit_factors
from cartelera.search.fits import folds
from cartelera.search.model_selection import Member, best_members, other_seeds, select_for_average
from cartelera.search.observers import ProgressBar
from cartelera.search.result import SearchResult
from cartelera.search.settings import SearchSettings
from cartelera.search.study import run_search
from measuring import machine, timed
from movielens import SCALE, read_movielens
from reporting import OURS, THEIRS, save, say, show

PRESET = Path(__file__).parents[1] / "conf" / "search" / "thorough.yaml"
SIZE, CANDIDATES = 5, 30
BIASES, DEFAULTS, SINGLE = "biases alone", "Surprise's defaults", "best trial"
OF_SEEDS, OF_BEST = f"average of {SIZE} seeds", f"average of the {SIZE} best trials"
TOGETHER = f"average of up to {SIZE} trials that go together"
AVERAGES = (OF_SEEDS, OF_BEST, TOGETHER)
GOAL, GOAL_GAIN = 0.873, 0.004


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    parts = folds(read_movielens(), n_folds=5, seed=1)[: options.folds]
    measured = [_measure(part.train, part.valid, options) for part in parts]
    means = {
        name: float(np.mean([fold["rmse"][name] for fold in measured]))
        for name in (BIASES, DEFAULTS, SINGLE, *AVERAGES)
    }
    _report(measured, means)
    results = {"load_before": before["load"], "mean": means, "folds": measured}
    save("accuracy", results, _picture(measured, means), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folds", type=int, default=5, help="how many of the five outer folds")
    parser.add_argument("--trials", type=int, default=40, help="of each search")
    parser.add_argument("--quick", action="store_true", help="a trial run: one fold, 6 trials")
    options = parser.parse_args()
    if options.quick:
        options.folds, options.trials = 1, 6
    return options


def _measure(
    train: pd.DataFrame, test: pd.DataFrame, options: argparse.Namespace
) -> dict[str, Any]:
    """Search on train, and measure what comes of it on test; test is used for nothing else."""
    seconds, result = timed(_search, train, options.trials)
    best = {"trial": result.best_trial, "params": result.params}
    members = best_members(best, result.trials, CANDIDATES)
    together = _that_go_together(members, train)
    chosen = {
        SINGLE: members[:1],
        OF_SEEDS: other_seeds(members[0], SIZE),
        OF_BEST: members[:SIZE],
        TOGETHER: together,
    }
    errors = {
        BIASES: _error(BiasOnly.fit(train, scale=SCALE), test),
        DEFAULTS: _error(_fit(train, {"random_state": 0, "exact": True}), test),
    }
    for name, some in chosen.items():
        models = [_fit(train, member.params) for member in some]
        errors[name] = _error(blend(models) if len(models) > 1 else models[0], test)
    for name, error in errors.items():
        say(f"  {name}: {error:.4f}")
    return {
        "seconds": seconds,
        "inner_rmse": result.value,
        "n_trials": len(result.trials),
        "params": dict(result.params),
        "together": [member.trial for member in together],
        "rmse": errors,
    }


def _that_go_together(members: Sequence[Member], train: pd.DataFrame) -> list[Member]:
    """Choose by the error of the average on a fifth of the training part."""
    inner = folds(train, n_folds=5, seed=0)[0]
    pairs = inner.valid[c.USER_ID], inner.valid[c.TITLE_ID]
    predictions = [_fit(inner.train, member.params).predict(*pairs) for member in members]
    return [members[n] for n in select_for_average(predictions, inner.valid[c.RATING], SIZE)]


def _search(train: pd.DataFrame, n_trials: int) -> SearchResult:
    preset: dict[str, Any] = yaml.safe_load(PRESET.read_text())
    known = {field.name for field in fields(SearchSettings)}
    settings = SearchSettings(
        **{
            **{key: value for key, value in preset.items() if key in known},
            "n_trials": n_trials,
            "split_method": "random",
            "n_last": 1,
            "model": "svd",
            "params": {"random_state": 0},
            "scale": SCALE,
        }
    )
    with tempfile.TemporaryDirectory() as folder, ProgressBar() as bar:
        return run_search(train, settings, Path(folder) / "journal", [bar])


def _fit(train: pd.DataFrame, params: Mapping[str, Any]) -> Factors:
    return fit_factors("svd", train, params, scale=SCALE).factors


def _error(model: Recommender, test: pd.DataFrame) -> float:
    return rmse(test[c.RATING], model.predict(test[c.USER_ID], test[c.TITLE_ID]))


def _report(measured: Sequence[dict[str, Any]], means: dict[str, float]) -> None:
    rows = [
        (name, *(f"{fold['rmse'][name]:.4f}" for fold in measured), f"{mean:.4f}")
        for name, mean in means.items()
    ]
    columns = ("model", *(f"fold {number}" for number in range(1, len(measured) + 1)), "mean")
    show("Test RMSE on outer folds of MovieLens latest-small", columns, rows)
    for number, fold in enumerate(measured, 1):
        say(
            f"fold {number}: {fold['n_trials']} trials in {fold['seconds']:.0f} s, inner RMSE "
            f"{fold['inner_rmse']:.4f}, {fold['params']}"
        )
    say(f"best trial: {means[SINGLE]:.4f} (goal: {GOAL} or less)")
    for name in AVERAGES:
        gain = means[SINGLE] - means[name]
        say(f"{name}: better by {gain:.4f} (goal of the best one: {GOAL_GAIN} or more)")


def _picture(measured: Sequence[dict[str, Any]], means: dict[str, float]) -> Figure:
    figure = Figure(figsize=(8, 3.6))
    axes = figure.subplots()
    for row, (name, mean) in enumerate(means.items()):
        color = OURS if name in (SINGLE, *AVERAGES) else THEIRS
        axes.scatter([fold["rmse"][name] for fold in measured], [row] * len(measured), 14, color)
        axes.plot([mean, mean], [row - 0.25, row + 0.25], color=color, linewidth=2.5)
        axes.annotate(f"{mean:.4f}", (mean, row - 0.3), ha="center", fontsize="small")
    axes.axvline(GOAL, color="black", linewidth=0.6, linestyle=":")
    axes.set_yticks(range(len(means)), list(means))
    axes.set(xlabel="test RMSE: outer folds (points) and their mean (bars)", ylim=(5.5, -0.8))
    axes.set_title(f"Parameters chosen without the test ratings; dotted: the goal of {GOAL}")
    return figure


if __name__ == "__main__":
    main()
