"""Pictures of the ratings: one function a figure, drawn from what `rating_tables` computes."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cartelera import columns as c
from cartelera.explore import associations as a
from cartelera.explore import style
from cartelera.explore.features import KEPT
from cartelera.explore.rating_tables import HIGH, LEVEL, LOW, SHARE
from cartelera.explore.wording import percent

_SMALLEST_DOT = 12.0  # areas, in square points
_LARGEST_DOT = 130.0


def distribution(table: pd.DataFrame, mean: float) -> Figure:
    """Draw the share of each rating and mark the mean."""
    with style.canvas(3.1) as (figure, axes):
        stars, shares = table[c.RATING].to_numpy(), table[SHARE].to_numpy()
        step = float(np.diff(stars).min()) if len(stars) > 1 else 1.0
        axes.bar(stars, shares, width=0.8 * step, color=style.SOFT)
        for star, share in zip(stars, shares, strict=True):
            axes.annotate(
                percent(share).replace("under ", "<"),
                (star, share),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                va="bottom",
                color=style.MUTED,
                fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
        axes.axvline(mean, color=style.ACCENT, linewidth=1.6, zorder=0.9)
        axes.set_ylim(0, shares.max() * 1.22)
        axes.text(
            mean,
            0.98,
            f" mean {mean:.2f}",
            transform=axes.get_xaxis_transform(),
            color=style.ACCENT,
            fontsize=9.5,
            va="top",
        )
        axes.set_xticks(stars)
        axes.yaxis.set_major_formatter(style.percentages())
        axes.set_xlabel("stars")
        axes.set_ylabel("share of ratings")

    return figure


def long_tails(users: np.ndarray, titles: np.ndarray) -> Figure:
    """Draw ratings of users and of titles by rank, both axes logarithmic."""
    with style.canvas(3.5, grid="both") as (figure, axes):
        for counts, label, colour in (
            (users, "users", style.ACCENT),
            (titles, "titles", style.WARM),
        ):
            ranks = np.arange(1, len(counts) + 1)
            axes.plot(ranks, counts, color=colour, linewidth=2.2, label=label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis, reach in (
            (axes.xaxis, max(len(users), len(titles))),
            (axes.yaxis, max(users.max(), titles.max()) / min(users.min(), titles.min())),
        ):
            axis.set_major_locator(style.powers(reach))
            axis.set_major_formatter(style.thousands())
            axis.set_minor_formatter("")
        axes.set_xlabel("rank, most ratings first (log scale)")
        axes.set_ylabel("ratings (log scale)")
        style.legend_above(axes, 2)

    return figure


def through_time(counts: pd.Series) -> Figure:
    """Draw how many ratings were given each year."""
    with style.canvas(2.8) as (figure, axes):
        axes.bar(counts.index, counts.to_numpy(), color=style.SOFT, width=0.8)
        axes.xaxis.set_major_locator(style.whole_numbers())
        axes.yaxis.set_major_formatter(style.thousands())
        axes.set_xlabel("year of the rating")
        axes.set_ylabel("ratings")
    return figure


def score_columns(table: pd.DataFrame, mean: float, label: str) -> Figure:
    """Draw mean ratings of ordered groups, left to right, with their 95 % intervals.

    Args:
        table: Groups as `rating_tables.score_by` gives them; those without a score stay blank.
        mean: Of all ratings.
        label: What the groups are.
    """
    with style.canvas(3.3) as (figure, axes):
        positions = np.arange(len(table))
        axes.plot(positions, table[c.SCORE], color=style.SOFT, linewidth=1.5, zorder=1)
        axes.vlines(positions, table[LOW], table[HIGH], color=style.ACCENT, linewidth=1.8)
        axes.scatter(positions, table[c.SCORE], s=_dot_sizes(table), color=style.ACCENT, zorder=3)
        axes.axhline(mean, color=style.WARM, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.set_xticks(positions, table[LEVEL].astype(str))
        if len(table) > 6:
            axes.tick_params(axis="x", rotation=40)
        axes.set_ylim(*_star_range(table))
        axes.set_xlabel(label)
        axes.set_ylabel("mean rating in stars")
    return figure


def score_rows(table: pd.DataFrame, mean: float) -> Figure:
    """Draw mean ratings of named groups, top to bottom, with their 95 % intervals."""
    with style.canvas(0.8 + 0.255 * len(table), grid="x") as (figure, axes):
        positions = np.arange(len(table))[::-1]
        axes.hlines(positions, table[LOW], table[HIGH], color=style.SOFT, linewidth=3)
        axes.scatter(table[c.SCORE], positions, s=_dot_sizes(table), color=style.ACCENT, zorder=3)
        axes.axvline(mean, color=style.WARM, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.set_yticks(positions, table[LEVEL])
        axes.set_ylim(-0.7, len(table) - 0.3)
        axes.set_xlim(*_star_range(table))
        axes.set_xlabel("mean rating in stars")
    return figure


def _dot_sizes(table: pd.DataFrame) -> np.ndarray:
    """Return areas that grow with the number of ratings behind each dot."""
    counts = table[c.N_RATINGS].to_numpy(dtype=np.float64)
    return np.maximum(_SMALLEST_DOT, _LARGEST_DOT * counts / counts.max())


def _star_range(table: pd.DataFrame) -> tuple[float, float]:
    """Frame the means and the intervals of groups that are not tiny, at least one star wide."""
    lows = table[LOW].fillna(table[c.SCORE])
    highs = table[HIGH].fillna(table[c.SCORE])
    low, high = float(lows.min()) - 0.1, float(highs.max()) + 0.1
    lacking = max(0.0, 1 - (high - low)) / 2
    return max(low - lacking, 0.0), min(high + lacking, 5.2)


def association_strength(decided: pd.DataFrame) -> Figure:
    """Draw, for each column, what it explains and what chance explains, as a line between them."""
    table = decided.dropna(subset=[a.ASSOCIATION]).sort_values(
        [a.ASSOCIATION, a.ETA_SQUARED], kind="stable"
    )
    with style.canvas(1.0 + 0.255 * len(table), grid="x") as (figure, axes):
        positions = np.arange(len(table))
        chance = table[a.CHANCE].to_numpy(dtype=np.float64)
        explained = table[a.ETA_SQUARED].to_numpy(dtype=np.float64)
        kept = table[KEPT].to_numpy(dtype=bool)
        colours = np.where(kept, style.ACCENT, style.MUTED)
        axes.hlines(positions, chance, explained, color=colours, linewidth=2.4, alpha=0.5)
        axes.scatter(
            chance,
            positions,
            s=64,
            facecolor="none",
            edgecolor=style.WARM,
            linewidth=1.4,
            zorder=3,
            label="chance",
        )
        axes.scatter(
            explained[~kept], positions[~kept], s=40, marker="X", color=style.MUTED, label="dropped"
        )
        axes.scatter(explained[kept], positions[kept], s=40, color=style.ACCENT, label="kept")
        axes.set_yticks(positions, [readable_column(row) for _, row in table.iterrows()])
        axes.set_ylim(-0.7, len(table) - 0.3)
        axes.set_xlim(left=-0.01)
        axes.xaxis.set_major_formatter(style.percentages())
        axes.set_xlabel("share of the ratings' variance explained")
        style.legend_above(axes, 3)

    return figure


def readable_column(row: pd.Series) -> str:
    """Name a column so that the certificate's published name is not taken for the rating."""
    is_certificate = row[a.TABLE] == a.TITLES and row[a.COLUMN] == c.CERTIFICATE
    return "rating (certificate)" if is_certificate else str(row[a.COLUMN])
