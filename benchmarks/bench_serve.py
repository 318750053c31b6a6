"""The service beside what it could have been: latency at a fixed rate, throughput, start, memory.

Beside it run a plain FastAPI application that filters a DataFrame and asks Surprise for one rating
after the other, a BentoML service that says hello as it comes out of the box, and a plain FastAPI
application that says hello, which is as fast as the framework can be.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from matplotlib.figure import Figure

from reporting import OURS as OUR_COLOUR
from reporting import THEIRS, save, say, show
from serving import asking, servers
from serving.load import as_fast_as_answered, at_rate, request
from serving.material import N_FACTORS, Material, make
from serving.project import Project
from serving.servers import BENTO, HELLO, OURS, PLAIN, Server
from serving.soak import soak
from serving.soak_report import report as report_soak

RATE, CONNECTIONS = 100.0, 8
LISTS = (asking.RECOMMEND, asking.RECOMMEND_NEW)
UNKEPT = " (not from memory)"
GREETING = "hello"
PLAIN_USERS = 10_000
"""The plain application knows the users of the first million ratings."""


@dataclass(frozen=True)
class Figures:
    """What was measured of one contender and one kind of question.

    Attributes:
        server: The contender.
        question: The kind.
        per_second: Answers a second over 8 connections, by round.
        p50_ms: Median latency, by round: at 100 requests a second, or one after the other if the
            contender cannot keep up with that.
        p99_ms: The same of the slowest hundredth.
        at_rate: Whether the latencies are those at the fixed rate.
        failures: Answers that were no 2xx.
    """

    server: str
    question: str
    per_second: list[float]
    p50_ms: list[float]
    p99_ms: list[float]
    at_rate: bool
    failures: int


def main() -> None:
    """Measure, print and save."""
    options = _options()
    if options.soak:
        sys.exit(_soak(options))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        say("making titles, ratings and models ...")
        material = make(Path(folder), options.ratings, options.titles)
        known_users = min(PLAIN_USERS, material.n_users)
        questions = asking.Questions(material.folder / "titles.csv", known_users)
        starts = _measure_starts(material.folder, options)
        running: dict[str, Server] = {}
        for name in (OURS, PLAIN, BENTO, HELLO):
            running[name] = servers.start(name, material.folder, options.workers)
            stack.callback(running[name].stop)
        figures = _measure(running, questions, options.rounds, options.seconds)
        memory = {name: server.worker_mb() for name, server in running.items()}
    _report(material, starts, memory, figures, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=int, default=10_000_000)
    parser.add_argument("--titles", type=int, default=23_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=5, help="how often the start is timed")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each single measurement")
    parser.add_argument("--soak", type=float, help="seconds of mixed load and harm instead")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second of the soak")
    parser.add_argument("--project", type=Path, help="what to soak; one is made if left out")
    parser.add_argument("--quick", action="store_true", help="a trial run; nothing is written")
    options = parser.parse_args()
    if options.quick:
        options.ratings, options.titles, options.rounds, options.starts = 200_000, 3000, 1, 1
        options.seconds = min(options.seconds, 1.0)
    return options


def _soak(options: argparse.Namespace) -> int:
    """Give the exit status: 1 if anything broke, grew or got lost."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(options.project) if options.project else Project.make(Path(folder) / "p")
        say(f"{options.soak:.0f} s of mixed load ...")
        found = soak(project, options.soak, options.rate, options.workers)
        return int(not report_soak(found, options.workers, keep=not options.quick))


