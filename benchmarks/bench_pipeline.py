"""What does each stage of the pipeline cost with ten times the ratings? 0.1, 1 and 10 million.

Users grow with the ratings, titles stay. Each stage runs in a fresh process, one after the other.
"""

import argparse
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cartelera import columns as c
from cartelera.config import compose
from cartelera.logs import set_up
from cartelera.paths import Paths
from cartelera.platforms import PUBLISHED
from generated import generate
from measuring import forget_peak, in_own_process, machine, peak_mb, timed
from reporting import save, say, show

SIZES = (100_000, 1_000_000, 10_000_000)
STAGES = ("etl", "eda", "split", "search", "train", "evaluate")
N_FACTORS, N_EPOCHS, N_TRIALS = 64, 20, 3
CONF = Path(__file__).resolve().parents[1] / "conf"


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    results: dict[int, dict[str, Any]] = {}
    for size in [size for size in SIZES if size <= options.max_ratings]:
        with tempfile.TemporaryDirectory() as folder:
            say(f"{size:,} ratings: writing raw files ...")
            in_own_process(_write_raw, folder, size)
            results[size] = {}
            for stage in STAGES:
                results[size][stage] = in_own_process(_run, folder, stage)
                say(f"{size:,} ratings: {stage}: {results[size][stage]}")
    _report(results)
    everything = {"load_before": before["load"], "results": results}
    save("pipeline", everything, _picture(results), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--max-ratings", type=int, default=SIZES[-1])
    parser.add_argument("--quick", action="store_true", help="a trial run: the smallest size only")
    options = parser.parse_args()
    if options.quick:
        options.max_ratings = SIZES[0]
    return options


def _overrides() -> list[str]:
    fixed = [f"search.space.n_factors={N_FACTORS}", f"search.space.n_epochs={N_EPOCHS}"]
    return [
        "data.n_titles=23000",
        "data.n_users=200",
        "data.n_ratings=2000",
        "etl.max_rejected=0.1",
        f"search.n_trials={N_TRIALS}",
        *fixed,
    ]


def _write_raw(folder: str, size: int) -> None:
    """Write the sample's catalogues, and generated ratings of their titles in four files."""
    os.chdir(folder)
    paths = Paths()
    config = compose(_overrides(), CONF)
    import_module("cartelera.stages.acquire").run(config, paths)
    titles = [
        PUBLISHED[platform].initial + pd.read_csv(paths.raw / name, dtype="str")[c.SHOW_ID].dropna()
        for platform, name in PUBLISHED.files.items()
    ]
    ids = pd.concat(titles, ignore_index=True).drop_duplicates().array
    ratings = generate(size)
    frame = pd.DataFrame(
        {
            c.RAW_USER: ratings.users + 1,
            c.RAW_RATING: ratings.values,
            c.RAW_TIMESTAMP: np.random.default_rng(2).integers(10**9, 1_700_000_000, size),
            c.RAW_TITLE_ID: ids.take(ratings.titles % len(ids)),
        }
    )
    for path in (paths.raw / c.RATINGS_FOLDER).glob("*"):
        path.unlink()
    for number in range(4):
        frame.iloc[number::4].to_csv(paths.raw / c.RATINGS_FOLDER / f"{number}.csv", index=False)


def _run(folder: str, stage: str) -> dict[str, float]:
    """Run a stage; runs in a process of its own."""
    os.chdir(folder)
    set_up()
    run = import_module(f"cartelera.stages.{stage}").run
    config = compose(_overrides(), CONF)
    forget_peak()
    before = os.times()
    seconds, _ = timed(run, config, Paths())
    after = os.times()
    processor = after.user + after.system - before.user - before.system
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "peak_mb": round(peak_mb()),
    }


def _report(results: dict[int, dict[str, Any]]) -> None:
    for measure in ("seconds", "processor_seconds", "peak_mb"):
        rows = [
            (stage, *(f"{of_size[stage][measure]:,}" for of_size in results.values()))
            for stage in STAGES
        ]
        show(measure, ["stage", *(f"{size:,}" for size in results)], rows)


def _picture(results: dict[int, dict[str, Any]]) -> Figure:
    figure = Figure(figsize=(9, 3.5))
    left, right = figure.subplots(1, 2)
    for axes, measure, title in (
        (left, "processor_seconds", "Processor time of a stage, in seconds"),
        (right, "peak_mb", "Peak memory of a stage, in MB"),
    ):
        for stage in STAGES:
            axes.plot(
                list(results), [of[stage][measure] for of in results.values()], "o-", label=stage
            )
        axes.set(xscale="log", yscale="log", xlabel="ratings", title=title)
    left.legend(frameon=False)
    return figure


if __name__ == "__main__":
    main()
