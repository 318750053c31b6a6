"""What the service answered since its start, for whoever runs it.

It shows what `/metrics` counts and nothing else, and so has the same door: a key where there is
one, else the names of this machine.
"""

import math
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.samples import Sample

from cartelera.service.page.markup import Markup
from cartelera.service.page.words import LANGUAGES, Words

SHARES: Final = (0.5, 0.95, 0.99)
_SECONDS: Final = "cartelera_request_seconds_bucket"


def show(language: str) -> str:
    """Return the page as HTML.

    Args:
        language: A key of `LANGUAGES`.
    """
    samples = collect()
    timed = count(samples, "cartelera_request_seconds_count", "route")
    statuses = count(samples, "cartelera_requests_total", "status")
    return Markup(Words(language))(
        "dashboard",
        languages=LANGUAGES,
        lists=count(samples, "cartelera_recommendations_total", "origin"),
        empty=count(samples, "cartelera_empty_answers_total", "answer"),
        n_ratings=sum(count(samples, "cartelera_ratings_received_total").values()),
        n_requests=sum(statuses.values()),
        n_failed=sum(n for status, n in statuses.items() if status.startswith("5")),
        shares=SHARES,
        routes=[(route, n, within(samples, route)) for route, n in timed.items()],
    )


def collect() -> list[Sample]:
    """Return what is counted, of all workers together where there are several."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return [sample for metric in registry.collect() for sample in metric.samples]


def count(samples: Iterable[Sample], name: str, label: str = "") -> dict[str, int]:
    """Return the sums of a counter by the values of a label, the highest first."""
    found: Counter[str] = Counter()
    for sample in samples:
        if sample.name == name:
            found[sample.labels.get(label, "")] += int(sample.value)
    return dict(found.most_common())


def within(samples: Sequence[Sample], route: str) -> list[float | None]:
    """Return within how many milliseconds a route answered each of `SHARES` of its requests.

    They are upper ends of the histogram's buckets; None stands for more than the highest one.
    """
    buckets = sorted(
        (float(sample.labels["le"]), sample.value)
        for sample in samples
        if sample.name == _SECONDS and sample.labels["route"] == route
    )
    n = buckets[-1][1]
    ends = (next(end for end, so_far in buckets if so_far >= share * n) for share in SHARES)
    return [1000 * end if math.isfinite(end) else None for end in ends]
