import json

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from cartelera.service.page.gradio_adapter import CheckedCalls


async def echo(request: Request) -> Response:
    return JSONResponse(await request.json())


@pytest.fixture
def client() -> TestClient:
    return TestClient(CheckedCalls(Starlette(routes=[Route("/", echo, methods=["POST"])]), {0: 1}))


def test_a_call_of_the_page_arrives_as_it_was_sent(client: TestClient):
    call = {"fn_index": 0, "data": ["caf\u00e9 \U0001f3ac"], "event_data": {"index": 1}}
    assert client.post("/", json=call).json() == call


@pytest.mark.parametrize("event", [{}, {"event_data": None}, {"event_data": "x"}])
def test_a_call_without_its_event_has_an_empty_one(client: TestClient, event: dict[str, object]):
    call = {"fn_index": 0, "data": ["x"]}
    assert client.post("/", json={**call, **event}).json() == {**call, "event_data": {}}


@pytest.mark.parametrize(
    "call",
    [
        {"fn_index": 0, "data": ["\ud800"]},
        {"fn_index": 0, "data": ["x"], "session_hash": "\udfff"},
        {"fn_index": 0, "data": []},
        {"fn_index": 1, "data": ["x"]},
        {"fn_index": True, "data": ["x"]},
        {"fn_index": 0, "data": "x"},
        [],
    ],
)
def test_what_the_page_never_sends_is_refused(client: TestClient, call: object):
    response = client.post("/", content=json.dumps(call))
    assert response.status_code == 422
    assert response.json().keys() == {"error", "allowed"}


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 20_000, b"\xff\xfe", b"9" * 5000])
def test_what_is_no_json_is_refused(client: TestClient, body: bytes):
    assert client.post("/", content=body).status_code == 422
