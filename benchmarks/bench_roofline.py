"""Where the time of a fit goes: memory, arithmetic, or waiting for the last result.

How fast this machine moves numbers, beside what the same kernel costs when the model fits the
cache, with the ratings of a user in a row and shuffled, and when it does not.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from contenders import N_FACTORS, Cartelera
from generated import Ratings, generate
from measuring import machine, timed
from reporting import OURS, THEIRS, save, say, show

THREADS = (1, 2)
BYTES = {"L2 (0.4 MB)": 400_000, "L3 (6 MB)": 6_000_000, "memory (400 MB)": 400_000_000}
SMALL = 64
"""Users and titles of a model that fits a core's first cache levels: 58 KB."""


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    bandwidth = _bandwidth(options.rounds)
    kernel = _kernel(options.ratings, options.rounds)
    _report(bandwidth, kernel)
    everything = {"bandwidth_gb_s": bandwidth, "ns_per_rating": kernel}
    everything["load_before"] = before["load"]
    save("roofline", everything, _picture(kernel), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a trial run: seconds, small data")
    options = parser.parse_args()
    if options.quick:
        options.ratings, options.rounds = 100_000, 1
    return options


@numba.njit(nogil=True, fastmath=True)
def _triad(a: NDArray[np.float32], b: NDArray[np.float32], x: NDArray[np.float32], n: int) -> None:
    """Compute a = b + 3 x, n times: two reads and a write a number."""
    for _ in range(n):
        for place in range(len(a)):
            a[place] = b[place] + np.float32(3) * x[place]


def _bandwidth(rounds: int) -> dict[str, dict[int, float]]:
    """Give GB/s, by working set of each thread and by threads; the median of some rounds."""
    _triad(*np.ones((3, 1), np.float32), 1)
    speeds = {}
    for name, size in BYTES.items():
        n_times = max(1, 400_000_000 // size)
        arrays = [np.ones((3, size // 12), np.float32) for _ in range(max(THREADS))]
        speeds[name] = {}
        for n_threads in THREADS:
            some = arrays[:n_threads]
            seconds = float(
                np.median([timed(_side_by_side, some, n_times)[0] for _ in range(rounds)])
            )
            speeds[name][n_threads] = n_threads * size * n_times / seconds / 1e9
    return speeds


def _side_by_side(arrays: list[NDArray[np.float32]], n_times: int) -> None:
    with ThreadPoolExecutor(len(arrays)) as pool:
        list(pool.map(lambda rows: _triad(*rows, n_times), arrays))  # waits


def _kernel(n_ratings: int, rounds: int) -> dict[str, dict[int, float]]:
    """Give ns per rating and epoch of each kind of data; the median of rounds in turns."""
    rng = np.random.default_rng(0)
    n_small = max(100_000, n_ratings // 5)
    users, titles = rng.integers(0, SMALL, (2, n_small), dtype=np.int32)
    values = rng.integers(1, 11, n_small).astype(np.float32) / 2
    data: dict[str, Callable[[], Ratings]] = {
        "in cache, users shuffled": lambda: Ratings(users, titles, values),
        "in cache, users in a row": lambda: Ratings(np.sort(users), titles, values),
        f"{n_ratings:,} ratings": lambda: generate(n_ratings),
    }
    models, sizes = {}, {}
    for name, make in data.items():
        ratings = make()
        sizes[name] = len(ratings)
        for n_threads in THREADS:
            models[name, n_threads] = model = Cartelera(n_threads=n_threads)
            model.take(ratings.matrix())
    runs: dict[tuple[str, int], list[float]] = {key: [] for key in models}
    for _ in range(rounds):
        for key, model in models.items():
            runs[key].append(float(np.median(model.fit(4).epoch_seconds)))
    return {
        name: {n: float(np.median(runs[name, n])) / sizes[name] * 1e9 for n in THREADS}
        for name in data
    }


def _report(bandwidth: dict[str, dict[int, float]], kernel: dict[str, dict[int, float]]) -> None:
    columns = ("", *(f"{n} thread(s)" for n in THREADS))
    rows = [(name, *(f"{gb:.0f} GB/s" for gb in of.values())) for name, of in bandwidth.items()]
    show("Triad, a = b + 3 x, by working set of a thread", columns, rows)
    rows = [(name, *(f"{ns:.1f} ns" for ns in of.values())) for name, of in kernel.items()]
    show("A rating and epoch, 100 factors in rows of 112", columns, rows)
    row = 4 * (-(-N_FACTORS // 16) * 16)
    memory = list(bandwidth.values())[-1][2]
    say(f"a title's factors, read and written: {2 * row} bytes; the rating itself: 12 bytes.")
    say(f"all of it from memory, 2 threads: {(2 * row + 12) / memory:.1f} ns a rating at best.")
    rate = 8 * row / 4 / next(iter(kernel.values()))[1]
    say(f"8 operations a factor: {rate:.0f} Gflop/s in cache with one thread, users shuffled.")


def _picture(kernel: dict[str, dict[int, float]]) -> Figure:
    figure = Figure(figsize=(7, 2.8))
    axes = figure.subplots()
    places = np.arange(len(kernel))
    for n_threads, shift, colour in zip(THREADS, (-0.2, 0.2), (THEIRS, OURS), strict=True):
        costs = [of[n_threads] for of in kernel.values()]
        label = f"{n_threads} thread(s)"
        bars = axes.barh(places + shift, costs, 0.38, color=colour, label=label)
        axes.bar_label(bars, fmt=" {:.1f}")
    axes.set_yticks(places, list(kernel))
    axes.invert_yaxis()
    axes.set(xlabel="ns per rating and epoch")
    axes.margins(x=0.35)
    axes.legend(frameon=False, loc="upper right")
    return figure


if __name__ == "__main__":
    main()
