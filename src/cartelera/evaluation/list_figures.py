"""The pictures of the model report about lists."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from cartelera.evaluation.breakdown import GROUP, N_USERS
from cartelera.evaluation.comparison import MODEL, Comparison
from cartelera.evaluation.drawing import (
    ACCENT,
    DPI,
    MARKERS,
    MUTED,
    OTHERS,
    WIDTH,
    canvas,
    dots_with_intervals,
    legend_above,
    png,
    style,
)
from cartelera.evaluation.metrics import METRICS
from cartelera.evaluation.metrics.coverage import COVERAGE
from cartelera.evaluation.metrics.gini import GINI
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.overlap import OVERLAP
from cartelera.evaluation.metrics.stratified_recall import STRATIFIED_RECALL
from cartelera.evaluation.metrics.tail_recall import TAIL_RECALL
from cartelera.evaluation.model_names import model_name
from cartelera.evaluation.newcomer_lists import Newcomers

_RARE: Final = (STRATIFIED_RECALL, TAIL_RECALL)
_VARIETY: Final = (COVERAGE, GINI, OVERLAP)


def ndcg(comparison: Comparison) -> bytes:
    """Draw the NDCG of each ranker with its interval.

    Args:
        comparison: What was measured.

    Returns:
        A PNG, as from all functions here.
    """
    models = comparison.rankers[::-1]
    figure, axes = canvas(0.9 + 0.5 * len(models))
    dots_with_intervals(axes, comparison, models, NDCG)
    axes.set_xlim(left=0)
    metric = METRICS[NDCG]
    axes.set_xlabel(
        f"{metric.name(comparison.k)}, {comparison.confidence:.0%} interval \u2014 "
        f"{metric.direction}"
    )
    return png(figure)


def newcomers(measured: Newcomers) -> bytes:
    """Draw the NDCG of each ranker by the number of ratings it is told, with intervals."""
    figure, axes = canvas(3.8)
    n_lines = len(measured.ndcg)
    places = np.arange(len(measured.n_ratings))
    lines = zip(measured.ndcg.items(), (ACCENT, *OTHERS), MARKERS, strict=False)

    for line, ((model, values), colour, marker) in enumerate(lines):
        shifted = places + 0.06 * (line - (n_lines - 1) / 2)  # intervals side by side
        middles = [interval.value for interval in values]
        lows, highs = ([getattr(one, end) for one in values] for end in ("low", "high"))
        axes.vlines(shifted, lows, highs, color=colour, linewidth=2, alpha=0.5)
        axes.plot(
            shifted, middles, color=colour, marker=marker, markersize=5, label=model_name(model)
        )

    axes.set_xticks(places, [str(n) for n in measured.n_ratings])
    axes.set_ylim(bottom=0)
    axes.set_xlabel("ratings the list is made from (the user's latest)")
    axes.set_ylabel("NDCG")
    legend_above(axes, n_lines)

    return png(figure)


def rare_titles(comparison: Comparison) -> bytes:
    """Draw each ranker's recall where popular titles count little, or not at all."""
    return _side_by_side(comparison, _RARE)


def variety(comparison: Comparison) -> bytes:
    """Draw how many titles the lists of each ranker share out, how evenly, and their overlap."""
    return _side_by_side(comparison, _VARIETY)


def by_group(tables: Sequence[tuple[str, pd.DataFrame]]) -> bytes:
    """Draw the NDCG of rankers for kinds of users, a panel each.

    Args:
        tables: For each panel what the groups are, and what `breakdown.ndcg_by_group` returned.
    """
    heights = [0.55 + 0.3 * table[GROUP].nunique() for _, table in tables]
    figure = Figure(figsize=(WIDTH, 0.6 + sum(heights)), dpi=DPI, layout="constrained")
    panels = figure.subplots(len(tables), 1, sharex=True, squeeze=False, height_ratios=heights)

    for axes, (name, table) in zip(panels[:, 0], tables, strict=True):
        style(axes)
        groups = table.drop_duplicates(GROUP).iloc[::-1]
        places = {group: place for place, group in enumerate(groups[GROUP])}
        shown = zip(table.groupby(MODEL, sort=False), (ACCENT, *OTHERS), MARKERS, strict=False)
        for (model, own), colour, marker in shown:
            heights_of = own[GROUP].map(places)
            label = model_name(str(model))
            axes.plot(own[NDCG], heights_of, marker, color=colour, markersize=6, label=label)
        labels = [f"{row[GROUP]}  (n = {row[N_USERS]:,})" for _, row in groups.iterrows()]
        axes.set_yticks(range(len(labels)), labels)
        axes.set_ylim(-0.6, len(labels) - 0.4)
        axes.set_title(name, fontsize=9, loc="right", color=MUTED)

    panels[-1, 0].set_xlim(left=0)
    panels[-1, 0].set_xlabel("NDCG (n: users)")
    legend_above(panels[0, 0], tables[0][1][MODEL].nunique())
    return png(figure)


def _side_by_side(comparison: Comparison, metrics: tuple[str, ...]) -> bytes:
    models = comparison.rankers[::-1]
    figure = Figure(figsize=(WIDTH, 0.9 + 0.5 * len(models)), dpi=DPI, layout="constrained")
    for place, key in enumerate(metrics):
        axes = style(figure.add_subplot(1, len(metrics), place + 1))
        dots_with_intervals(axes, comparison, models, key)
        ends = [comparison.interval(model, key).high for model in models]
        highest = np.nanmax([*ends, 0.0])
        axes.set_xlim(0, 1.12 * highest if highest > 0 else 1.0)
        axes.xaxis.set_major_locator(MaxNLocator(3))
        if METRICS[key].is_share:
            axes.xaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
        axes.set_xlabel(METRICS[key].name(comparison.k))
        if place:
            axes.set_yticklabels([])
    return png(figure)
