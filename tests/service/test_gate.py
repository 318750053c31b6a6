import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from cartelera.service.gate import MAX_BODY_BYTES, Gate
from cartelera.service.questions import ScoreCountQuestion


async def echo(request: Request) -> Response:
    return JSONResponse(json.loads(await request.body() or b"{}"))


async def fail(request: Request) -> Response:
    return PlainTextResponse("Internal Server Error", 500)


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/ask", echo, methods=["POST"]), Route("/fail", fail)]
    return TestClient(Gate(Starlette(routes=routes), {"/ask": ScoreCountQuestion}))


def test_a_good_body_arrives_intact(client: TestClient):
    response = client.post("/ask", content=b'{"scored": 3.5}')
    assert response.json() == {"scored": 3.5}


def test_curl_without_a_content_type_header_of_its_own_is_understood(client: TestClient):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/ask", content=b'{"scored": 1}', headers=headers).status_code == 200


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
        (b"x" * (MAX_BODY_BYTES + 1), 413, "longer than"),
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


@pytest.mark.parametrize("media_type", ["application/vnd.bentoml+pickle", "multipart/form-data"])
def test_a_body_that_is_not_json_is_refused(client: TestClient, media_type: str):
    response = client.post("/ask", content=b"x", headers={"content-type": media_type})
    assert response.status_code == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/ask", 405), ("POST", "/fail", 405), ("GET", "/fail", 500)],
)
def test_text_errors_become_json(client: TestClient, method: str, path: str, status: int):
    response = client.request(method, path)
    assert response.status_code == status
    content: dict[str, Any] = response.json()
    assert content.keys() == {"error", "allowed"}
    assert content["error"].endswith(".")
