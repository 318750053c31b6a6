"""Pictures of a search; the same search gives the same bytes."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from cartelera import columns as c
from cartelera.search.result import COMPLETE, STATE, STEP, TRIAL, SearchResult

_BLUE: Final = "#1f5a99"
_GREY: Final = "#b0b7bf"
_ORANGE: Final = "#d9661f"
_RMSE_LABEL: Final = "validation RMSE (stars)"


def plot_search(result: SearchResult, folder: Path) -> None:
    """Draw history, curves, slices and, where they are known, importances as PNG files.

    Args:
        result: The search.
        folder: Made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _save(_history(result), folder / "history.png")
    _save(_curves(result), folder / "curves.png")
    _save(_slices(result), folder / "slices.png")
    if result.importances:
        _save(_importances(result), folder / "importances.png")


def _history(result: SearchResult) -> Figure:
    figure, axes = _figure("The search, trial by trial")
    _scatter(axes, result.trials, TRIAL)
    complete = result.trials[c.VALID_RMSE].where(result.trials[STATE] == COMPLETE)
    axes.step(
        result.trials[TRIAL], complete.cummin().ffill(), where="post", color=_ORANGE, label="best"
    )
    axes.set(xlabel="trial", ylabel=_RMSE_LABEL)
    axes.legend()
    return figure


def _curves(result: SearchResult) -> Figure:
    figure, axes = _figure("Validation curves of all trials")
    for trial, curve in result.curves.groupby(TRIAL):
        is_best = trial == result.best_trial
        axes.plot(
            curve[STEP],
            curve[c.VALID_RMSE],
            color=_ORANGE if is_best else _GREY,
            linewidth=2 if is_best else 1,
            marker="o" if len(curve) == 1 else None,
            zorder=3 if is_best else 2,
            label=f"best (trial {result.best_trial})" if is_best else None,
        )
    axes.set(xlabel="epoch", ylabel=_RMSE_LABEL)
    axes.legend()
    return figure


def _slices(result: SearchResult) -> Figure:
    names = [name for name in result.trials.columns if name not in (TRIAL, STATE, c.VALID_RMSE)]
    figure = Figure(figsize=(3.4 * len(names), 3.4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _scatter(axes, result.trials, name)
        if name in result.log_scaled:
            _scale_by_logarithm(axes)
        axes.set_xlabel(name)
    figure.axes[0].set_ylabel(_RMSE_LABEL)
    figure.axes[0].legend()
    figure.suptitle("Validation RMSE by parameter")
    return figure


def _importances(result: SearchResult) -> Figure:
    figure, axes = _figure("What the result depends on (fANOVA)")
    ascending = sorted(result.importances.items(), key=lambda entry: (entry[1], entry[0]))
    axes.barh([name for name, _ in ascending], [share for _, share in ascending], color=_BLUE)
    axes.set_xlabel("share of the variance of validation RMSE")
    return figure


def _scatter(axes: Axes, trials: pd.DataFrame, x: str) -> None:
    known = trials[trials[x].notna() & trials[c.VALID_RMSE].notna()]
    is_complete = known[STATE] == COMPLETE
    for rows, color, label in (
        (known[~is_complete], _GREY, "pruned"),
        (known[is_complete], _BLUE, COMPLETE),
    ):
        axes.scatter(
            _positions(rows[x]), rows[c.VALID_RMSE].to_numpy(), color=color, label=label, s=22
        )


def _scale_by_logarithm(axes: Axes) -> None:
    """Label 1, 2 and 5 of each power of ten in plain numbers; powers would not fit side by side."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")


def _positions(values: "pd.Series[Any]") -> Any:
    """Give numbers as they are; booleans and words as words, which become categories."""
    is_word = pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values)
    return values.astype(str).to_numpy(object) if is_word else values.to_numpy(np.float64)


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, dpi=110, metadata={"Software": None})
