"""What the service answered: its counters added up, and shown in both languages."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.samples import Sample
from starlette.testclient import TestClient

from cartelera.service.api.pages import create_index
from cartelera.service.page import dashboard

WORKER = """
from prometheus_client import Counter
Counter("cartelera_recommendations", "Lists.", ["origin"]).labels("ranking").inc(2)
"""


def total(name: str, n: float, **labels: str) -> Sample:
    return Sample(f"cartelera_{name}", labels, n)


def timed(route: str, **so_far: float) -> list[Sample]:
    """Return a histogram with buckets up to 10 ms, 100 ms and without end."""
    ends = {"ten": "0.01", "hundred": "0.1", "all": "+Inf"}
    buckets = [
        total("request_seconds_bucket", n, route=route, le=ends[end]) for end, n in so_far.items()
    ]
    return [*buckets, total("request_seconds_count", so_far["all"], route=route)]


SAMPLES = [
    total("recommendations_total", 3, origin="popularity"),
    total("recommendations_total", 1200, origin="ranking"),
    total("empty_answers_total", 7, answer="TopActor"),
    total("ratings_received_total", 5),
    total("requests_total", 1300, method="GET", route="/api/x", status="200"),
    total("requests_total", 2, method="GET", route="/api/x", status="503"),
    total("requests_total", 1, method="POST", route="/api/x", status="500"),
    *timed("/api/x", ten=96, hundred=98, all=100),
    *timed("/api/y", ten=200, hundred=200, all=200),
]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(dashboard, "collect", lambda: SAMPLES)
    return TestClient(create_index())


def test_counts_are_summed_over_other_labels_the_highest_first():
    lists = dashboard.count(SAMPLES, "cartelera_recommendations_total", "origin")
    assert list(lists.items()) == [("ranking", 1200), ("popularity", 3)]
    requests = dashboard.count(SAMPLES, "cartelera_requests_total", "route")
    assert requests == {"/api/x": 1303}


def test_shares_lie_within_the_end_of_their_bucket_or_beyond_the_last_one():
    assert dashboard.within(SAMPLES, "/api/x") == [10, 10, None]
    assert dashboard.within(SAMPLES, "/api/y") == [10, 10, 10]


def test_all_workers_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", WORKER], check=True)
    found = dashboard.collect()
    assert dashboard.count(found, "cartelera_recommendations_total", "origin") == {"ranking": 4}


@pytest.mark.parametrize(
    ("query", "accepted", "language", "lists"),
    [
        ("", "en", "en", "1,200"),
        ("", "es-AR", "es", "1.200"),
        ("?language=es", "en", "es", "1.200"),
        ("?language=<b>", "en", "en", "1,200"),
    ],
)
def test_the_page_shows_them_in_both_languages(
    client: TestClient, query: str, accepted: str, language: str, lists: str
):
    response = client.get(f"/dashboard{query}", headers={"Accept-Language": accepted})
    assert response.headers["cache-control"] == "no-store"
    assert f'<html lang="{language}">' in response.text
    figures = re.findall(r"<dd>(.*?)</dd>", response.text)
    assert figures == [lists.replace("200", "303"), "3", "5"]
    assert f"<td>{lists}</td>" in response.text
    assert ">TopActor</th>" in response.text
    assert "<b>" not in response.text
    assert not re.search(r"(src|href)=[\"'](https?:)?//", response.text)
