"""A long mixed load with malformed requests in it: does anything break, grow or get lost?"""

import itertools
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cartelera import columns as c
from serving import asking
from serving.load import Outcome, at_rate
from serving.material import Material
from serving.servers import OURS, start

RATE = 60.0
SAMPLE_S = 5.0
_SETTLED_S = 60.0
"""After this the page is built, and each kind of question was asked."""


@dataclass(frozen=True)
class Soak:
    """What a soak found.

    Attributes:
        outcome: Statuses and latencies.
        sent: Ratings sent.
        confirmed: Ratings that were answered with 200.
        kept: Lines in the feedback log.
        worker_mb: Memory of the largest process, one value each `SAMPLE_S` seconds.
        seconds: How long it took.
        exit_status: Of the server.
        unanswered: The first line of each request whose connection was closed without an answer.
    """

    outcome: Outcome
    sent: int
    confirmed: int
    kept: int
    worker_mb: list[float]
    seconds: float
    exit_status: int | None
    unanswered: list[str]

    @property
    def settled_mb(self) -> tuple[int, int]:
        """Memory when all is warm, and at the end, in MB."""
        settled = min(int(_SETTLED_S / SAMPLE_S), len(self.worker_mb) - 1)
        return round(self.worker_mb[settled]), round(self.worker_mb[-1])


def soak(material: Material, questions: asking.Questions, seconds: float, workers: int) -> Soak:
    """Send a mixed load: four fifths sensible, a tenth ratings, a tenth malformed."""
    feedback = material.folder / "feedback"
    server = start(OURS, material.folder, workers, {"CARTELERA_FEEDBACK": str(feedback)})
    worker_mb: list[float] = []
    is_over = threading.Event()

    def sample() -> None:
        while not is_over.wait(SAMPLE_S):
            worker_mb.append(server.worker_mb()[0])

    sampler = threading.Thread(target=sample)
    sampler.start()
    mixed, ratings = _mix(material, questions, round(RATE * seconds))
    begin = time.perf_counter()
    outcome = at_rate(server.port, mixed, RATE, seconds)
    took = time.perf_counter() - begin
    is_over.set()
    sampler.join()
    status = server.stop()
    confirmed = sum(outcome.answers[place] == 200 for place in ratings)
    kept = len(pd.read_csv(next(feedback.glob("*.csv")))) if ratings else 0
    unanswered = [
        mixed[place].split(b"\r\n", 1)[0].decode(errors="replace")
        for place, answer in outcome.answers.items()
        if answer == 0
    ]
    return Soak(outcome, len(ratings), confirmed, kept, worker_mb, took, status, unanswered)


def _mix(
    material: Material, questions: asking.Questions, length: int
) -> tuple[list[bytes], list[int]]:
    titles = pd.read_csv(Path(material.folder) / "titles.csv", usecols=[c.ID])[c.ID].tolist()
    names = (*asking.QUERIES, asking.RECOMMEND, asking.RECOMMEND_NEW)
    sensible = itertools.cycle(
        itertools.chain(*zip(*(questions.of(name) for name in names), strict=True))
    )
    wrong = itertools.cycle(asking.malformed())
    mixed, ratings = [], []
    for place in range(length):
        match place % 10:
            case 3:
                mixed.append(next(wrong))
            case 7:
                ratings.append(place)
                mixed.append(asking.ratings_of(len(ratings), titles))
            case _:
                mixed.append(next(sensible))
    return mixed, ratings
