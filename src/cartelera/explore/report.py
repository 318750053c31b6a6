"""The exploratory report: one page of HTML that needs nothing else, and its pictures as files."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from cartelera import columns as c
from cartelera.explore import associations as a
from cartelera.explore import style
from cartelera.explore.catalogue_chapters import catalogue_chapters
from cartelera.explore.exploration import Exploration
from cartelera.explore.features import KEPT, REASON
from cartelera.explore.page import Chapter
from cartelera.explore.rating_chapters import association_panel, rating_chapters
from cartelera.explore.rating_figures import readable_column
from cartelera.explore.wording import number, percent, probability
from cartelera.ratings.signal import SignalVerdict
from cartelera.ratings.tested import Outcome

_COLUMNS_ANCHOR = "columns"


@dataclass(frozen=True)
class Report:
    """The rendered report.

    Attributes:
        html: The page.
        pictures: PNG of every figure by its file name.
    """

    html: str
    pictures: dict[str, bytes]

    def write(self, page: Path, folder: Path) -> None:
        """Write the page to a file and the pictures into a folder, which is made."""
        folder.mkdir()
        for name, picture in self.pictures.items():
            (folder / name).write_bytes(picture)
        page.write_text(self.html, encoding="utf-8")


def render(exploration: Exploration) -> Report:
    """Draw and write the whole report; the same exploration gives the same bytes."""
    chapters = [
        *catalogue_chapters(exploration),
        *rating_chapters(exploration),
        Chapter(_COLUMNS_ANCHOR, "Which columns matter", (association_panel(exploration),)),
    ]
    pictures = {
        f"{panel.name}.png": style.png(panel.figure)
        for chapter in chapters
        for panel in chapter.panels
        if panel.figure is not None
    }
    return Report(_html(exploration, chapters, pictures), pictures)


def _html(exploration: Exploration, chapters: Sequence[Chapter], pictures: dict[str, bytes]) -> str:
    environment = Environment(
        loader=PackageLoader("cartelera.explore", "."),
        autoescape=True,  # titles come from anywhere
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    verdict = exploration.verdict
    return environment.get_template("report.html.j2").render(
        n_titles=number(len(exploration.titles)),
        n_ratings=number(len(exploration.ratings)),
        platforms=", ".join(exploration.platforms.labels.values()),
        tiles=_tiles(exploration),
        verdict=verdict,
        tests=_tests(verdict),
        chapters=chapters,
        columns_anchor=_COLUMNS_ANCHOR,
        images={name: base64.b64encode(png).decode() for name, png in pictures.items()},
        columns=[_column(row) for _, row in exploration.columns.iterrows()],
        min_association=f"{exploration.min_association:g}",
        alpha=f"{100 * exploration.alpha:g}%",
    )


def _tiles(exploration: Exploration) -> list[tuple[str, str]]:
    """Return the headline numbers and what they count."""
    titles, ratings = exploration.titles, exploration.ratings
    tiles = [
        (number(len(titles)), "titles"),
        (number((titles[c.TYPE] == c.MOVIE).sum()), "movies"),
        (number((titles[c.TYPE] == c.TV_SHOW).sum()), "TV shows"),
        (number(len(ratings)), "ratings"),
        (number(ratings[c.USER_ID].nunique()), "users who rate"),
        (number(len(exploration.rated)), "rated titles"),
    ]
    if len(ratings):
        tiles.append((f"{exploration.mean_rating:.2f}", "stars on average"))
        tiles.append((percent(exploration.density), "of user-title pairs rated"))
    return tiles


def _tests(verdict: SignalVerdict) -> list[dict[str, Any]]:
    """Return what either test found, with the two bars of its numbers."""
    quality, taste = verdict.quality, verdict.taste
    return [
        {
            "heading": _heading("Titles", "quality", quality),
            "about": "Share of the variance of ratings between titles, seen and by chance",
            "bars": _bars("between titles", quality, lambda share: f"{share:.1%}"),
        },
        {
            "heading": _heading("People", "taste", taste),
            "about": "Correlation of people's deviations with those of people like them",
            "bars": _bars("with people alike", taste, lambda number: f"{number:.3f}"),
        },
    ]


def _heading(who: str, what: str, outcome: Outcome) -> tuple[str, str]:
    """Return what a test found, and how sure it is."""
    if not outcome.is_tested:
        return f"{what.capitalize()} could not be tested", ""
    found = "differ" if outcome.is_found else "show no differences"
    return f"{who} {found} in {what}", f"({probability(outcome.p_value)})"


def _bars(name: str, outcome: Outcome, write: Callable[[float], str]) -> list[tuple[str, str, str]]:
    """Return the two bars of a test: name, length in CSS, value; the longer one is full."""
    longest = max(outcome.statistic, outcome.expected, 1e-9)
    return [
        (bar, f"{100 * max(length, 0.0) / longest:.1f}%", write(length))
        for bar, length in ((name, outcome.statistic), ("by chance alone", outcome.expected))
    ]


def _column(row: pd.Series) -> dict[str, str | bool]:
    """Write one row of the table of columns."""
    measured = bool(pd.notna(row[a.ASSOCIATION]))
    return {
        "table": row[a.TABLE],
        "name": readable_column(row),
        "levels": number(row[a.N_LEVELS]) if measured else "",
        "explains": f"{row[a.ETA_SQUARED]:.2%}" if measured else "",
        "chance": f"{row[a.CHANCE]:.2%}" if measured else "",
        "association": f"{row[a.ASSOCIATION]:.3f}" if measured else "",
        "kept": bool(row[KEPT]),
        "reason": row[REASON],
    }
