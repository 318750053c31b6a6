"""What the log of received ratings costs a worker: when it starts, and with every request.

The pipeline has taken in all of a log but its last segments; the bundle's table of rated titles
holds as many ratings. For comparison, the last of them are read as if no run had taken them in.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from cartelera import columns as c
from cartelera.received import Position
from cartelera.service.answering.feedback import (
    FIRST_SEGMENT,
    FeedbackLog,
    ReceivedRating,
    next_segment,
    segments,
)
from cartelera.service.answering.feedback_reader import FeedbackReader
from cartelera.service.answering.seen import SeenTitles
from generated import N_TITLES, RATINGS_PER_USER, title_ids
from measuring import forget_peak, in_own_process, peak_mb, present_mb, timed
from reporting import save, say, show

SEEN = "seen.safetensors"
RATINGS_A_SEGMENT = 2_500_000
SINCE_2023 = 1_700_000_000
CALLS = 20_000
APPENDS = 200


def main() -> None:
    """Measure, print, save."""
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        say(f"writing {options.ratings:,} ratings ...")
        _write_log(folder, options.ratings, min(RATINGS_A_SEGMENT, options.news))
        _write_seen(folder / SEEN, options.ratings)
        n_bytes = sum(path.stat().st_size for path in segments(folder))

        results = {"all taken in": in_own_process(_open, folder, _positions(folder))}
        results[f"all but {options.news:,}"] = in_own_process(
            _open, folder, _positions(folder)[:-1]
        )
        append_ms = in_own_process(_append_ms, folder)

    rows = [
        (
            name,
            f"{of['seen_s']:.2f}",
            f"{of['log_s']:.2f}",
            f"{of['peak_mb']:,.0f}",
            f"{of['log_mb']:,.0f}",
            f"{of['look_us']:.1f}",
        )
        for name, of in results.items()
    ]
    title = f"{options.ratings:,} received ratings, {n_bytes / 1e9:.2f} GB"
    columns = (
        "",
        "bundle's table s",
        "log s",
        "peak of both MB",
        "log alone MB",
        "a request's look, us",
    )
    show(title, columns, rows)
    say(f"keeping a rating: {append_ms:.1f} ms (median of {APPENDS}, each on the disk)")
    everything = {"ratings": options.ratings, "bytes": n_bytes, "append_ms": append_ms}
    save("feedback", {**everything, "results": results}, keep=not options.quick)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=100_000_000, help="in the log")
    parser.add_argument("--news", type=int, default=2_000_000, help="not taken in, for comparison")
    parser.add_argument("--folder", help="where the log is written: 25 bytes a rating")
    parser.add_argument("--quick", action="store_true", help="a trial run: seconds, small data")
    options = parser.parse_args()
    if options.quick:
        options.ratings, options.news = 300_000, 100_000
    return options


def _write_log(folder: Path, n_ratings: int, n_last: int) -> None:
    """Write segments as full as the service's; the last one has so many ratings."""
    titles = pa.array(title_ids(N_TITLES))
    rng = np.random.default_rng(0)
    path = folder / FIRST_SEGMENT
    for begin, end in _parts(n_ratings, n_last):
        n = end - begin
        table = pa.table(
            {
                c.RAW_USER: rng.integers(1, n_ratings // RATINGS_PER_USER + 1, n),
                c.RAW_RATING: rng.integers(1, 11, n) / 2,
                c.RAW_TIMESTAMP: SINCE_2023 + np.arange(begin, end),
                c.RAW_TITLE_ID: titles.take(pa.array(rng.integers(0, N_TITLES, n))),
            }
        )
        arrow_csv.write_csv(table, path, arrow_csv.WriteOptions(quoting_style="none"))
        path = next_segment(path)


def _parts(n_ratings: int, n_last: int) -> Iterator[tuple[int, int]]:
    """Split so many ratings into segments, the last of which has its own size."""
    edges = [*range(0, n_ratings - n_last, RATINGS_A_SEGMENT), n_ratings - n_last, n_ratings]
    return pairwise(edges)


def _write_seen(path: Path, n_ratings: int) -> None:
    """Write a table of as many ratings as the bundle would hold."""
    rng = np.random.default_rng(1)
    n_users = n_ratings // RATINGS_PER_USER
    SeenTitles(
        user_ids=np.arange(1, n_users + 1),
        starts=np.linspace(0, n_ratings, n_users + 1).astype(np.int64),
        title_codes=rng.integers(0, N_TITLES, n_ratings, dtype=np.uint16),
        title_ids=np.array(title_ids(N_TITLES), dtype=object),
        rating_codes=rng.integers(0, 10, n_ratings, dtype=np.uint8),
        stars=np.arange(1, 11) / 2,
    ).write(path)


def _positions(folder: Path) -> list[Position]:
    found: list[Position] = []
    for path in segments(folder):
        with path.open("rb") as file:
            found.append(Position.at(path.name, file, path.stat().st_size))
    return found


def _open(folder: Path, taken_in: Sequence[Position]) -> dict[str, Any]:
    """Do what a worker does with both; runs in a process of its own."""
    forget_peak()
    before = present_mb()
    seen_s, seen = timed(SeenTitles.read, folder / SEEN)
    of_seen, peak_of_seen = present_mb(), peak_mb()
    forget_peak()
    reader = FeedbackReader(folder, taken_in)
    log_s, _ = timed(reader.of, 1)
    peak_of_log = peak_mb()

    users = np.random.default_rng(2).integers(1, len(seen.user_ids) + 1, CALLS).tolist()
    looks_s, _ = timed(lambda: [reader.of(user_id) for user_id in users])
    return {
        "seen_s": seen_s,
        "log_s": log_s,
        "peak_mb": max(peak_of_seen, peak_of_log) - before,
        "log_mb": peak_of_log - of_seen,
        "look_us": looks_s / CALLS * 1e6,
    }


def _append_ms(folder: Path) -> float:
    log = FeedbackLog(folder)
    times = [
        timed(log.append, ReceivedRating(1, 4.5, SINCE_2023, "ns1"))[0] for _ in range(APPENDS)
    ]
    return float(np.median(times)) * 1e3


if __name__ == "__main__":
    main()
