"""How fast a search finds good parameters, beside surprise's RandomizedSearchCV.

Both look for the lowest mean RMSE of the same five folds of MovieLens latest-small, in the same
space. RandomizedSearchCV fits every fold for each of 40 draws, on two processes; the number of
epochs is one of the things it draws. Both take turns: some of its draws, then a whole search of
ours with another seed and a fresh journal, so that a slow moment of the machine hits both.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cartelera.search import fits
from cartelera.search.observers import FinishedTrial
from cartelera.search.settings import SearchSettings
from cartelera.search.study import run_search
from measuring import Stopwatch, machine
from movielens import SCALE, read_movielens
from randomized import (
    EPOCHS,
    N_FOLDS,
    RANGES,
    Curve,
    randomized_search,
    rmse_of_surprise,
    same_folds,
)
from reporting import OURS, THEIRS, save, say, show

GOAL = 20.0


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    ratings = read_movielens()
    _search(ratings.head(2_000), seed=0, n_trials=2)  # compiles, or reads what was compiled
    theirs: dict[str, Any] = {"seconds": 0.0, "best": np.inf, "curve": []}
    ours = []
    for turn in range(options.turns):
        say(f"turn {turn + 1} of {options.turns} ...")
        _add(theirs, randomized_search(ratings, options.draws // options.turns, seed=turn))
        ours.append(_search(ratings, turn, options.trials))
    for search in ours:
        search["seconds_to_theirs"] = _seconds_to(search["curve"], theirs["best"])
    best = min(ours, key=lambda search: search["best"])
    best["surprise_rmse"] = rmse_of_surprise(ratings, best["params"])
    _report(theirs, ours, best)
    results = {"load_before": before["load"], "theirs": theirs, "ours": ours}
    save("search", results, _picture(theirs, ours), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=40, help="of RandomizedSearchCV, all turns")
    parser.add_argument("--trials", type=int, default=30, help="of each search of ours")
    parser.add_argument("--turns", type=int, default=4, help="searches of ours, one a seed")
    parser.add_argument("--quick", action="store_true", help="a trial run: few draws")
    options = parser.parse_args()
    if options.quick:
        options.draws, options.trials, options.turns = 2, 10, 2
    return options


def _search(ratings: pd.DataFrame, seed: int, n_trials: int) -> dict[str, Any]:
    settings = SearchSettings(
        study_name="bench",
        n_trials=n_trials,
        objective="kfold",
        n_folds=N_FOLDS,
        valid_fraction=0.2,
        split_method="random",
        n_last=1,
        seed=seed,
        sampler={
            "_target_": "optuna.samplers.TPESampler",
            "n_startup_trials": 10,
            "multivariate": True,
            "group": True,
        },
        pruner={
            "_target_": "optuna.pruners.PercentilePruner",
            "percentile": 75,
            "n_startup_trials": 5,
            "n_warmup_steps": 20,
        },
        space={
            **{
                name: {
                    "type": "int" if isinstance(low, int) else "float",
                    "low": low,
                    "high": high,
                    "log": True,
                }
                for name, (low, high) in RANGES.items()
            },
            "n_epochs": {"type": "int", "low": EPOCHS[0], "high": EPOCHS[-1]},
            "random_state": 0,
        },
        model="svd",
        params={},
        scale=SCALE,
        patience=5,
        warm_start=False,
        min_gain=0,
    )
    watch = Stopwatch()
    clock = _Clock(watch)
    parted = patch.object(fits, "folds", lambda rows, n_folds, seed: same_folds(rows))  # noqa: ARG005
    with parted, tempfile.TemporaryDirectory() as folder:
        result = run_search(ratings, settings, Path(folder) / "journal", [clock])
    return {
        "seed": seed,
        "seconds": watch.seconds,
        "best": result.value,
        "params": dict(result.params),
        "n_pruned": int((result.trials["state"] == "pruned").sum()),
        "curve": clock.curve,
    }


class _Clock:
    """Notes when a search has found what."""

    def __init__(self, watch: Stopwatch):
        self._watch = watch
        self.curve: Curve = []

    def study_opened(self, study: str, n_finished: int, n_trials: int) -> None:
        """Note nothing."""

    def trial_started(self, number: int) -> None:
        """Note nothing."""

    def step(self, number: int, step: int, value: float) -> None:
        """Note nothing."""

    def trial_finished(self, trial: FinishedTrial) -> None:
        """Note the best value so far; a pruned trial leaves it as it was."""
        best = self.curve[-1][1] if self.curve else np.inf
        if trial.state == "complete" and trial.value is not None:
            best = min(best, trial.value)
        self.curve.append((self._watch.seconds, best))


def _add(theirs: dict[str, Any], turn: dict[str, Any]) -> None:
    """Let a turn go on where the one before stopped; the time between does not count."""
    before, best = theirs["seconds"], theirs["best"]
    theirs["curve"] += [(before + at, min(best, rmse)) for at, rmse in turn["curve"]]
    theirs["seconds"] = before + turn["seconds"]
    if turn["best"] < best:
        theirs |= {"best": turn["best"], "params": turn["params"]}


def _seconds_to(curve: Curve, rmse: float) -> float | None:
    return next((seconds for seconds, best in curve if best <= rmse), None)


def _report(theirs: dict[str, Any], ours: list[dict[str, Any]], best: dict[str, Any]) -> None:
    found_after = _seconds_to(theirs["curve"], theirs["best"]) or theirs["seconds"]
    rows = [
        (
            "RandomizedSearchCV",
            f"{theirs['best']:.4f}",
            *(f"{seconds:.1f} s" for seconds in (theirs["seconds"], found_after)),
            "",
            "",
        )
    ]
    for search in ours:
        reached = search["seconds_to_theirs"]
        ratios = ("never", "", "")
        if reached is not None:
            ratios = (
                f"{reached:.1f} s",
                f"{theirs['seconds'] / reached:.0f}x",
                f"{found_after / reached:.0f}x",
            )
        name = f"Cartelera, seed {search['seed']}"
        rows.append((name, f"{search['best']:.4f}", f"{search['seconds']:.1f} s", *ratios))
    columns = ("search", "best RMSE", "whole search", "as good after", "faster", "than its finding")
    show("Mean RMSE of five folds of MovieLens latest-small", columns, rows)
    times = [search["seconds_to_theirs"] or np.inf for search in ours]
    ratio = theirs["seconds"] / float(np.median(times))
    say(f"as good as RandomizedSearchCV at its end: {ratio:.1f}x as fast (goal: {GOAL:.0f}x)")
    say(
        f"best of ours {best['best']:.4f}; surprise.SVD with the same parameters and folds: "
        f"{best['surprise_rmse']:.4f}"
    )
    say(f"our best parameters: {best['params']}")
    for second in (1, 2, 4, 8, 16, 32, 64, 128, 256):
        at = [_best_at(search["curve"], second) for search in ours]
        shown = " ".join(f"{rmse:.4f}" if rmse else "     -" for rmse in at)
        them = _best_at(theirs["curve"], second)
        say(f"after {second:>3} s: theirs {f'{them:.4f}' if them else '     -'}, ours {shown}")


def _best_at(curve: Curve, seconds: float) -> float | None:
    found = [best for at, best in curve if at <= seconds and np.isfinite(best)]
    return found[-1] if found else None


def _picture(theirs: dict[str, Any], ours: list[dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(8, 4.4))
    axes = figure.subplots()
    for number, search in enumerate([theirs, *ours]):
        times, values = zip(*search["curve"], strict=True)
        color, label = (OURS, f"Cartelera, {len(ours)} seeds")
        if number == 0:
            color, label = (THEIRS, "RandomizedSearchCV, 2 processes")
        axes.step(
            [*times, search["seconds"]],
            [*values, values[-1]],
            where="post",
            color=color,
            label=label if number < 2 else None,
        )
    axes.axhline(theirs["best"], color="black", linewidth=0.6)
    axes.set(xscale="log", xlabel="seconds", ylabel="best mean RMSE of five folds")
    axes.set_title("What a search has found by when")
    axes.legend(frameon=False)
    return figure


if __name__ == "__main__":
    main()
