import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope

from cartelera.service.middleware import bodies
from cartelera.service.middleware.bodies import Bodies
from cartelera.service.problems import Refused
from cartelera.service.service_settings import ServiceSettings

SETTINGS = ServiceSettings(max_body_bytes=10, body_timeout_s=0.1)


def request(address: str = "1.1.1.1", **headers: str) -> Scope:
    given = headers or {"transfer-encoding": "chunked"}
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
    return {"type": "http", "client": (address, 1), "headers": pairs}


def sender(*parts: bytes, then: Message | None = None) -> Receive:
    """Send parts; after them a message, or nothing any more."""
    waiting: list[Message] = [
        {"type": "http.request", "body": part, "more_body": True} for part in parts
    ]
    if then is not None:
        waiting.append(then)

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(30)
        raise AssertionError("nobody waits for so long")

    return receive


END: Message = {"type": "http.request", "body": b"", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


async def outcome(reading: Coroutine[Any, Any, Receive]) -> object:
    """Give the body, or the status of the refusal."""
    try:
        message = await (await reading)()
    except Refused as refused:
        return refused.status
    return message.get("body", message["type"])


def read(scope: Scope, receive: Receive) -> object:
    return asyncio.run(outcome(Bodies(SETTINGS).read(scope, receive)))


def test_a_body_in_parts_becomes_one():
    assert read(request(), sender(b"0123", b"456789", then=END)) == b"0123456789"


def test_without_a_body_nothing_is_waited_for():
    receive = sender()
    assert asyncio.run(Bodies(SETTINGS).read(request(host="x"), receive)) is receive
    assert asyncio.run(Bodies(SETTINGS).read(request(content_length="0"), receive)) is receive


def test_a_long_body_is_refused_before_it_comes_or_while_it_does():
    assert read(request(content_length="11"), sender()) == 413
    assert read(request(), sender(b"0123456789", b"0")) == 413


def test_a_slow_body_is_refused():
    assert read(request(), sender(b"0")) == 408


def test_a_sender_who_is_gone_is_no_refusal():
    receive = sender(b"0", then=GONE)
    assert asyncio.run(Bodies(SETTINGS).read(request(), receive)) is receive


def outcomes(addresses: Iterable[str], reader: Bodies, *parts: bytes) -> list[object]:
    """Read slow bodies of several callers at once."""

    async def together() -> list[object]:
        readings = [outcome(reader.read(request(each), sender(*parts))) for each in addresses]
        return await asyncio.gather(*readings)

    return asyncio.run(together())


def test_one_caller_s_slow_bodies_are_no_other_s_trouble():
    reader = Bodies(SETTINGS)
    crowd = ["6.6.6.6"] * (bodies.MOST_OF_ONE_CALLER + 2)
    found = outcomes([*crowd, "1.1.1.1"], reader, b"0")
    assert found == [408] * bodies.MOST_OF_ONE_CALLER + [429] * 2 + [408]
    assert outcomes(["6.6.6.6"], reader, b"0") == [408], "they are over"


def test_bodies_on_their_way_take_so_much_memory_and_no_more(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bodies, "MOST_BYTES", 20)
    reader = Bodies(SETTINGS)
    addresses = [f"1.1.1.{n}" for n in range(4)]
    assert outcomes(addresses, reader, b"01234567") == [408, 408, 503, 503]
    assert outcomes(addresses[:2], reader, b"01234567") == [408, 408]
