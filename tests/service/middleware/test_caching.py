from typing import Any

import pytest
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from cartelera.service.middleware.caching import AnswerCache


class Shop:
    """Counts how often it is asked, and can get new wares."""

    def __init__(self) -> None:
        self.wares: object = object()
        self.asked: list[str] = []

    async def answer(self, request: Request) -> Response:
        self.asked.append(str(request.url.query))
        status = int(request.query_params.get("status", 200))
        x = request.query_params.get("x")
        return JSONResponse({"found": x != "none", "n": len(self.asked), "x": x}, status)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> TestClient:
    routes = [Route(path, shop.answer, methods=["GET", "POST"]) for path in ("/kept", "/other")]
    return TestClient(AnswerCache(Starlette(routes=routes), {"/kept": "Kind"}, lambda: shop.wares))


def test_the_same_question_is_answered_from_memory(client: TestClient, shop: Shop):
    first, second = client.get("/kept?x=1"), client.get("/kept?x=1")
    assert (first.json(), first.headers) == (second.json(), second.headers)
    assert len(shop.asked) == 1


def test_another_question_is_not(client: TestClient, shop: Shop):
    assert [client.get(f"/kept?x={x}").json()["x"] for x in (1, 2, 1)] == ["1", "2", "1"]
    assert len(shop.asked) == 2


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/other?x=1"),
        lambda client: client.post("/kept?x=1"),
        lambda client: client.get("/kept?status=422"),
        lambda client: client.get(f"/kept?x={'1' * 300}"),
    ],
)
def test_what_may_change_or_is_an_error_is_asked_again(client: TestClient, shop: Shop, ask: Any):
    ask(client)
    ask(client)
    assert len(shop.asked) == 2


def test_a_new_source_is_asked_anew(client: TestClient, shop: Shop):
    client.get("/kept?x=1")
    shop.wares = object()
    assert client.get("/kept?x=1").json()["n"] == 2


def test_only_so_much_is_remembered(client: TestClient, shop: Shop, monkeypatch: Any):
    monkeypatch.setattr("cartelera.service.middleware.caching._MOST_ANSWERS", 2)
    for x in (1, 2, 3, 3, 1):
        client.get(f"/kept?x={x}")
    assert [query[-1] for query in shop.asked] == ["1", "2", "3", "1"]


def test_what_layers_outside_add_for_one_caller_is_not_remembered(shop: Shop):
    kept = AnswerCache(
        Starlette(routes=[Route("/kept", shop.answer)]), {"/kept": "Kind"}, lambda: shop.wares
    )
    client = TestClient(CORSMiddleware(kept, allow_origins=["https://friend.example"]))
    for _ in range(3):
        friend = client.get("/kept", headers={"Origin": "https://friend.example"})
        assert friend.headers["vary"] == "Origin"
    assert len(shop.asked) == 1
    assert "access-control-allow-origin" not in client.get("/kept").headers
    foreign = client.get("/kept", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


def test_empty_answers_from_memory_are_counted(client: TestClient):
    labels = {"answer": "Kind"}
    before = REGISTRY.get_sample_value("cartelera_empty_answers_total", labels) or 0
    for x in ("none", "none", "some", "some"):
        client.get(f"/kept?x={x}")
    after = REGISTRY.get_sample_value("cartelera_empty_answers_total", labels)
    assert after == before + 1, "the first one was counted where it was made"
