"""How pictures look: colours, axes, and the same bytes for the same numbers."""

import io
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cartelera.evaluation.comparison import Comparison
from cartelera.evaluation.model_names import model_name

INK: Final = "#26323d"
MUTED: Final = "#6b7783"
GRID: Final = "#e7eaee"
ACCENT: Final = "#17707a"
OTHERS: Final = ("#d9822b", "#6d78ad", "#9aa5b1")
MARKERS: Final = ("o", "s", "^", "D")
"""Tell lines apart for those who do not see the colours well."""

WIDTH = 5.8  # inches: narrow enough for the labels to be readable on a phone
DPI = 160


def dots_with_intervals(axes: Axes, comparison: Comparison, models: list[str], metric: str) -> None:
    """Draw a metric of some models, the first of the comparison in the colour that stands out."""
    for place, model in enumerate(models):
        interval = comparison.interval(model, metric)
        colour = ACCENT if model == comparison.first else MUTED
        axes.hlines(place, interval.low, interval.high, color=colour, linewidth=2.5, alpha=0.6)
        axes.plot(interval.value, place, marker="o", markersize=7, color=colour, clip_on=False)
    axes.set_yticks(np.arange(len(models)), [model_name(model) for model in models])
    axes.set_ylim(-0.6, len(models) - 0.4)
    axes.grid(axis="y", visible=False)


def canvas(height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of a height in inches, and its axes."""
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    return figure, style(figure.add_subplot())


def style(axes: Any) -> Axes:
    """Take away what distracts from the data."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GRID)
    axes.tick_params(colors=INK, labelsize=9, length=0)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def legend_above(axes: Axes, n_columns: int) -> None:
    """Put the legend where it covers nothing."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=n_columns,
        frameon=False,
        fontsize=9,
        borderaxespad=0.2,
        columnspacing=1.3,
    )


def png(figure: Figure) -> bytes:
    """Render without the version of the drawing library, which would change the bytes."""
    buffer = io.BytesIO()
    # `Figure.savefig` would draw it twice, for the same bytes.
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()
