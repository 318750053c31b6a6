import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from cartelera.service.middleware.request_validation import QUESTION, RequestValidation
from cartelera.service.operations.catalogue import ScoreCountQuestion


async def echo(request: Request) -> Response:
    if request.url.path == "/ask" and request.headers["content-type"] != "application/json":
        return JSONResponse("not understood", 400)  # as BentoML does
    return JSONResponse(json.loads(await request.body() or b"{}"))


@pytest.fixture
def client() -> TestClient:
    routes = [Route(path, echo, methods=["POST"]) for path in ("/ask", "/other")]
    return TestClient(RequestValidation(Starlette(routes=routes), {"/ask": ScoreCountQuestion}))


def test_a_good_body_arrives_intact(client: TestClient):
    response = client.post("/ask", content=b'{"scored": 3.5}')
    assert response.json() == {"scored": 3.5}


def test_what_a_body_was_read_as_comes_with_it():
    seen: list[Any] = []

    async def keep(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope[QUESTION])
        await JSONResponse({})(scope, receive, send)

    TestClient(RequestValidation(keep, {"/ask": ScoreCountQuestion})).post(
        "/ask", json={"scored": 3, "year": ""}
    )
    assert seen == [ScoreCountQuestion(scored=3)]


def test_curl_without_a_content_type_header_of_its_own_is_understood(client: TestClient):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/ask", content=b'{"scored": 1}', headers=headers).json() == {"scored": 1}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{}", 422, "`scored` is required."),
        (b"", 422, "`scored` is required."),
        (b'{"scored": null}', 422, "`scored` is required."),
        (b'{"scored": NaN}', 422, "`scored` should be a finite number."),
        (b'{"scored": 1e999}', 422, "`scored` should be a finite number."),
        (b'{"scored": true}', 422, "`scored` should be a number, not true or false."),
        (b'{"scored": "three"}', 422, "`scored` should be a valid number"),
        (b'{"scored": 3, "year": 1' + b"0" * 30 + b"}", 422, "`year` should be less"),
        (b'{"scored": 3, "platform": "' + b"x" * 1000 + b'"}', 422, "`platform` should have"),
        (b'{"scored"', 400, "JSON object"),
        (b"[]", 400, "JSON object"),
        (b"\xff\xfe", 400, "JSON object"),
        (b"[" * 5000, 400, "JSON object"),
        (b'{"scored": ' + b"9" * 5000 + b"}", (400, 422), ""),
    ],
)
def test_a_bad_body_is_refused_in_a_sentence(
    client: TestClient, body: bytes, status: int | tuple[int, ...], said: str
):
    response = client.post("/ask", content=body)
    assert response.status_code in (status if isinstance(status, tuple) else (status,))
    assert response.json().keys() == {"error", "allowed"}
    assert said in response.json()["error"]


def test_a_misspelt_parameter_is_refused_with_the_known_ones(client: TestClient):
    response = client.post("/ask", json={"scored": 3, "plattform": "hulu"})
    assert response.status_code == 422
    assert "plattform" in response.json()["error"]
    assert response.json()["allowed"] == ["platform", "scored", "type", "year"]


def test_other_paths_are_not_its_business(client: TestClient):
    assert client.post("/other", json={"anything": 1}).json() == {"anything": 1}
