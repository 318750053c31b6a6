"""The service as its users meet it: a real server over a built Bento, asked over HTTP."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]


def ask_both_ways(client: httpx.Client, endpoint: str, question: dict[str, Any]) -> Any:
    """Ask by GET and by native POST; fail unless both answer the same."""
    given = {name: value for name, value in question.items() if value is not None}
    got = client.get(f"/api/{endpoint}", params=given)
    posted = client.post(f"/{endpoint}", json=question)
    assert got.status_code == 200, got.text
    assert posted.json() == got.json()
    return got.json()


@pytest.mark.parametrize(
    ("endpoint", "question", "expected"),
    [
        ("get_max_duration", {"year": 2018, "platform": "netflix"}, {"duration_int": 100}),
        ("get_max_duration", {"duration_type": "season", "type": None}, {"duration_int": 3}),
        ("get_score_count", {"scored": 3.5}, {"count": 1}),
        ("get_count_platform", {"platform": "netflix"}, {"by_type": {"movie": 1, "tv show": 1}}),
        ("get_actor", {}, {"actors": ["ann lee", "bo day"], "appearances": 2}),
        ("get_actor", {"year": 1900}, {"found": False, "actors": []}),
        ("predict", {"user_id": 2, "title_id": "ns2"}, {"score": 4.0, "origin": "model"}),
        ("predict", {"user_id": 9, "title_id": "as1"}, {"score": 3.75, "origin": "fallback"}),
    ],
)
def test_every_endpoint_answers_the_same_by_get_and_by_post(
    client: httpx.Client, endpoint: str, question: dict[str, Any], expected: dict[str, Any]
):
    answer = ask_both_ways(client, endpoint, question)
    assert {name: answer[name] for name in expected} == expected


def test_curl_without_a_content_type_of_its_own_is_understood(client: httpx.Client):
    question = '{"user_id": 2, "title_id": "ns2"}'
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/predict", content=question, headers=form).json()["score"] == 4.0


@pytest.mark.parametrize("path", ["/api/get_actor", "/api/openapi.json", "/ui/en/", "/readyz"])
def test_whoever_asks_for_the_head_gets_it(client: httpx.Client, path: str):
    head = client.head(path)
    assert (head.status_code, head.content) == (200, b"")


def test_a_slash_too_many_leads_to_the_right_address_whatever_the_server_is_called(
    client: httpx.Client,
):
    led = client.get("/api/titles/?k=1", headers={"Host": "localhost"})
    assert (led.status_code, led.headers["location"]) == (307, "../../api/titles?k=1")


def test_recommendations_leave_out_what_the_user_has_rated(client: httpx.Client):
    answer = ask_both_ways(client, "recommend", {"user_id": 1, "k": 2})
    assert [line["title"]["title_id"] for line in answer["titles"]] == ["ns2", "as1"]
    narrowed = {"user_id": 9, "platforms": ["hulu", "amazon"], "type": "movie"}
    answer = ask_both_ways(client, "recommend", narrowed)
    assert [line["title"]["title_id"] for line in answer["titles"]] == ["as1", "hs1"]
    assert answer["origin"] == "popularity"


def test_filters_and_reasons_are_the_same_by_get_and_by_post(client: httpx.Client):
    question = {"user_id": 1, "k": 3, "max_minutes": 95, "certificates": ["g"], "seen": True}
    answer = ask_both_ways(client, "recommend", question)
    assert [line["title"]["title_id"] for line in answer["titles"]] == ["as1", "hs1"]
    assert answer["filters"]["max_minutes"] == 95
    assert answer["titles"][0]["because"][0]["title"]["title_id"] == "ns1"


def test_the_model_says_which_it_is(client: httpx.Client):
    model = client.get("/api/model").json()
    assert (model["name"], model["version"]) == ("tiny", "7")
    assert model["card"]["verdict"] == "made up"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_operators_find_the_usual_endpoints(client: httpx.Client, path: str):
    assert client.get(path).status_code == 200


def test_metrics_count_the_requests(client: httpx.Client):
    client.get("/api/get_actor")
    assert re.search(
        r'cartelera_requests_total\{.*route="/api/get_actor".*\} \d', client.get("/metrics").text
    )


def test_the_pages_load_their_parts_from_this_server_only(client: httpx.Client):
    for path in ("/ui/en/", "/api/docs"):
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200
        assert not re.search(r"(src|href|url)\W+(https?:)?//", page.text)
        for part in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
            assert client.get(part).status_code == 200, part


def test_bentoml_clients_can_read_the_schema(client: httpx.Client):
    routes = {route["name"] for route in client.get("/schema.json").json()["routes"]}
    assert routes >= {"get_max_duration", "get_score_count", "get_count_platform", "get_actor"}
    assert routes >= {"predict", "predict_batch", "recommend", "recommend_new", "to_rate", "rate"}


def test_the_server_ends_when_it_is_told_to(tiny_bento: Path, start: Callable[[Path], Any]):
    server = start(tiny_bento)
    server.wait_until_ready()
    assert server.stop() == 0, server.log


@pytest.mark.parametrize("name", ["bundle/titles.parquet", "bundle/manifest.json"])
def test_a_damaged_bento_does_not_start_and_says_why(
    tiny_bento: Path, start: Callable[[Path], Any], tmp_path: Path, name: str
):
    damaged = tmp_path / "bento"
    shutil.copytree(tiny_bento, damaged)
    (damaged / "src" / name).unlink()
    server = start(damaged)
    assert server.process.wait(120) != 0
    assert name in server.log
    assert "dvc repro" in server.log
    assert "Traceback" not in server.log


def essence(endpoint: str, answer: dict[str, Any]) -> dict[str, Any] | None:
    """Put an answer in the form of the known ones."""
    if endpoint in ("get_score_count", "get_count_platform"):
        return answer["by_type"] | {"all": sum(answer["by_type"].values())}
    if not answer["found"]:
        return None
    if endpoint == "get_actor":
        return {
            "appearances": answer["appearances"],
            "ties": answer["ties"],
            "first_actor": answer["actors"][0],
            "actors": answer["actors"],
        }
    return {
        "duration_int": answer["duration_int"],
        "ties": answer["ties"],
        "ids": sorted(title["id"] for title in answer["titles"]),
        "first_title": answer["titles"][0]["title"],
    }


def test_the_real_catalogues_give_the_answers_worked_out_independently(real_client: httpx.Client):
    path = Path(os.environ["CARTELERA_REAL_DATA"]).parent / "known_answers.json"
    known = json.loads(path.read_text())
    del known["about"]
    wrong = []
    for endpoint, cases in known.items():
        for case in cases:
            found = essence(endpoint, ask_both_ways(real_client, endpoint, case["args"]))
            expected = case["answer"]
            if expected and "ids" in expected:
                expected = expected | {"ids": sorted(expected["ids"])}
            if found and expected:
                found = {name: found[name] for name in expected}
            if found != expected:
                wrong.append((endpoint, case["args"], found, expected))
    assert not wrong


def test_real_users_get_full_lists_best_first(real_client: httpx.Client):
    question = {"user_id": 1, "k": 100, "diversity": 0}
    answer = ask_both_ways(real_client, "recommend", question)
    assert len(answer["titles"]) == 100
    assert len({line["title"]["work_id"] for line in answer["titles"]}) == 100
    scores = [line["score"] for line in answer["titles"]]
    assert scores == sorted(scores, reverse=True)
