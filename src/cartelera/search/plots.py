"""Pictures of a search; the same search gives the same bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator
from numpy.typing import NDArray

from cartelera.search.result import COMPLETE, STATE, STEP, TRIAL, SearchResult

_BLUE: Final = "#1f5a99"
_GREY: Final = "#b0b7bf"
_ORANGE: Final = "#d9661f"


def plot_search(result: SearchResult, folder: Path) -> None:
    """Draw history, curves, slices, parallel coordinates and known importances as PNG files.

    Args:
        result: The search.
        folder: Made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _save(_history(result), folder / "history.png")
    _save(_curves(result), folder / "curves.png")
    _save(_slices(result), folder / "slices.png")
    _save(_parallel_coordinates(result), folder / "parallel_coordinates.png")
    if result.importances:
        _save(_importances(result), folder / "importances.png")


def _history(result: SearchResult) -> Figure:
    figure, axes = _figure("The search, trial by trial")
    _scatter(axes, result, TRIAL)
    complete = result.trials[result.measure.name].where(result.trials[STATE] == COMPLETE)
    best = complete.cummax() if result.measure.higher_is_better else complete.cummin()
    axes.step(result.trials[TRIAL], best.ffill(), where="post", color=_ORANGE, label="best")
    axes.set(xlabel="trial", ylabel=result.measure.label)
    axes.legend()
    return figure


def _curves(result: SearchResult) -> Figure:
    figure, axes = _figure("Validation curves of all trials")
    for trial, curve in result.curves.groupby(TRIAL):
        is_best = trial == result.best_trial
        axes.plot(
            curve[STEP],
            curve[result.measure.name],
            color=_ORANGE if is_best else _GREY,
            linewidth=2 if is_best else 1,
            marker="o" if len(curve) == 1 else None,
            zorder=3 if is_best else 2,
            label=f"best (trial {result.best_trial})" if is_best else None,
        )
    axes.set(xlabel=result.step, ylabel=result.measure.label)
    axes.legend()
    return figure


def _slices(result: SearchResult) -> Figure:
    names = _parameters(result)
    figure = Figure(figsize=(3.4 * len(names), 3.4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _scatter(axes, result, name)
        if name in result.log_scaled:
            _scale_by_logarithm(axes)
        axes.set_xlabel(name)
    figure.axes[0].set_ylabel(result.measure.label)
    figure.axes[0].legend()
    figure.suptitle(f"{result.measure.label} by parameter")
    return figure


def _parallel_coordinates(result: SearchResult) -> Figure:
    """Draw each complete trial as a line over its parameters, the better the darker."""
    measure = result.measure
    names = [*_parameters(result), measure.name]
    complete = result.trials[result.trials[STATE] == COMPLETE]
    best_last = complete.sort_values(
        measure.name, ascending=measure.higher_is_better, kind="stable"
    )
    figure, axes = _figure("Complete trials, the better the darker")
    figure.set_size_inches(max(7, 1.3 * len(names)), 4)
    scaled = {name: _Scale.of(best_last[name], name in result.log_scaled) for name in names}
    heights = np.column_stack([scaled[name].heights(best_last[name]) for name in names])

    for rank, line in enumerate(heights):
        is_best = rank == len(heights) - 1
        shade = 0.85 - 0.6 * rank / len(heights)
        axes.plot(names, line, color=_ORANGE if is_best else str(shade), zorder=2 + rank)

    for place, name in enumerate(names):
        axes.axvline(place, color=_GREY, linewidth=0.6)
        for height, label in scaled[name].labels():
            at = height * 1.1 - 0.05  # outside the lines
            axes.annotate(label, (place, at), fontsize="x-small", ha="center", va="center")

    axes.set(yticks=[], ylim=(-0.1, 1.1))
    axes.tick_params(axis="x", rotation=30)
    return figure


@dataclass(frozen=True)
class _Scale:
    """Maps the values of one axis to heights between 0 and 1."""

    values: tuple[Any, ...]
    places: NDArray[np.float64]

    @classmethod
    def of(cls, column: "pd.Series[Any]", is_log: bool) -> "_Scale":
        known = _positions(column[column.notna()])
        values = np.unique(known)
        if values.dtype == object:
            return cls(tuple(values), np.linspace(0, 1, len(values)))
        places = np.log(values) if is_log else values
        spread = np.ptp(places) if len(places) else 0.0
        return cls(tuple(values), (places - places.min()) / spread if spread else 0 * places + 0.5)

    def heights(self, column: "pd.Series[Any]") -> NDArray[np.float64]:
        """Return a height for each value, NaN for a missing one, which breaks the line."""
        places = dict(zip(self.values, self.places, strict=True))
        heights = np.full(len(column), np.nan)
        is_known = column.notna().to_numpy()
        heights[is_known] = [places[value] for value in _positions(column[column.notna()])]
        return heights

    def labels(self) -> list[tuple[float, str]]:
        """Name the ends of a range, and all of a few words."""
        if self.values and isinstance(self.values[0], str):
            return list(zip(self.places.tolist(), self.values, strict=True))
        ends = {float(self.places[end]): self.values[end] for end in (0, -1) if self.values}
        return [(height, f"{value:.3g}") for height, value in ends.items()]


def _parameters(result: SearchResult) -> list[str]:
    others = (TRIAL, STATE, result.measure.name)
    return [name for name in result.trials.columns if name not in others]


def _importances(result: SearchResult) -> Figure:
    figure, axes = _figure("What the result depends on (fANOVA)")
    ascending = sorted(result.importances.items(), key=lambda entry: (entry[1], entry[0]))
    axes.barh([name for name, _ in ascending], [share for _, share in ascending], color=_BLUE)
    axes.set_xlabel(f"share of the variance of {result.measure.label}")
    return figure


def _scatter(axes: Axes, result: SearchResult, x: str) -> None:
    trials, y = result.trials, result.measure.name
    known = trials[trials[x].notna() & trials[y].notna()]
    is_complete = known[STATE] == COMPLETE
    for rows, color, label in (
        (known[~is_complete], _GREY, "pruned"),
        (known[is_complete], _BLUE, COMPLETE),
    ):
        axes.scatter(_positions(rows[x]), rows[y].to_numpy(), color=color, label=label, s=22)


def _scale_by_logarithm(axes: Axes) -> None:
    """Label 1, 2 and 5 of each power of ten in plain numbers; powers would not fit side by side."""
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")


def _positions(values: "pd.Series[Any]") -> Any:
    """Return numbers as they are; booleans and words as words, which become categories."""
    is_word = pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values)
    return values.astype(str).to_numpy(object) if is_word else values.to_numpy(np.float64)


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.set_title(title)
    return figure, axes


def _save(figure: Figure, path: Path) -> None:
    figure.set_dpi(110)
    # `Figure.savefig` would draw it twice, for the same bytes.
    FigureCanvasAgg(figure).print_png(path, metadata={"Software": None})
