"""Titles and filters that the example answers share."""

from dataclasses import asdict
from typing import Any, Final

from cartelera.service.answering.filters import Filters

LOGAN: Final[dict[str, Any]] = {
    "title_id": "hs250",
    "work_id": "hs250",
    "title": "logan",
    "display_title": "Logan",
    "platform": "hulu",
    "type": "movie",
    "year": 2017,
    "duration": 137,
    "duration_type": "min",
    "genres": ["action", "thriller"],
    "certificate": "r",
    "score": 4.05,
    "n_ratings": 12,
}
ARRIVAL: Final[dict[str, Any]] = {
    "title_id": "hs1020",
    "work_id": "hs1020",
    "title": "arrival",
    "display_title": "Arrival",
    "platform": "hulu",
    "type": "movie",
    "year": 2016,
    "duration": 116,
    "duration_type": "min",
    "genres": ["drama", "science fiction"],
    "certificate": "pg-13",
    "score": 4.2,
    "n_ratings": 31,
}
PROSPECT: Final[dict[str, Any]] = {
    "title_id": "hs655",
    "work_id": "hs655",
    "title": "prospect",
    "display_title": "Prospect",
    "platform": "hulu",
    "type": "movie",
    "year": 2018,
    "duration": 100,
    "duration_type": "min",
    "genres": ["drama", "science fiction"],
    "certificate": "r",
    "score": None,
    "n_ratings": 0,
}
FILTERS: Final[dict[str, Any]] = {
    **asdict(Filters()),
    "platforms": ["hulu"],
    "type": "movie",
    "year_from": 1990,
    "max_minutes": 150,
    "certificates": [],
    "without": [],
}
