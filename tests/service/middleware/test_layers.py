import asyncio
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from cartelera.service.middleware.layers import layers
from cartelera.service.operations.recommendations import PredictQuestion
from cartelera.service.service_settings import ServiceSettings

HOST = [(b"host", b"localhost")]


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


def ask(keys: list[str], **request: Any) -> tuple[int, bool]:
    """Ask an application with all layers around it; give the status, and if a body was read."""
    app: Any = answer
    found = layers(ServiceSettings(), keys, {"/predict": PredictQuestion}, {}, object)
    for layer, options in reversed(found):
        app = layer(app, **options)
    sent: list[Message] = []
    was_read = False

    async def receive() -> Message:
        nonlocal was_read
        was_read = True
        return {"type": "http.request", "body": b'{"user_id": 1, "title_id": "ns1"}'}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/predict",
        "query_string": b"",
        "headers": [*HOST, (b"content-length", b"33"), (b"content-type", b"application/json")],
        "client": ("1.1.1.1", 5),
    }
    asyncio.run(app({**scope, **request}, receive, send))
    return sent[0]["status"], was_read


@pytest.mark.parametrize(
    ("keys", "request_", "expected"),
    [
        ([], {}, (200, True)),
        (["k" * 16], {}, (401, False)),
        ([], {"method": "PUT"}, (405, False)),
        ([], {"headers": [*HOST, (b"content-length", b"9999999")]}, (413, False)),
    ],
    ids=["fine", "without the key", "another method", "too long"],
)
def test_a_body_is_read_for_who_may_send_it(
    keys: list[str], request_: dict[str, Any], expected: tuple[int, bool]
):
    assert ask(keys, **request_) == expected


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_pages_of_named_origins_may_ask_by_every_method_there_is(method: str):
    app: Any = answer
    settings = ServiceSettings(cors_origins=["https://friend.example"])
    for layer, options in reversed(layers(settings, [], {}, {}, object)):
        app = layer(app, **options)
    headers = {
        "Origin": "https://friend.example",
        "Access-Control-Request-Method": method,
    }
    response = TestClient(app).options("/api/users/1/ratings", headers=headers)
    assert response.status_code == 200
    assert method in response.headers["access-control-allow-methods"]
