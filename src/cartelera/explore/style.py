"""How all figures look, and how they become the same bytes every time."""

import io
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, PercentFormatter

INK = "#26323d"
MUTED = "#6b7783"
GRID = "#e7eaee"
ACCENT = "#17707a"
SOFT = "#a9cfd0"
WARM = "#d9822b"
FAINT = "#c9ced4"

SHADES = LinearSegmentedColormap.from_list("shades", ["#f6f9f9", SOFT, ACCENT, "#0d434a"])

_DPI = 220
_FEW_POWERS = 1000.0
_WIDTH = 5.2  # inches: narrow enough for a phone's screen to keep the labels readable

_STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 10.5,
    "text.color": INK,
    "text.parse_math": False,  # a genre may hold a dollar sign
    "axes.edgecolor": FAINT,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10,
    "axes.labelpad": 6,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.9,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
}


@contextmanager
def canvas(height: float = 3.4, *, grid: str = "y") -> Generator[tuple[Figure, Axes]]:
    """Open a figure with one styled pair of axes; draw inside the block.

    Args:
        height: Of the figure, in inches.
        grid: Along which axis lines help reading: "x", "y" or "both".
    """
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), dpi=_DPI, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        axes.grid(visible=False)
        axes.grid(visible=True, axis=grid)  # pyright: ignore[reportArgumentType]
        axes.tick_params(which="both", length=0)
        yield figure, axes
        for each in figure.axes:
            each.spines["left"].set_visible(grid == "both")


def png(figure: Figure) -> bytes:
    """Render a figure; the same figure gives the same bytes, whenever and wherever."""
    buffer = io.BytesIO()
    with rc_context(_STYLE):
        # `Figure.savefig` would draw it twice, for the same bytes.
        FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def lighter(colour: str, towards_white: float = 0.55) -> tuple[float, float, float]:
    """Mix a colour with white."""
    red, green, blue = (part + (1 - part) * towards_white for part in to_rgb(colour))
    return red, green, blue


def thousands() -> FuncFormatter:
    """Write ticks of counts as 1,000 and leave those that are no whole number blank."""

    def written(value: float, _position: int | None) -> str:
        return f"{value:,.0f}" if value == round(value) else ""

    return FuncFormatter(written)


def whole_numbers() -> MaxNLocator:
    """Put ticks at whole numbers only: years, seasons."""
    return MaxNLocator(integer=True, nbins="auto", steps=[1, 2, 5, 10])


def powers(reach: float) -> LogLocator:
    """Put ticks of a logarithmic axis at 1, 10, 100, and at 2 and 5 too if they were few else.

    Args:
        reach: How many times the smallest value the largest is.
    """
    return LogLocator(subs=(1.0, 2.0, 5.0) if reach < _FEW_POWERS else (1.0,))


def percentages() -> PercentFormatter:
    """Write ticks of shares as percentages."""
    return PercentFormatter(xmax=1, decimals=0)


def legend_above(axes: Axes, n_columns: int) -> None:
    """Put the legend in one line above the axes, where it covers nothing."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=n_columns,
        borderaxespad=0.2,
        handlelength=1.0,
        handleheight=1.0,
        columnspacing=1.3,
    )
