import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from cartelera.service.middleware.limits import Limits, TokenBuckets
from cartelera.service.service_settings import ServiceSettings


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_what_is_in_it_and_then_what_comes_back():
    clock = Clock()
    buckets = TokenBuckets(per_second=2, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock.now = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]


def test_only_so_many_callers_are_remembered():
    buckets = TokenBuckets(per_second=1, burst=1, most_callers=2, clock=Clock())
    assert [buckets.take(caller) for caller in "abc"] == [0, 0, 0]
    assert buckets.take("c") == 1
    assert buckets.take("a") == 0, "the one away for longest was forgotten"


@given(
    st.lists(st.floats(0, 5), max_size=60),
    st.floats(0.1, 10),
    st.integers(1, 20),
)
def test_nobody_ever_gets_more_than_burst_and_rate_allow(
    pauses: list[float], per_second: float, burst: int
):
    clock = Clock()
    buckets = TokenBuckets(per_second, burst, clock=clock)
    n_taken = 0
    for pause in pauses:
        clock.now += pause
        n_taken += buckets.take("a") == 0
    assert n_taken <= burst + clock.now * per_second + 1e-6


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def be_slow(request: Request) -> Response:
    await asyncio.sleep(5)
    return PlainTextResponse("late")


async def stream(request: Request) -> Response:
    async def parts() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(0.2)
        yield "b"

    return StreamingResponse(parts())


async def time_out_inside(request: Request) -> Response:
    raise TimeoutError("somebody else's")


SETTINGS = ServiceSettings(max_body_bytes=10, body_timeout_s=0.1, timeout_s=0.1, max_in_progress=2)


def ask(work: Callable[[httpx.AsyncClient], object], settings: ServiceSettings = SETTINGS):
    routes = [
        Route("/echo", echo, methods=["GET", "POST"]),
        Route("/slow", be_slow),
        Route("/stream", stream),
        Route("/inside", time_out_inside),
        Route("/livez", echo),
    ]
    app = Limits(Starlette(routes=routes), settings)

    async def run():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await work(client)

    return asyncio.run(run())


async def parts(*texts: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for text in texts:
        yield text
        await asyncio.sleep(pause)


def test_a_body_within_the_limit_arrives_whole():
    assert ask(lambda client: client.post("/echo", content=b"0123456789")).content == b"0123456789"
    chunked = ask(lambda client: client.post("/echo", content=parts(b"01234", b"56789")))
    assert chunked.content == b"0123456789"


def test_a_long_body_is_refused_whether_its_length_was_told_or_not():
    for content in (b"x" * 11, parts(b"01234", b"56789", b"x")):
        response = ask(lambda client, content=content: client.post("/echo", content=content))
        assert response.status_code == 413
        assert response.json()["error"] == "The body is longer than 10 bytes."


def test_a_slow_body_is_refused():
    slow = parts(b"a", b"b", pause=0.3)
    assert ask(lambda client: client.post("/echo", content=slow)).status_code == 408


def test_a_slow_answer_is_given_up_but_a_stream_may_go_on():
    assert ask(lambda client: client.get("/slow")).status_code == 504
    assert ask(lambda client: client.get("/stream")).text == "ab"


def test_a_timeout_inside_the_application_is_its_own():
    with pytest.raises(TimeoutError, match="somebody"):
        ask(lambda client: client.get("/inside"))


def test_more_in_progress_than_allowed_is_refused_at_once_except_for_health():
    async def crowd(client: httpx.AsyncClient) -> list[int]:
        slow = [asyncio.create_task(client.get("/slow")) for _ in range(3)]
        await asyncio.sleep(0.02)
        health = await client.get("/livez")
        answers = await asyncio.gather(*slow)
        return [health.status_code, *sorted(answer.status_code for answer in answers)]

    assert ask(crowd) == [200, 503, 504, 504]


def test_slow_senders_and_slow_readers_keep_nobody_out():
    one_at_a_time = SETTINGS.model_copy(update={"max_in_progress": 1})

    async def crowd(client: httpx.AsyncClient) -> list[int]:
        slow = [
            asyncio.create_task(client.post("/echo", content=parts(b"a", b"b", pause=0.3))),
            asyncio.create_task(client.get("/stream")),
        ]
        await asyncio.sleep(0.05)
        quick = await client.get("/echo")
        return [quick.status_code, *(answer.status_code for answer in await asyncio.gather(*slow))]

    assert ask(crowd, one_at_a_time) == [200, 408, 200]


def test_a_place_is_free_again_after_its_answer():
    one_at_a_time = SETTINGS.model_copy(update={"max_in_progress": 1})

    async def in_turn(client: httpx.AsyncClient) -> list[int]:
        return [(await client.get(path)).status_code for path in ("/echo", "/slow", "/echo")]

    assert ask(in_turn, one_at_a_time) == [200, 504, 200]
