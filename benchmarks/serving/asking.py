"""What is asked: each question many times over, with other values each time."""

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.platforms import PUBLISHED
from serving.load import request

MAX_DURATION, SCORE_COUNT = "get_max_duration", "get_score_count"
COUNT_PLATFORM, ACTOR = "get_count_platform", "get_actor"
QUERIES = (MAX_DURATION, SCORE_COUNT, COUNT_PLATFORM, ACTOR)
RECOMMEND, RECOMMEND_NEW = "recommend, known user", "recommend, 20 ratings"
N_DIFFERENT = 500
_RATERS, _STARS = 200, (2, 4, 3.5, 3, 4.5, 4, 2.5, 5, 3)
LONGEST_KEPT = 256
"""A query string beyond this is answered, but not kept for the next time."""


class Questions:
    """Requests as bytes, drawn with a seed.

    Args:
        titles: The table of titles, CSV.
        known_users: Ids from 1 to this are known to all contenders.

    Attributes:
        titles: Their ids.
    """

    def __init__(self, titles: Path, known_users: int):
        self._rng = np.random.default_rng(1)
        self.titles = pd.read_csv(titles, usecols=[c.ID])[c.ID].tolist()
        self._known_users = known_users

    def of(self, name: str) -> list[bytes]:
        """Give requests of one kind."""
        if name == RECOMMEND:
            return [request(f"/api/recommend?{self._listed()}") for _ in range(N_DIFFERENT)]
        if name == RECOMMEND_NEW:
            return [self._new() for _ in range(N_DIFFERENT)]
        return [request(f"/api/{name}?{self._asked(name)}") for _ in range(N_DIFFERENT)]

    def never_kept(self, name: str) -> list[bytes]:
        """Give requests of one query that no cache may answer."""
        padding = f"&type={'+' * LONGEST_KEPT}"
        return [request(f"/api/{name}?{self._asked(name)}{padding}") for _ in range(N_DIFFERENT)]

    def _asked(self, name: str) -> str:
        values: dict[str, object] = {"platform": self._rng.choice(PUBLISHED.names)}
        if name != COUNT_PLATFORM:
            values["year"] = self._rng.integers(1990, 2022)
        if name == MAX_DURATION:
            values["duration_type"] = "min"
        if name == SCORE_COUNT:
            values["scored"] = self._rng.choice(np.arange(2, 4.5, 0.25))
        return urlencode(values)

    def _listed(self) -> str:
        platforms = ",".join(self._rng.choice(PUBLISHED.names, 2, replace=False))
        user_id = self._rng.integers(1, self._known_users)
        return urlencode({"user_id": user_id, "platforms": platforms, "type": "movie"})

    def _new(self) -> bytes:
        titles = self._rng.choice(self.titles, 20, replace=False)
        stars = self._rng.integers(1, 11, 20) / 2
        body = {"ratings": dict(zip(titles, stars.tolist(), strict=True)), "type": "movie"}
        return request("/api/recommendations", json.dumps(body).encode())


def rated(number: int, titles: Sequence[str]) -> tuple[int, str]:
    """Give the user and the title of a rating, other ones for each number."""
    return 1 + number % _RATERS, titles[number // _RATERS % len(titles)]


def rating_of(number: int, titles: Sequence[str]) -> bytes:
    """Give a rating to be kept."""
    user_id, title_id = rated(number, titles)
    body = {"user_id": user_id, "title_id": title_id, "rating": _STARS[number % len(_STARS)]}
    return request("/api/ratings", json.dumps(body).encode())


def malformed() -> list[bytes]:
    """Give requests that no part of the service should take, nor fall over."""
    long = "x" * 5000
    return [
        request(f"/api/get_actor?platform={long}"),
        request("/api/get_max_duration?year=soon"),
        request("/api/get_score_count?scored=NaN"),
        request("/api/recommend?user_id=1&k=0"),
        request(f"/api/recommend?user_id={'9' * 40}"),
        request("/api/titles/%00%ff?x=%ED%A0%80"),
        request("/nowhere/at/all"),
        request("/api/recommendations", b'{"ratings": '),
        request("/api/recommendations", b"[" * 10_000),
        request("/api/ratings", b'{"user_id": 1, "title_id": "xs1", "rating": 4}'),
        request("/api/ratings", b'{"user_id": 1, "title_id": "ns1", "rating": 4.3}'),
        request("/predict", b"\x80\x04.", "Content-Type: application/vnd.bentoml+pickle\r\n"),
        request("/predict", b"x" * 100_000),
        request("/api/get_actor", b"{}"),
        b"BREW /coffee HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    ]
