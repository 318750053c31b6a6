"""The parts the page is made of: chapters of panels, each with words, a picture, tables."""

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """A small table: its caption, the names of its columns, its cells as text."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Panel:
    """One question and its answer.

    Attributes:
        name: Of the picture's file, without suffix.
        heading: The question.
        takeaway: The answer in plain words.
        alt: What the picture shows, for people who do not see it.
        figure: The picture; None if there is nothing to draw.
        tables: What belongs below the picture.
    """

    name: str
    heading: str
    takeaway: str
    alt: str = ""
    figure: Figure | None = None
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """Panels under one heading; the anchor is its address within the page."""

    anchor: str
    heading: str
    panels: tuple[Panel, ...]


def nothing(name: str, heading: str, why: str) -> Panel:
    """Make the panel that stands where there is no data to draw."""
    return Panel(name, heading, f"Nothing to show: {why}.")
