"""Pictures of the catalogues: one function a figure, all drawn from what `tables` computes."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cartelera import columns as c
from cartelera.explore import style
from cartelera.explore.tables import N_IMPUTED, N_TITLES, VALUE, duration_fences
from cartelera.explore.wording import percent
from cartelera.platforms import PUBLISHED, Platforms

_LONG_NAME = 28  # letters of a label before it is cut
_ROW_HEIGHT = 0.255  # inches a bar of a ranking takes
_BIN_MINUTES = 5
_RIGHT_PART = 0.7  # of an axis: notes of lines beyond stand on their left


def sizes(table: pd.DataFrame, platforms: Platforms = PUBLISHED) -> Figure:
    """Draw the titles of each platform, movies in full colour, TV shows in a light one."""
    with style.canvas(2.7, grid="x") as (figure, axes):
        names = list(table.index)[::-1]
        movies, shows = (table.loc[names, kind].to_numpy() for kind in c.TYPES)
        colours = [platforms[name].colour for name in names]
        axes.barh(names, movies, color=colours, height=0.62)
        axes.barh(names, shows, left=movies, color=[style.lighter(x) for x in colours], height=0.62)
        reach = max(int((movies + shows).max()), 1)
        for position, (n_movies, n_shows) in enumerate(zip(movies, shows, strict=True)):
            axes.text(
                n_movies + n_shows + reach * 0.012,
                position,
                f"{n_movies:,} + {n_shows:,}",
                va="center",
                color=style.MUTED,
                fontsize=9.5,
            )
        axes.set_xlim(0, reach * 1.27)
        axes.xaxis.set_major_formatter(style.thousands())
        axes.set_xlabel("titles: movies (full colour) + TV shows (light)")

    return figure


def over_years(
    counts: pd.DataFrame, first: int, label: str, platforms: Platforms = PUBLISHED
) -> Figure:
    """Draw titles a year, platforms stacked.

    Args:
        counts: Titles by year (index) and platform (columns).
        first: The first year to draw.
        label: What the years are.
        platforms: The platforms there are.
    """
    with style.canvas(3.3) as (figure, axes):
        shown = counts.loc[counts.index >= first]
        base = np.zeros(len(shown))
        for platform in counts.columns:
            heights = shown[platform].to_numpy()
            colour = platforms[platform].colour
            axes.bar(shown.index, heights, bottom=base, width=0.86, color=colour, label=platform)
            base = base + heights
        axes.yaxis.set_major_formatter(style.thousands())
        axes.xaxis.set_major_locator(style.whole_numbers())
        axes.set_xlabel(label)
        axes.set_ylabel("titles")
        style.legend_above(axes, 4)
    return figure


def missing(shares: pd.DataFrame) -> Figure:
    """Draw the share of missing cells by column and platform."""
    with style.canvas(0.8 + 0.36 * len(shares)) as (figure, axes):
        axes.grid(visible=False)
        axes.pcolormesh(shares, cmap=style.SHADES, vmin=0, vmax=1, edgecolor="white", linewidth=2)
        for (row, column), share in np.ndenumerate(shares):
            colour = "white" if share > 0.5 else style.INK
            place = (column + 0.5, row + 0.5)
            axes.annotate(
                percent(share), place, ha="center", va="center", color=colour, fontsize=9.5
            )

        axes.invert_yaxis()
        axes.set_yticks(np.arange(len(shares)) + 0.5, [_column_name(x) for x in shares.index])
        axes.set_xticks(np.arange(shares.shape[1]) + 0.5, list(shares.columns))
        axes.tick_params(axis="x", labeltop=True, labelbottom=False)

    return figure


def _column_name(column: str) -> str:
    return "certificate" if column == c.CERTIFICATE else column


def movie_lengths(minutes: pd.Series, longest_shown: float) -> Figure:
    """Draw how many titles have which length; the median and the outlier fences are marked."""
    low, high = duration_fences(minutes)
    with style.canvas(3.3) as (figure, axes):
        edges = np.arange(0, longest_shown + _BIN_MINUTES, _BIN_MINUTES)
        axes.hist(minutes, bins=list(edges), color=style.SOFT, edgecolor="white", linewidth=0.6)
        axes.set_xlim(0, longest_shown)
        axes.set_ylim(top=axes.get_ylim()[1] * 1.1)
        median = float(minutes.median())
        axes.axvline(median, color=style.ACCENT, linewidth=1.8)
        _note_line(axes, median, 0.97, f"median {median:.0f} min", style.ACCENT)
        for fence in (low, high):
            if 0 < fence < longest_shown:
                axes.axvline(fence, color=style.WARM, linewidth=1.3, linestyle=(0, (4, 3)))
        if high < longest_shown:
            _note_line(axes, high, 0.87, f"outliers beyond {high:.0f}", style.WARM)
        axes.yaxis.set_major_formatter(style.thousands())
        axes.set_xlabel("length in minutes")
        axes.set_ylabel("titles")

    return figure


def _note_line(axes: Axes, x: float, height: float, text: str, colour: str) -> None:
    """Write beside a vertical line, at a height between 0 and 1."""
    is_right = x > _RIGHT_PART * axes.get_xlim()[1]
    axes.text(
        x,
        height,
        f"{text} " if is_right else f" {text}",
        transform=axes.get_xaxis_transform(),
        color=colour,
        fontsize=9.5,
        ha="right" if is_right else "left",
        va="top",
    )


def lengths_by_platform(movies: pd.DataFrame, platforms: Platforms = PUBLISHED) -> Figure:
    """Draw the movies' lengths of each platform as boxes, outliers as single points."""
    with style.canvas(3.0, grid="x") as (figure, axes):
        names = [name for name in platforms.names if (movies[c.PLATFORM] == name).any()][::-1]
        groups = [movies.loc[movies[c.PLATFORM] == x, c.DURATION_INT].to_numpy() for x in names]
        boxes = axes.boxplot(
            groups,
            orientation="horizontal",
            widths=0.55,
            patch_artist=True,
            medianprops={"color": style.INK, "linewidth": 1.6},
            whiskerprops={"color": style.MUTED},
            showcaps=False,
        )
        for name, box, points in zip(names, boxes["boxes"], boxes["fliers"], strict=True):
            colour = platforms[name].colour
            box.set(facecolor=style.lighter(colour, 0.35), edgecolor=colour)
            points.set(marker="o", markersize=3, alpha=0.35)
            points.set(markerfacecolor=colour, markeredgewidth=0)
        axes.set_yticks(range(1, len(names) + 1), names)
        axes.set_xlabel("length in minutes")

    return figure


