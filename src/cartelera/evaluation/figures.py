"""The pictures of the model report: stars, learning, drift. Lists have `list_figures`."""

import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from cartelera import columns as c
from cartelera.evaluation import breakdown as b
from cartelera.evaluation import drift as d
from cartelera.evaluation.comparison import MODEL, Comparison
from cartelera.evaluation.drawing import (
    ACCENT,
    DPI,
    INK,
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
from cartelera.evaluation.drift import Drift
from cartelera.evaluation.metrics import METRICS
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.model_names import model_name

_DAY_S = 86_400  # dates are drawn as days since 1970


def learning_curve(curve: pd.DataFrame) -> bytes:
    """Draw RMSE by epoch on what was learned from and, where known, on what was held back.

    Args:
        curve: `columns.CURVE_COLUMNS`, of which valid_rmse may be NaN; one row an epoch.

    Returns:
        A PNG, as from all functions here.
    """
    figure, axes = canvas(3.6)
    for column, label, colour, marker in (
        (c.TRAIN_RMSE, "train", OTHERS[2], "s"),
        (c.VALID_RMSE, "validation", ACCENT, "o"),
    ):
        known = curve.dropna(subset=[column])
        if known.empty:
            continue
        axes.plot(
            known[c.EPOCH], known[column], color=colour, marker=marker, markersize=3.5, label=label
        )

    # The label stands on the side where the curve leaves room.
    if curve[c.VALID_RMSE].notna().any():
        best = curve.nsmallest(1, c.VALID_RMSE).iloc[0]
        axes.annotate(
            f"lowest after epoch {best[c.EPOCH]:.0f}: {best[c.VALID_RMSE]:.4f}",
            (float(best[c.EPOCH]), float(best[c.VALID_RMSE])),
            xytext=(0, 10),
            textcoords="offset points",
            ha="right" if best[c.EPOCH] > curve[c.EPOCH].mean() else "left",
            color=ACCENT,
            fontsize=9,
        )

    axes.margins(y=0.15)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel("RMSE (stars)")
    axes.legend(frameon=False)

    return png(figure)


def rmse_beside_baselines(comparison: Comparison) -> bytes:
    """Draw each model's RMSE with its interval."""
    models = list(comparison.predictions)[::-1]
    figure, axes = canvas(0.9 + 0.5 * len(models))
    dots_with_intervals(axes, comparison, models, RMSE)
    axes.axvline(
        comparison.interval(comparison.first, RMSE).value, color=ACCENT, linewidth=0.8, alpha=0.4
    )
    metric = METRICS[RMSE]
    axes.set_xlabel(
        f"{metric.name(comparison.k)} (stars), {comparison.confidence:.0%} interval \u2014 "
        f"{metric.direction}"
    )
    return png(figure)


def calibration(table: pd.DataFrame) -> bytes:
    """Draw mean true over mean predicted stars with the quartiles of the true ones.

    Args:
        table: From `breakdown.calibration`.
    """
    figure, axes = canvas(4.6)

    # The diagonal is as long as the data, with a little room.
    ends = [
        min(table[b.PREDICTED].min(), table[b.LOW_QUARTILE].min()) - 0.1,
        max(table[b.PREDICTED].max(), table[b.HIGH_QUARTILE].max()) + 0.1,
    ]
    axes.plot(ends, ends, color=MUTED, linestyle=(0, (4, 3)), linewidth=1, label="predicted = true")
    axes.vlines(
        table[b.PREDICTED],
        table[b.LOW_QUARTILE],
        table[b.HIGH_QUARTILE],
        color=ACCENT,
        alpha=0.25,
        linewidth=6,
        label="middle half of the true ratings",
    )

    axes.plot(
        table[b.PREDICTED], table[b.TRUE], color=ACCENT, marker="o", markersize=5, label="mean true"
    )
    axes.set_xlabel("predicted stars (mean of each tenth of the ratings)")
    axes.set_ylabel("true stars")
    axes.legend(frameon=False, loc="upper left")

    return png(figure)


def rmse_by_group(table: pd.DataFrame, group_label: str, models: list[str]) -> bytes:
    """Draw RMSE from the groups of few to those of many ratings, one line a model.

    Args:
        table: From `breakdown.rmse_by_activity` or `rmse_by_popularity`.
        group_label: What the groups are ranges of.
        models: Which models, the one in question first.
    """
    figure, axes = canvas(3.8)
    for model, colour, marker in zip(models, (ACCENT, *OTHERS), MARKERS, strict=False):
        of_model = table[table[MODEL] == model]
        axes.plot(
            np.arange(len(of_model)),
            of_model[RMSE],
            color=colour,
            marker=marker,
            markersize=4.5,
            label=model_name(model),
        )

    groups = table[table[MODEL] == models[0]]
    axes.set_xticks(
        np.arange(len(groups)),
        [f"{row[b.GROUP]}\n(n = {row[b.N_RATINGS]:,})" for _, row in groups.iterrows()],
    )
    axes.margins(y=0.15)
    axes.set_xlabel(f"{group_label} (n: held-out ratings)")
    axes.set_ylabel("RMSE (stars)")
    legend_above(axes, len(models))

    return png(figure)


def fold_in_curve(curve: pd.DataFrame) -> bytes:
    """Draw RMSE for newcomers by the number of ratings they have given.

    Args:
        curve: `columns.FOLD_IN_CURVE_COLUMNS`, one row a number of ratings.
    """
    figure, axes = canvas(3.6)
    for column, label, colour, marker in (
        (c.RMSE, "model", ACCENT, "o"),
        (c.BIAS_RMSE, "bias only", OTHERS[0], "s"),
        (c.TITLE_MEAN_RMSE, "title mean", OTHERS[1], "^"),
    ):
        if column in curve.columns:
            places = np.arange(len(curve))
            axes.plot(places, curve[column], color=colour, marker=marker, label=label)
    axes.set_xticks(np.arange(len(curve)), [f"{n:g}" for n in curve[c.N_RATINGS]])
    axes.margins(y=0.15)
    axes.set_xlabel("ratings the newcomer has given")
    axes.set_ylabel("RMSE (stars)")
    legend_above(axes, 3)
    return png(figure)


def stars_before_and_now(drift: Drift) -> bytes:
    """Draw the share of ratings with each number of stars, before and now."""
    figure, axes = canvas(3.4)
    stars = sorted(drift.before.histogram.keys() | drift.new.histogram.keys())
    places = np.arange(len(stars))
    parts = ((drift.before, "before", OTHERS[2], -0.2), (drift.new, "new", ACCENT, 0.2))
    for profile, label, colour, shift in parts:
        shares = [100 * profile.histogram.get(s, 0) / profile.n_ratings for s in stars]
        label = f"{label}, mean {profile.mean_rating:.2f} (n = {profile.n_ratings:,})"
        axes.bar(places + shift, shares, 0.4, color=colour, label=label)
    axes.set_xticks(places, [f"{s:g}" for s in stars])
    axes.set_xlabel("stars")
    axes.set_ylabel("% of the ratings")
    legend_above(axes, 1)
    return png(figure)


def activity(drift: Drift) -> bytes:
    """Draw ratings and the shares of newcomers by period, and where the new ratings begin."""
    table = drift.activity
    figure = Figure(figsize=(WIDTH, 4.2), dpi=DPI, layout="constrained")
    upper = style(figure.add_subplot(2, 1, 1))
    lower = style(figure.add_subplot(2, 1, 2, sharex=upper))
    starts = table[d.PERIOD_START].to_numpy() / _DAY_S
    width = starts[1] - starts[0]
    upper.bar(starts, table[d.N_RATINGS], width=width, align="edge", color=MUTED)
    upper.set_ylabel("ratings")
    upper.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))

    for newcomers, of, label, colour, marker in (
        (d.N_NEW_USERS, d.N_USERS, "new among the period's users", ACCENT, "o"),
        (d.N_NEW_TITLES, d.N_TITLES, "new among its titles", OTHERS[0], "s"),
    ):
        share = 100 * table[newcomers] / table[of].where(table[of] > 0)
        middles = starts + width / 2
        lower.plot(middles, share, color=colour, marker=marker, markersize=3, label=label)

    lower.set_ylabel("%")
    legend_above(lower, 2)
    for axes in (upper, lower):
        axes.axvline(
            drift.new.first_timestamp / _DAY_S, color=INK, linewidth=1, linestyle=(0, (4, 3))
        )
        axes.xaxis_date()
        axes.xaxis.set_major_locator(locator := AutoDateLocator(maxticks=7))
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))

    return png(figure)
