"""What a soak found, for people and for the record."""

from dataclasses import asdict, dataclass

from matplotlib.figure import Figure
from scipy.stats import theilslopes

from reporting import OURS as OUR_COLOUR
from reporting import THEIRS, save, show
from serving.soak import SAMPLE_S, Soak

_SETTLED_S = 120.0
"""After this a worker has built the page, and was asked each kind of question."""

# Ten minutes: a new model, or a neighbour that is gone, is a step that looks like growth.

_FEWEST_SAMPLES = 120
_FLAT_MB_AN_HOUR = 20.0


@dataclass(frozen=True)
class Growth:
    """How the memory of the worker that lived longest grew once it had settled.

    Attributes:
        mb_an_hour: Its slope, by Theil and Sen.
        low: Where the 95 % interval begins.
        high: Where it ends.
        minutes: How long it was watched.
    """

    mb_an_hour: float
    low: float
    high: float
    minutes: float


def growth(found: Soak) -> Growth | None:
    """Fit the memory of the longest-lived worker over time; None if none lived long enough."""
    lives: dict[int, list[tuple[float, float]]] = {}
    for at, pid, mb in found.samples:
        lives.setdefault(pid, []).append((at, mb))
    longest = max(lives.values(), key=len, default=[])
    settled = [(at, mb) for at, mb in longest if at >= longest[0][0] + _SETTLED_S]
    if len(settled) < _FEWEST_SAMPLES:
        return None
    hours, megabytes = [at / 3600 for at, _ in settled], [mb for _, mb in settled]
    slope, _, low, high = theilslopes(megabytes, hours)
    return Growth(float(slope), float(low), float(high), len(settled) * SAMPLE_S / 60)


def report(found: Soak, workers: int, *, keep: bool) -> bool:
    """Print a table, write the numbers and a picture.

    Returns:
        Whether nothing broke, grew or got lost.
    """
    grown = growth(found)
    done = [each for each in found.retrainings if each is not None]
    worse = [each.version for each in done if each.is_worse]
    restarts = {what: sum(each == what for _, each in found.events) for _, what in found.events}
    checks = [
        ("5xx other than 503", found.failures or "none", not found.failures),
        ("503 while the disk was full", found.n_full, found.n_full > 0),
        ("confirmed ratings that were lost", len(found.lost), not found.lost),
        ("memory, MB an hour", _in_words(grown), grown is None or grown.low <= _FLAT_MB_AN_HOUR),
        ("worse models that shipped", worse or "none", not worse),
        ("retrainings that failed", found.retrainings.count(None), None not in found.retrainings),
        ("traceback in the log", found.has_traceback, not found.has_traceback),
        ("exit status", found.exit_status, found.exit_status == 0),
    ]
    statuses = {str(status): n for status, n in found.outcome.statuses.items()}
    passed = all(is_fine for _, _, is_fine in checks)
    show(
        f"{found.seconds:.0f} s of mixed load and harm, {found.rate:.0f} requests a second",
        ("", "found", "as it should be"),
        [
            ("statuses; 0: nobody there, or killed meanwhile", statuses, ""),
            ("p50, p99", _percentiles(found), ""),
            ("503 while too much was in progress", found.n_busy, ""),
            ("ratings sent, confirmed", f"{found.n_sent}, {len(found.confirmed)}", ""),
            *((what, n, "") for what, n in restarts.items()),
            *((what, value, "yes" if is_fine else "NO") for what, value, is_fine in checks),
        ],
    )
    results = {
        "workers": workers,
        "seconds": found.seconds,
        "per_second": found.rate,
        "statuses": statuses,
        "failures": found.failures,
        "full": {"from_s": found.full[0], "to_s": found.full[1], "n_503": found.n_full},
        "busy": {"n_503": found.n_busy},
        "p50_ms": found.outcome.percentile_ms(50),
        "p99_ms": found.outcome.percentile_ms(99),
        "ratings": {
            "sent": found.n_sent,
            "confirmed": len(found.confirmed),
            "kept": len(found.kept),
            "lost": len(found.lost),
        },
        "growth": grown and asdict(grown),
        "events": [[round(at, 1), what] for at, what in found.events],
        "retrainings": [each and asdict(each) for each in found.retrainings],
        "exit_status": found.exit_status,
        "passed": passed,
    }
    save("soak", results, _figure(found), keep=keep)
    return passed


def _in_words(grown: Growth | None) -> str:
    if grown is None:
        return "watched too briefly to tell"
    return f"{grown.mb_an_hour:+.1f} ({grown.low:+.1f} to {grown.high:+.1f})"


def _percentiles(found: Soak) -> str:
    return ", ".join(f"{found.outcome.percentile_ms(each):.1f} ms" for each in (50, 99))


def _figure(found: Soak) -> Figure:
    figure = Figure(figsize=(9, 3.5))
    axes = figure.subplots()
    lives: dict[int, list[tuple[float, float]]] = {}
    for at, pid, mb in found.samples:
        lives.setdefault(pid, []).append((at / 60, mb))
    for life in lives.values():
        axes.plot(*zip(*life, strict=True), color=OUR_COLOUR)
    axes.set_ylim(bottom=0)
    for at, what in found.events:
        axes.axvline(at / 60, color=THEIRS, linewidth=0.6)
        axes.text(at / 60, 5, what, rotation=90, fontsize=6, va="bottom", ha="right")
    axes.set_xlabel(f"minutes of mixed load; {len(found.lost)} confirmed ratings lost")
    axes.set_ylabel("MB")
    axes.set_title("memory of each process, and what was done to the service")
    return figure
