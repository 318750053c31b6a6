"""Whose lists are best, and what a fit costs: the ranking model beside other rankers.

All are tuned by the same search, each in its own space, on the same inner splits of the training
part of each data set, and measured on the same test part. Time and memory are measured on generated
ratings of 115,000 users, with fixed parameters, each fit in a process of its own.
"""

import argparse
import json
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cartelera.errors import InputError
from cartelera.evaluation.bootstrap import Interval, bootstrap_intervals
from generated_lists import generate_histories
from list_contenders import EASE, ENTRIES, OURS
from list_costs import ALL, BY_CHOLESKY, FIXED, cost, write_histories
from list_data import DATA
from list_exactness import exactness, one_user
from list_peers import PEERS
from list_picture import picture
from list_rankers import Entry
from list_tuning import Task, inner_tasks, tune
from measuring import in_own_process, machine, timed
from reporting import FOLDER, save, say, show

CONTENDERS = {**ENTRIES, **PEERS}
GOAL_SECONDS, GOAL_MB, GOAL_TIMES, GOAL_MS, GOAL_GAIN = 8.0, 1000.0, 12.0, 1.0, 0.005


def main() -> None:
    """Measure, print, save; what is not measured this time stays as the results file has it."""
    options = _options()
    before = machine()
    measured = {name: _accuracy(name, options) for name in options.data}
    scale = {} if options.no_scale else _scale(options)

    path = FOLDER / "results" / "lists.json"
    kept = json.loads(path.read_text()) if path.is_file() and not options.quick else {}
    found = {name: one for name, one in measured.items() if one is not None}
    results: dict[str, Any] = {
        "accuracy": {**kept.get("accuracy", {}), **found},
        "scale": scale or kept.get("scale", {}),
    }
    _goals(results)
    results["load_before"] = before["load"]
    save("lists", results, picture(results), keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="*", default=list(DATA), choices=list(DATA))
    parser.add_argument("--trials", type=int, default=60, help="of each search")
    parser.add_argument("--only", nargs="*", default=list(ALL), choices=list(ALL))
    parser.add_argument("--no-scale", action="store_true", help="leave out time and memory")
    parser.add_argument("--ratings", type=int, default=10_000_000, help="to measure costs with")
    parser.add_argument("--rounds", type=int, default=1, help="of fits, in turns")
    parser.add_argument("--quick", action="store_true", help="a trial run: nothing is written")
    options = parser.parse_args()
    if options.quick:
        options.data, options.trials, options.ratings = ["sample"], 2, 700_000
    return options


def _entries(names: list[str], n_titles: int, of: dict[str, Entry]) -> dict[str, Entry]:
    """Choose who takes part, and say who does not and why."""
    chosen: dict[str, Entry] = {}
    for name, entry in of.items():
        if name not in names:
            continue
        if not entry.is_installed:
            say(f"{name} is left out: it needs {' and '.join(entry.modules)}.")
        elif n_titles > entry.most_titles:
            say(f"{name} is left out: {n_titles:,} titles take it too much time or memory.")
        else:
            chosen[name] = entry
    return chosen


def _accuracy(data: str, options: argparse.Namespace) -> dict[str, Any] | None:
    """Tune all on one data set and measure them on its test part, which nothing else sees."""
    try:
        task = Task.of(DATA[data](), 0.2)
    except InputError as error:
        say(f"{data} is left out: {error}")
        return None
    inner = inner_tasks(task.train)
    entries = _entries(options.only, len(task.title_ids), CONTENDERS)
    models: dict[str, dict[str, Any]] = {}
    values: dict[str, NDArray[np.float64]] = {}
    for name, entry in entries.items():
        n_trials = min(options.trials, entry.most_trials)
        seconds, tuned = timed(tune, entry, inner, n_trials)
        fit_seconds, ranker = timed(entry.fit, task.histories, task.title_ids, tuned.params)
        values[name] = task.ndcg(ranker)
        say(f"  {data}, {name}: {values[name].mean():.4f} ({seconds:.0f} s of search)")
        models[name] = {
            **asdict(tuned),
            "n_trials": n_trials,
            "search_seconds": seconds,
            "fit_seconds": fit_seconds,
        }
    for name, (own, behind) in _intervals(values).items():
        models[name] |= {"ndcg": own, "ours_minus_it": behind}
    rows = [
        (name, _interval(one["ndcg"]), _interval(one["ours_minus_it"], "+"), one["n_trials"])
        for name, one in models.items()
    ]
    n_ratings, n_titles = len(task.train), len(task.title_ids)
    shape = f"{n_ratings:,} ratings of {n_titles:,} titles"
    show(f"NDCG@10 on {data}, {shape}", ("model", "NDCG@10", "ours minus it", "trials"), rows)
    return {
        "n_ratings": n_ratings,
        "n_titles": n_titles,
        "n_users": len(task.audience.user_ids),
        "load": machine()["load"],
        "models": models,
    }