def _measure_starts(folder: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    """Give the seconds from start to first answer: alone on the machine, in turns."""
    seconds: dict[str, list[float]] = {OURS: [], BENTO: []}
    for turn in range(options.starts):
        say(f"start {turn + 1} of {options.starts} ...")
        for name, found in seconds.items():
            server = servers.start(name, folder, options.workers)
            found.append(round(server.seconds_to_ready, 2))
            server.stop()
    return seconds


def _measure(
    running: dict[str, Server], questions: asking.Questions, rounds: int, seconds: float
) -> list[Figures]:
    greeting = [request("/api/hello")]
    tasks: list[tuple[str, str, Sequence[bytes]]] = []
    for name in (*asking.QUERIES, asking.RECOMMEND):
        asked = questions.of(name)
        tasks += [(OURS, name, asked), (PLAIN, name, asked)]
    tasks += [(OURS, name + UNKEPT, questions.never_kept(name)) for name in asking.QUERIES]
    tasks.append((OURS, asking.RECOMMEND_NEW, questions.of(asking.RECOMMEND_NEW)))
    tasks += [(BENTO, GREETING, greeting), (HELLO, GREETING, greeting)]
    figures = {
        task[:2]: Figures(task[0], task[1], [], [], [], task[:2] != (PLAIN, asking.RECOMMEND), 0)
        for task in tasks
    }
    for turn in range(rounds):
        say(f"round {turn + 1} of {rounds} ...")
        for server, question, asked in tasks:
            found = figures[server, question]
            figures[server, question] = _measure_once(found, running[server].port, asked, seconds)
    return list(figures.values())


def _measure_once(found: Figures, port: int, asked: Sequence[bytes], seconds: float) -> Figures:
    as_fast_as_answered(port, asked[:50], 0.3)  # warm
    if found.at_rate:
        timed = at_rate(port, asked, RATE, seconds)
    else:
        timed = as_fast_as_answered(port, asked, seconds, connections=1)
    busy = as_fast_as_answered(port, asked, seconds, CONNECTIONS)
    return Figures(
        found.server,
        found.question,
        [*found.per_second, round(_per_second(port, asked, seconds) or busy.per_second, 1)],
        [*found.p50_ms, round(timed.percentile_ms(50), 2)],
        [*found.p99_ms, round(timed.percentile_ms(99), 2)],
        found.at_rate,
        found.failures + timed.failures + busy.failures,
    )


def _per_second(port: int, asked: Sequence[bytes], seconds: float) -> float | None:
    """Measure the throughput of GET requests with wrk, which takes less of the machine."""
    program = servers.wrk()
    if program is None or not asked[0].startswith(b"GET "):
        return None
    paths = ", ".join(f'"{each.split(b" ", 2)[1].decode()}"' for each in asked)
    script = (
        f"local paths, turn = {{{paths}}}, 0\n"
        "request = function() turn = turn % #paths + 1; "
        'return wrk.format("GET", paths[turn]) end\n'
    )
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [program, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        done = subprocess.run(
            [*command, "-s", file.name, f"http://127.0.0.1:{port}"],
            capture_output=True,
            text=True,
            check=True,
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("Requests/sec"))
    return float(line.split()[1])


def _report(
    material: Material,
    starts: dict[str, list[float]],
    memory: dict[str, list[float]],
    figures: list[Figures],
    options: argparse.Namespace,
) -> None:
    show(
        f"{material.n_titles:,} titles, {material.n_users:,} users, {N_FACTORS} factors; "
        f"{options.workers} worker, medians of {options.rounds} rounds",
        ("", "question", "a second", "p50", "p99", "failed"),
        [
            (
                each.server,
                each.question,
                f"{statistics.median(each.per_second):,.0f}",
                f"{statistics.median(each.p50_ms):.2f} ms" + ("" if each.at_rate else " *"),
                f"{statistics.median(each.p99_ms):.2f} ms" + ("" if each.at_rate else " *"),
                each.failures,
            )
            for each in figures
        ],
    )
    say(f"p50, p99: at {RATE:.0f} requests a second; * one after the other: it cannot keep up")
    say(f"a second: {'wrk' if servers.wrk() else 'own client'}, {CONNECTIONS} connections")
    by_task = {(each.server, each.question): statistics.median(each.per_second) for each in figures}
    for question in asking.QUERIES:
        ours = by_task[OURS, question]
        say(
            f"{question}: {ours / by_task[PLAIN, question]:.1f}x of {PLAIN}, "
            f"{ours / by_task[BENTO, GREETING]:.2f} of {BENTO}, "
            f"{ours / by_task[HELLO, GREETING]:.2f} of {HELLO}"
        )
    for name, seconds in starts.items():
        median, least, most = statistics.median(seconds), min(seconds), max(seconds)
        say(f"{name}: ready after {median:.1f} s ({least:.1f} to {most:.1f})")
    for name, held in memory.items():
        say(f"{name}: {held[0]:.0f} MB a worker")
    results = {
        "users": material.n_users,
        "titles": material.n_titles,
        "ratings": material.n_ratings,
        "factors": N_FACTORS,
        "workers": options.workers,
        "throughput_by": "wrk" if servers.wrk() else "own client",
        "figures": [asdict(each) for each in figures],
        "seconds_to_ready": starts,
        "memory_mb": memory,
    }
    save("serve", results, _figure(figures), keep=not options.quick)


def _figure(figures: list[Figures]) -> Figure:
    figure = Figure(figsize=(9, 6))
    axes = figure.subplots(1, 2)
    labels = [f"{each.question}\n{each.server}" for each in figures]
    colours = [OUR_COLOUR if each.server == OURS else THEIRS for each in figures]
    for axis, title, values in (
        (axes[0], "answers a second", [statistics.median(each.per_second) for each in figures]),
        (axes[1], "slowest hundredth, ms", [statistics.median(each.p99_ms) for each in figures]),
    ):
        bars = axis.barh(range(len(figures)), values, color=colours)
        axis.bar_label(bars, fmt="{:,.0f}" if axis is axes[0] else "{:.1f}", padding=3, fontsize=7)
        axis.set_xscale("log")
        axis.set_title(title)
        axis.set_yticks(range(len(figures)), labels if axis is axes[0] else [], fontsize=7)
        axis.invert_yaxis()
        axis.margins(x=0.2)
    return figure


if __name__ == "__main__":
    main()
