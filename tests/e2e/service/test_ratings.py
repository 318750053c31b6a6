"""Ratings received over HTTP: kept whatever happens to the process, and known to all workers."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]

HEADER = "userId,rating,timestamp,movieId"


def rate(url: str, title_id: str, rating: float, user_id: int = 1) -> Any:
    body = {"user_id": user_id, "title_id": title_id, "rating": rating}
    response = httpx.post(f"{url}/api/ratings", json=body, timeout=30)
    assert response.status_code == 200, response.text
    return response.json()


def listed(url: str, user_id: int = 1) -> list[str]:
    answer = httpx.get(f"{url}/api/users/{user_id}/recommendations", timeout=30).json()
    return [line["title"]["title_id"] for line in answer["titles"]]


def test_a_rating_outlives_a_server_killed_right_after_its_answer(
    tiny_bento: Path, start: Callable[..., Any]
):
    server = start(tiny_bento)
    server.wait_until_ready()
    assert listed(server.url) == ["ns2", "as1", "hs1"]
    receipt = rate(server.url, "ns2", 3.5)
    server.kill()

    lines = server.feedback.read_text().splitlines()
    assert lines == [HEADER, f"1,3.5,{receipt['timestamp']},ns2"]
    again = start(tiny_bento)
    again.wait_until_ready()
    assert listed(again.url) == ["as1", "hs1"]
    assert httpx.get(f"{again.url}/api/users/1").json()["n_ratings"] == 2


def test_two_workers_answer_alike_and_know_of_each_others_ratings(
    tiny_bento: Path, start_with: Callable[..., Any], tmp_path: Path
):
    server = start_with(tiny_bento, tmp_path, {"CARTELERA_SERVE": json.dumps({"workers": 2})})
    server.wait_until_ready()
    expected = ["ns2", "as1", "hs1"]
    for title_id in ("hs1", "as1"):
        # A connection of its own for each request: the workers share them out.
        assert all(listed(server.url) == expected for _ in range(10))
        rate(server.url, title_id, 4)
        expected.remove(title_id)
    assert all(listed(server.url) == expected for _ in range(10))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: rate(server.url, "ns1", 4, user_id=n), range(100, 120)))
    users = [line.split(",")[0] for line in server.feedback.read_text().splitlines()[3:]]
    assert sorted(users) == [str(n) for n in range(100, 120)]

    ratings = f"{server.url}/api/users/1/ratings"
    assert len(httpx.get(ratings).json()["ratings"]) == 3
    assert httpx.delete(ratings).json()["n_ratings"] == 3
    assert {httpx.get(ratings).status_code for _ in range(10)} == {404}
    assert all(listed(server.url) == ["ns2", "ns1", "as1", "hs1"] for _ in range(10))


def test_a_folder_that_cannot_be_written_is_a_refusal_and_no_failure(
    tiny_bento: Path, start_with: Callable[..., Any], tmp_path: Path
):
    (tmp_path / "file").write_text("")
    variables = {"CARTELERA_FEEDBACK": str(tmp_path / "file" / "folder")}
    server = start_with(tiny_bento, tmp_path, variables)
    server.wait_until_ready()
    body = {"user_id": 1, "title_id": "ns2", "rating": 4}
    for path in ("api/ratings", "rate"):
        response = httpx.post(f"{server.url}/{path}", json=body)
        assert response.status_code == 503
        assert response.json() == {
            "error": "Ratings cannot be kept now: try again later.",
            "allowed": None,
        }
    assert listed(server.url) == ["ns2", "as1", "hs1"]