def _intervals(
    values: dict[str, NDArray[np.float64]],
) -> dict[str, tuple[list[float], list[float]]]:
    """Return each mean and how much ours is above it, resampling users, the same for all."""
    columns = np.column_stack(list(values.values()))

    def means(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        each = sums / len(columns)
        return np.concatenate([each, each[:, :1] - each], axis=1)

    found = bootstrap_intervals(columns, means, n_bootstrap=2000, confidence=0.95, seed=0)
    flat = [_plain(interval) for interval in found]
    n = len(values)
    return {name: (flat[at], flat[n + at]) for at, name in enumerate(values)}


def _plain(interval: Interval) -> list[float]:
    return [interval.value, interval.low, interval.high]


def _interval(numbers: list[float], sign: str = "") -> str:
    value, low, high = (f"{number:{sign}.4f}" for number in numbers)
    return f"{value} ({low} to {high})"


def _scale(options: argparse.Namespace) -> dict[str, Any]:
    """Fit all to many ratings, in turns, each in a fresh process."""
    histories = generate_histories(options.ratings)
    n_titles = int(histories.codes.max()) + 1
    entries = _entries(options.only, n_titles, {name: ALL[name] for name in FIXED})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "histories.npz"
        write_histories(path, histories)
        rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in entries}
        for _ in range(options.rounds):
            for name in entries:
                measured = in_own_process(partial(cost, name, path, FIXED[name]))
                say(f"  {name}: {measured['seconds']:.1f} s, {measured['added_mb']:,.0f} MB")
                rounds[name].append(measured)
        exact = in_own_process(exactness, path)
        latency = in_own_process(one_user, path)
    fits = {
        name: {
            "seconds": float(np.median([one["seconds"] for one in some])),
            "processor_seconds": float(np.median([one["processor_seconds"] for one in some])),
            "added_mb": max(one["added_mb"] for one in some),
            "rounds": some,
        }
        for name, some in rounds.items()
    }
    ours = fits[OURS]["seconds"] if OURS in fits else np.nan
    rows = [
        (
            name,
            f"{fit['seconds']:.1f} s",
            f"{fit['processor_seconds']:.1f} s",
            f"{fit['seconds'] / ours:.1f}x",
            f"{fit['added_mb']:,.0f}",
        )
        for name, fit in fits.items()
    ]
    title = f"{len(histories.codes):,} ratings, {n_titles:,} titles, {histories.n_users:,} users"
    show(title, ("model", "fit", "processor", "of ours", "MB added"), rows)
    return {
        "n_ratings": len(histories.codes),
        "n_titles": n_titles,
        "n_users": histories.n_users,
        "fits": fits,
        "exactness": exact,
        "one_user": latency,
    }


def _goals(results: dict[str, Any]) -> None:
    """Say what was to be reached and what was."""
    for data, measured in results["accuracy"].items():
        if EASE in measured["models"]:
            gain = _interval(measured["models"][EASE]["ours_minus_it"], "+")
            say(f"{data}: above EASE by {gain} (goal: {GOAL_GAIN} or more)")
    scale = results["scale"]
    if not scale or OURS not in scale["fits"]:
        return
    ours = scale["fits"][OURS]
    say(f"fit: {ours['seconds']:.1f} s (goal: {GOAL_SECONDS:.0f})")
    say(f"memory added: {ours['added_mb']:,.0f} MB (goal: {GOAL_MB:,.0f})")
    for name in (EASE, BY_CHOLESKY):
        if name in scale["fits"]:
            times = scale["fits"][name]["seconds"] / ours["seconds"]
            say(f"{name}: {times:.1f} times ours (goal: {GOAL_TIMES:.0f})")
    for name, milliseconds in scale["one_user"].items():
        say(f"ten best for one user, {name}: {milliseconds:.2f} ms (goal: {GOAL_MS:.0f})")
    for name, found in scale["exactness"].items():
        say(f"truncated SVD, {name}: {found}")


if __name__ == "__main__":
    main()
