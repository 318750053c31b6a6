"""Does a rating cost the same in a fit of ten times as many? 1, 10 and 100 million ratings.

Users grow with the ratings, titles stay. Each fit runs in a fresh process, the sizes in turns.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from contenders import Cartelera
from generated import Ratings, generate
from measuring import forget_peak, in_own_process, machine, peak_mb
from reporting import OURS, save, say, show

SIZES = (1_000_000, 10_000_000, 100_000_000)
EPOCHS = 4


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    sizes = [size for size in SIZES if size <= options.max_ratings] or [options.max_ratings]
    runs: dict[int, list[dict[str, Any]]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            say(f"generating {size:,} ratings ...")
            in_own_process(_write, Path(folder), size)
        for number in range(options.rounds):
            for size in sizes:
                say(f"round {number + 1} of {options.rounds}: {size:,} ratings ...")
                runs[size].append(in_own_process(_fit, Path(folder), size, options.threads))
    results = {size: _summary(of_size, size) for size, of_size in runs.items()}
    _report(results)
    everything = {"threads": options.threads, "load_before": before["load"], "results": results}
    save("scale", everything, _picture(results), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-ratings", type=int, default=SIZES[-1])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="a trial run: seconds, small data")
    options = parser.parse_args()
    if options.quick:
        options.max_ratings, options.rounds = 100_000, 1
    return options


def _write(folder: Path, size: int) -> None:
    ratings = generate(size)
    for name in ("users", "titles", "values"):
        np.save(folder / f"{size}_{name}.npy", getattr(ratings, name))


def _fit(folder: Path, size: int, n_threads: int) -> dict[str, Any]:
    """Fit ratings that are on disk; runs in a process of its own."""
    model = Cartelera(n_threads=n_threads)
    forget_peak()
    arrays = (np.load(folder / f"{size}_{name}.npy") for name in ("users", "titles", "values"))
    model.take(Ratings(*arrays).matrix())
    fit = model.fit(EPOCHS)
    return {
        "ns_per_rating": float(np.median(fit.epoch_seconds[1:])) / size * 1e9,
        "setup_ns_per_rating": (fit.seconds - sum(fit.epoch_seconds)) / size * 1e9,
        "peak_mb": peak_mb(),
    }


def _summary(runs: list[dict[str, Any]], size: int) -> dict[str, Any]:
    summary = {name: float(np.median([run[name] for run in runs])) for name in runs[0]}
    return summary | {"runs": runs, "bytes_per_rating": summary["peak_mb"] * 1e6 / size}


def _report(results: dict[int, dict[str, Any]]) -> None:
    rows = [
        (
            f"{size:,}",
            f"{result['ns_per_rating']:.1f} ns",
            " ".join(f"{run['ns_per_rating']:.0f}" for run in result["runs"]),
            f"{result['setup_ns_per_rating']:.1f} ns",
            f"{result['peak_mb']:,.0f} MB",
            f"{result['bytes_per_rating']:.0f} B",
        )
        for size, result in results.items()
    ]
    columns = ("ratings", "rating, epoch", "each round", "set-up, rating", "peak memory", "rating")
    show("100 factors, float32", columns, rows)
    costs = [result["ns_per_rating"] for result in results.values()]
    if len(costs) > 1:
        say(f"largest to next: {costs[-1] / costs[-2]:.2f} times the cost of a rating")


def _picture(results: dict[int, dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(9, 3.6))
    left, right = figure.subplots(1, 2)
    sizes = list(results)
    costs = [result["ns_per_rating"] for result in results.values()]
    peaks = [result["peak_mb"] / 1e3 for result in results.values()]
    left.plot(sizes, costs, "o-", color=OURS)
    left.set(ylabel="ns per rating and epoch", ylim=(0, 1.3 * max(costs)))
    right.plot(sizes, peaks, "o-", color=OURS)
    right.set(ylabel="peak memory, GB", ylim=(0, 1.2 * max(peaks)))
    for axes, heights in ((left, costs), (right, peaks)):
        axes.set(xscale="log", xlabel="ratings")
        for size, height in zip(sizes, heights, strict=True):
            axes.annotate(f"{height:.3g}", (size, height), (0, 7), textcoords="offset points")
    return figure


if __name__ == "__main__":
    main()
