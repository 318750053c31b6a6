"""Results: a table for people, numbers in a file, and a common look of pictures."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from measuring import machine

FOLDER = Path(__file__).parent
OURS, THEIRS = "#c8553d", "#8d99ae"
console = Console(width=None if sys.stdout.isatty() else 120)

mpl.use("agg")
mpl.rcParams.update(
    {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "figure.dpi": 130,
        "figure.constrained_layout.use": True,
    }
)


def show(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; the first column is text, the others are right-aligned."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(str, row))
    console.print(table)


def say(text: str) -> None:
    """Print a line."""
    console.print(text, highlight=False, markup=False)


def save(name: str, results: dict[str, Any], figure: Figure | None = None, *, keep: bool) -> None:
    """Write `results/NAME.json` and `images/NAME.png`.

    Args:
        name: Of the benchmark.
        results: Its numbers; the machine is added.
        figure: Its picture, if it has one.
        keep: False for a trial run: then nothing is written.
    """
    if not keep:
        say("a trial run: no results or pictures are written.")
        return
    for folder in ("results", "images"):
        (FOLDER / folder).mkdir(exist_ok=True)
    path = FOLDER / "results" / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **results}, indent=2) + "\n")
    say(f"written: results/{path.name}")
    if figure is not None:
        figure.savefig(FOLDER / "images" / f"{name}.png")
        say(f"written: images/{name}.png")
