"""How fast a fit is: per rating and epoch, end to end, to a given error, and in memory.

Every library fits the same generated ratings with as many factors and epochs. The cost of an epoch
is the median over rounds in which all libraries take turns in one process, so that a slow moment of
the machine hits all of them. Whole fits and their memory are measured in a fresh process each.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cartelera import columns as c
from contenders import CORNAC, ENTRIES, EXACT, FAST_2, LIBMF, SURPRISE, Evaluate, Predict
from generated import SCALE, generate, split
from measuring import forget_peak, in_own_process, machine, peak_mb, present_mb, timed
from reporting import OURS, THEIRS, save, say, show

Results = dict[str, dict[str, Any]]

TEST_FRACTION = 0.03


def main() -> None:
    """Measure, print, save."""
    options = _options()
    before = machine()
    names = [name for name, entry in ENTRIES.items() if entry.is_installed]
    for name in [name for name in ENTRIES if name not in names]:
        say(f"{name} is left out: pip install '.[bench]' brings {ENTRIES[name].module}.")
    with tempfile.TemporaryDirectory() as folder:
        n_ratings = _write_ratings(options.ratings, Path(folder))
        results = in_own_process(_epochs, Path(folder), names, options.rounds)
        for name in names:
            say(f"a whole fit of {options.epochs} epochs: {name} ...")
            results[name] |= in_own_process(_whole_fit, Path(folder), name, options.epochs)
    for result in results.values():
        result["ns_per_rating"] = float(np.median(result["epochs"])) / n_ratings * 1e9
    _report(results, n_ratings, options.epochs)
    target = _add_times_to_target(results, options.epochs)
    everything = {"n_ratings": n_ratings, "n_epochs": options.epochs, "target_rmse": target}
    everything |= {"load_before": before["load"], "results": results}
    save("fit", everything, _picture(results, target), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=10_000_000, help="train and test together")
    parser.add_argument("--epochs", type=int, default=20, help="of a whole fit; 2 or more")
    parser.add_argument("--rounds", type=int, default=5, help="of short fits in turns")
    parser.add_argument("--quick", action="store_true", help="a trial run: seconds, small data")
    options = parser.parse_args()
    if options.quick:
        options.ratings, options.epochs, options.rounds = 100_000, 3, 2
    return options


def _write_ratings(n_ratings: int, folder: Path) -> int:
    train, test = split(generate(n_ratings), TEST_FRACTION)
    train.frame().to_parquet(folder / "train.parquet")
    test.frame().to_parquet(folder / "test.parquet")
    return len(train)


def _epochs(folder: Path, names: list[str], rounds: int) -> Results:
    """Let all take turns; in a process of its own, whose memory is free again afterwards."""
    train = pd.read_parquet(folder / "train.parquet")
    contenders = {name: ENTRIES[name].make() for name in names}
    for name, contender in contenders.items():
        say(f"preparing {name} ...")
        contender.prepare(train)
    results: Results = {name: {"epochs": []} for name in names}
    for number in range(rounds):
        say(f"round {number + 1} of {rounds} ...")
        for name, contender in contenders.items():
            fit = contender.fit(ENTRIES[name].epochs)
            results[name]["epochs"].append(float(np.median(fit.epoch_seconds)))
    return results


def _whole_fit(folder: Path, name: str, n_epochs: int) -> dict[str, Any]:
    """Fit from a ratings table; runs in a process of its own."""
    contender = ENTRIES[name].make()
    train = pd.read_parquet(folder / "train.parquet")
    evaluate = _evaluation(train, pd.read_parquet(folder / "test.parquet"))
    forget_peak()
    before = present_mb()
    prepare, _ = timed(contender.prepare, train)
    fit = contender.fit(n_epochs, evaluate)
    return {
        "prepare_seconds": prepare,
        "fit_seconds": fit.seconds,
        "whole_seconds": prepare + fit.seconds,
        "epoch_seconds": fit.epoch_seconds,
        "rmse": fit.final,
        "curve": fit.curve,
        "digest": fit.digest,
        "peak_mb": peak_mb(),
        "added_mb": peak_mb() - before,
    }


def _evaluation(train: pd.DataFrame, test: pd.DataFrame) -> Evaluate:
    users, titles = (
        pd.Index(train[name].unique()).get_indexer(pd.Index(test[name])).astype(np.int32)
        for name in (c.USER_ID, c.TITLE_ID)
    )
    truth = test[c.RATING].to_numpy()

    def rmse(predict: Predict) -> float:
        return float(np.sqrt(np.mean((np.clip(predict(users, titles), *SCALE) - truth) ** 2)))

    return rmse


def _add_times_to_target(results: Results, n_epochs: int) -> float:
    """Find when each library is as good as surprise.SVD is after its last epoch.

    Surprise shows no errors on the way; where the exact mode ends with the very same arrays, its
    curve is Surprise's.
    """
    exact, theirs = results[EXACT], results[SURPRISE]
    same = exact["digest"] == theirs["digest"]
    say(f"exact mode and surprise.SVD: {'equal to the last bit' if same else 'NOT the same'}.")
    if same:
        theirs["curve"] = exact["curve"]
    target = theirs["rmse"] + 1e-3
    rows = []
    for name, result in results.items():
        reached = [epoch for epoch, rmse in result["curve"].items() if rmse <= target]
        seconds = None
        if reached:
            rest = n_epochs - min(reached)
            seconds = result["whole_seconds"] - rest * float(np.mean(result["epoch_seconds"]))
        result["seconds_to_target"] = seconds
        shown = (f"{min(reached)}", f"{seconds:.1f} s") if reached else ("not reached", "")
        best, at = min((rmse, epoch) for epoch, rmse in result["curve"].items())
        rows.append((name, *shown, f"{best:.4f} (epoch {at})"))
    title = f"Time to a test RMSE of {target:.4f} from a ratings table, and the lowest one seen"
    show(title, ("library", "epochs", "time", "lowest RMSE"), rows)
    return target


def _report(results: Results, n_ratings: int, n_epochs: int) -> None:
    theirs = results[SURPRISE]
    rows = [
        (
            name,
            f"{result['ns_per_rating']:.1f} ns",
            f"{theirs['ns_per_rating'] / result['ns_per_rating']:.1f}x",
            f"{result['rmse']:.4f}",
            f"{result['prepare_seconds']:.1f} s",
            f"{result['whole_seconds']:.1f} s",
            f"{theirs['whole_seconds'] / result['whole_seconds']:.1f}x",
            f"{result['peak_mb']:,.0f} MB",
            f"{result['added_mb']:,.0f} MB",
        )
        for name, result in results.items()
    ]
    columns = ("library", "rating, epoch", "faster", "RMSE", "prepare", "all", "faster")
    columns = (*columns, "peak memory", "added")
    show(f"{n_ratings:,} ratings, 100 factors, {n_epochs} epochs", columns, rows)
    peers = [results[name]["ns_per_rating"] for name in (CORNAC, LIBMF) if name in results]
    if peers:
        say(f"faster than the better of them: {min(peers) / results[FAST_2]['ns_per_rating']:.2f}x")
    share = results[FAST_2]["peak_mb"] / theirs["peak_mb"]
    added = results[FAST_2]["added_mb"] / theirs["added_mb"]
    say(f"peak memory: {share:.2f} of surprise's; of what is added to the table: {added:.2f}")


def _picture(results: Results, target: float) -> Figure:
    figure = Figure(figsize=(11, 4.4))
    left, right = figure.subplots(1, 2)
    names = list(results)[::-1]
    costs = [results[name]["ns_per_rating"] for name in names]
    colours = [OURS if ENTRIES[name].is_ours else THEIRS for name in names]
    left.bar_label(left.barh(names, costs, color=colours), fmt=" {:.0f}")
    left.set(xlabel="ns per rating and epoch", title="Cost of an epoch")
    left.margins(x=0.12)
    for name, result in results.items():
        if result["curve"]:
            epoch_seconds = float(np.mean(result["epoch_seconds"]))
            begin = result["whole_seconds"] - len(result["epoch_seconds"]) * epoch_seconds
            times = [begin + epoch * epoch_seconds for epoch in result["curve"]]
            style = "-" if ENTRIES[name].is_ours else "--"
            right.plot(times, list(result["curve"].values()), style, marker=".", label=name)
    right.axhline(target, color="black", linewidth=0.6)
    right.set(xscale="log", xlabel="seconds from a ratings table", ylabel="test RMSE")
    right.set_title("Error and time")
    right.legend(
        fontsize="small", frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=3
    )
    return figure


if __name__ == "__main__":
    main()