def seasons(counts: pd.Series) -> Figure:
    """Draw how many TV shows have how many seasons, on a logarithmic scale."""
    with style.canvas(3.0) as (figure, axes):
        axes.bar(counts.index, counts.to_numpy(), color=style.SOFT, width=0.8)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(style.thousands())
        axes.xaxis.set_major_locator(style.whole_numbers())
        axes.set_ylim(bottom=0.7)
        axes.set_xlabel("seasons")
        axes.set_ylabel("titles (log scale)")
    return figure


def ranking(table: pd.DataFrame) -> Figure:
    """Draw the commonest values as bars; of certificates, imputed ones in a light colour."""
    with style.canvas(0.7 + _ROW_HEIGHT * len(table), grid="x") as (figure, axes):
        rows = table.iloc[::-1]
        positions = np.arange(len(rows))
        totals = rows[N_TITLES].to_numpy()
        imputed = rows[N_IMPUTED].to_numpy() if N_IMPUTED in rows else np.zeros(len(rows), int)
        own = totals - imputed
        axes.barh(positions, own, color=style.ACCENT, height=0.66, label="as published")
        if imputed.any():
            axes.barh(
                positions, imputed, left=own, color=style.SOFT, height=0.66, label="filled in"
            )
            axes.legend(loc="lower right")
        for position, total in zip(positions, totals, strict=True):
            axes.annotate(
                f"{total:,}",
                (total, position),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                color=style.MUTED,
                fontsize=9,
            )
        axes.set_yticks(positions, [_shortened(name) for name in rows[VALUE]])
        axes.set_xlim(0, totals.max() * 1.13)
        axes.xaxis.set_major_formatter(style.thousands())
        axes.set_xlabel("titles")

    return figure


def _shortened(name: str) -> str:
    return name if len(name) <= _LONG_NAME else name[: _LONG_NAME - 1] + "…"
