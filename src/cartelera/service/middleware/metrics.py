"""What the service counts, for Prometheus at `/metrics`.

Each worker keeps its numbers in a file of its own in the folder that `PROMETHEUS_MULTIPROC_DIR`
names, and whichever worker is asked adds them up.
"""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bentoml._internal.configuration.containers import BentoMLContainer
from prometheus_client import Counter, Gauge, Histogram

from cartelera.service.answering.replies import Receipt

_FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS: Final = Counter("cartelera_requests", "Requests answered.", ["method", "route", "status"])
SECONDS: Final = Histogram(
    "cartelera_request_seconds",
    "Seconds from the request to the end of its answer; streams are left out.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
IN_PROGRESS: Final = Gauge(
    "cartelera_requests_in_progress", "Requests in progress.", multiprocess_mode="livesum"
)
RECOMMENDATIONS: Final = Counter(
    "cartelera_recommendations", "Lists of recommendations given.", ["origin"]
)
EMPTY_ANSWERS: Final = Counter(
    "cartelera_empty_answers", "Answers that say that nothing matches.", ["answer"]
)
RATINGS: Final = Counter(
    "cartelera_ratings_received", "Ratings received, saved on the page or sent."
)
RELOADS: Final = Counter("cartelera_reloads", "New models taken or turned down.", ["outcome"])
LOADED_AT: Final = Gauge(
    "cartelera_model_loaded_timestamp_seconds",
    "When the oldest of the models in use was loaded, in seconds since 1970.",
    multiprocess_mode="livemin",
)

# Named from the start, so that a rate does not miss the first event.
for _origin in ("ranking", "popularity"):
    RECOMMENDATIONS.labels(_origin)
for _outcome in ("loaded", "failed"):
    RELOADS.labels(_outcome)


def count_apart() -> TemporaryDirectory[str] | None:
    """Let the workers of this server keep their numbers in a folder of their own.

    BentoML has one folder for all servers of a machine, which each of them empties at its start.

    Returns:
        The folder, which lasts as long as this object; None in a worker, which is told its folder.
    """
    if _FOLDER_VARIABLE in os.environ:
        return None
    shared = TemporaryDirectory(prefix="cartelera-metrics-")
    BentoMLContainer.prometheus_multiproc_dir.set(shared.name)
    return shared


def folder() -> Path | None:
    """Return the folder that the workers of this server share while it runs; None if alone."""
    name = os.environ.get(_FOLDER_VARIABLE)
    return Path(name) if name else None


def count_answer(answer: object) -> None:
    """Count an answer by what it is: a list by its origin, a received rating, an empty one."""
    if isinstance(answer, Receipt):
        RATINGS.inc()
    titles = getattr(answer, "titles", None)
    origin = getattr(answer, "origin", None)
    if origin is not None and titles is not None:
        RECOMMENDATIONS.labels(origin).inc()
    if not getattr(answer, "found", titles != []):
        count_empty(type(answer).__name__)


def count_empty(answer: str) -> None:
    """Count an answer of this kind that says that nothing matches."""
    EMPTY_ANSWERS.labels(answer).inc()


def count_request(method: str, route: str, status: int, seconds: float | None) -> None:
    """Count a request; a stream has no seconds."""
    REQUESTS.labels(method, route, status).inc()
    if seconds is not None:
        SECONDS.labels(route).observe(seconds)


def count_reload(outcome: str) -> None:
    """Count an attempt at taking a new model: `loaded` or `failed`."""
    RELOADS.labels(outcome).inc()


def mark_loaded() -> None:
    """Write down that a model was loaded now."""
    LOADED_AT.set(time.time())
