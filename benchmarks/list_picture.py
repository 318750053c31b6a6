"""The picture of `bench_lists`."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from list_contenders import OURS as CARTELERA
from reporting import OURS, THEIRS


def picture(results: dict[str, Any]) -> Figure:
    """Draw NDCG with intervals for each data set, and fit time and memory."""
    accuracy, scale = results["accuracy"], results["scale"]
    n_panels = len(accuracy) + bool(scale)
    figure = Figure(figsize=(3.6 * max(1, n_panels), 3.8))
    panels = figure.subplots(1, max(1, n_panels), squeeze=False)[0]
    for axes, (data, measured) in zip(panels, accuracy.items(), strict=False):
        _accuracy(axes, data, measured)
    if scale:
        _costs(panels[-1], scale)
    return figure


def _accuracy(axes: Axes, data: str, measured: dict[str, Any]) -> None:
    models = sorted(measured["models"].items(), key=lambda item: item[1]["ndcg"][0])
    for row, (name, one) in enumerate(models):
        value, low, high = one["ndcg"]
        color = OURS if name == CARTELERA else THEIRS
        axes.plot([low, high], [row, row], color=color, linewidth=2)
        axes.plot(value, row, "o", color=color)
    axes.set_yticks(range(len(models)), [name for name, _ in models], fontsize="small")
    axes.set(xlabel="NDCG@10, 95 % intervals over users", xlim=(0, None))
    axes.set_title(f"{data}, {measured['n_ratings']:,} ratings")


def _costs(axes: Axes, scale: dict[str, Any]) -> None:
    for name, fit in scale["fits"].items():
        color = OURS if name == CARTELERA else THEIRS
        axes.plot(fit["seconds"], max(1.0, fit["added_mb"]), "o", color=color)
        axes.annotate(
            f" {name}", (fit["seconds"], max(1.0, fit["added_mb"])), fontsize="x-small", va="bottom"
        )
    axes.set(xscale="log", yscale="log", xlabel="seconds of a fit", ylabel="MB it adds")
    axes.set_title(f"{scale['n_ratings'] / 1e6:.1f} million ratings")
    axes.margins(x=0.3, y=0.1)
