import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from cartelera.service.middleware.observation import Observer
from cartelera.service.middleware.request_log import JsonLines
from cartelera.service.problems import Refused
from cartelera.service.service_settings import ServiceSettings

SECRET = "/srv/secret/path.py"


async def fail(request: Request) -> Response:
    raise ValueError(f"broken at {SECRET}")


async def refuse(request: Request) -> Response:
    return Refused(422, "`year` is wrong.", ["a year"], {"Retry-After": "3"}).response()


async def say_too_much(request: Request) -> Response:
    status = int(request.query_params.get("status", 500))
    return JSONResponse({"error": f"Traceback in {SECRET}"}, status)


async def refuse_in_another_shape(request: Request) -> Response:
    return JSONResponse({"detail": f"no such thing, says {SECRET}"}, 404)


async def page(request: Request) -> Response:
    return HTMLResponse("<p>hello", headers={"Server": "Leaky/1.2.3"})


async def page_with_own_policy(request: Request) -> Response:
    return HTMLResponse("<p>hello", headers={"Content-Security-Policy": "default-src data:"})


async def break_off(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError(f"broken at {SECRET}")


api = FastAPI()


@api.get("/titles/{title_id}")
def title(title_id: str) -> dict[str, str]:
    return {"id": title_id}


@pytest.fixture
def app(tmp_path: Any) -> Starlette:
    (tmp_path / "style.css").write_text("p {}")
    return Starlette(
        routes=[
            Route("/page", page),
            Route("/livez", page),
            Route("/own", page_with_own_policy),
            Route("/fail", fail),
            Route("/refuse", refuse),
            Route("/other", refuse_in_another_shape),
            Route("/ui/other", refuse_in_another_shape),
            Route("/ui/fail", fail),
            Route("/too_much", say_too_much),
            Mount("/break_off", break_off),
            Mount("/static", StaticFiles(directory=tmp_path)),
            Mount("/api", api),
        ]
    )


@pytest.fixture
def client(app: Starlette) -> TestClient:
    return TestClient(Observer(app, ServiceSettings(), ["/page"]), raise_server_exceptions=False)


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged, as the service writes it."""
    found: list[dict[str, Any]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(json.loads(self.format(record)))

    handler = Handler()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("cartelera")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield found
    logger.removeHandler(handler)
    logger.setLevel(level)


def counted(**labels: str) -> float:
    return REGISTRY.get_sample_value("cartelera_requests_total", labels) or 0.0


def test_every_answer_tells_the_browser_what_not_to_do(client: TestClient):
    for path in ("/page", "/api/titles/ns1", "/refuse", "/nowhere", "/fail"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert "server" not in headers


def test_what_never_changes_may_be_kept_for_a_while(client: TestClient):
    headers = client.get("/static/style.css").headers
    assert headers["cache-control"] == "private, max-age=3600"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_page_may_run_its_own_scripts_and_data_none(client: TestClient):
    assert "script-src 'self'" in client.get("/page").headers["content-security-policy"]
    data = client.get("/api/titles/ns1").headers["content-security-policy"]
    assert data == "default-src 'none'; frame-ancestors 'none'"


def test_a_policy_of_a_page_s_own_stays(client: TestClient):
    assert client.get("/own").headers.get_list("content-security-policy") == ["default-src data:"]


@pytest.mark.parametrize("path", ["/fail", "/ui/fail", "/too_much", "/too_much?status=503"])
def test_a_failure_says_nothing_about_the_inside(client: TestClient, path: str):
    response = client.get(path)
    assert response.status_code in (500, 503)
    assert response.json().keys() == {"error", "allowed"}
    assert "Traceback" not in response.text
    assert SECRET not in response.text


def test_the_log_has_what_the_answer_leaves_out(client: TestClient, lines: list[dict[str, Any]]):
    request_id = client.get("/fail").headers["x-request-id"]
    failure = next(line for line in lines if "trace" in line)
    assert request_id in failure["message"]
    assert SECRET in failure["trace"]


def test_a_refusal_in_the_one_shape_passes_with_its_headers(client: TestClient):
    response = client.get("/refuse")
    assert response.json() == {"error": "`year` is wrong.", "allowed": ["a year"]}
    assert response.headers["retry-after"] == "3"


@pytest.mark.parametrize("path", ["/other", "/nowhere", "/api/nowhere", "/static/nowhere"])
def test_a_refusal_in_another_shape_is_put_into_it(client: TestClient, path: str):
    response = client.get(path)
    assert response.status_code == 404
    assert response.json().keys() == {"error", "allowed"}
    assert SECRET not in response.text


def test_a_wrong_method_keeps_the_list_of_right_ones(client: TestClient):
    response = client.post("/page")
    assert response.status_code == 405
    assert response.json().keys() == {"error", "allowed"}
    assert "GET" in response.headers["allow"]


def test_a_wrong_method_lists_the_right_ones_in_the_answer_too(client: TestClient):
    assert client.post("/page").json()["allowed"] == ["GET", "HEAD"]
    assert client.post("/api/titles/ns1").json()["allowed"] == ["GET"]


@pytest.mark.parametrize("path", ["/page", "/api/titles/ns1", "/nowhere"])
def test_the_head_of_an_answer_is_that_of_the_answer(
    client: TestClient, lines: list[dict[str, Any]], path: str
):
    whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert (lines[-1]["method"], lines[-1]["route"]) == ("HEAD", lines[-2]["route"])


@pytest.mark.parametrize(
    ("path", "given", "sent"),
    [
        ("/", "http://evil.example/page?a=b", "./page?a=b"),
        ("/a/b/", "http://evil.example/a/b", "../../a/b"),
        ("/a", "https://evil.example:8080", "./"),
        ("/a", "http://evil.example//other.example/", "./other.example/"),
        ("/", "ui/", "ui/"),
        ("/", "./login?next=http://x/", "./login?next=http://x/"),
    ],
)
def test_a_redirect_leads_to_no_host_whatever_a_proxy_calls_this_one(
    path: str, given: str, sent: str
):
    async def lead(request: Request) -> Response:
        return RedirectResponse(given)

    client = TestClient(Observer(Starlette(routes=[Route(path, lead)]), ServiceSettings()))
    assert client.get(path, follow_redirects=False).headers["location"] == sent


def test_the_page_s_own_framework_reads_its_own_refusals(client: TestClient):
    assert client.get("/ui/other").json().keys() == {"detail"}


def test_an_answer_broken_off_in_the_middle_ends(client: TestClient):
    response = client.get("/break_off")
    assert (response.status_code, response.text) == (200, "half")


def test_requests_are_counted_by_the_route_as_the_code_writes_it(client: TestClient):
    labels = {"method": "GET", "route": "/api/titles/{title_id}", "status": "200"}
    before = counted(**labels)
    client.get("/api/titles/ns1")
    client.get("/api/titles/private-search?words=divorce")
    assert counted(**labels) == before + 2


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/page", "/page"),
        ("/refuse", "/refuse"),
        ("/static/style.css", "/static"),
        ("/static/what/ever", "/static"),
        ("/ui/other", "/ui"),
        ("/ui/a/b/c", "/ui"),
        ("/what/ever", "other"),
        ("/api/what/ever", "/api"),
    ],
)
def test_no_path_becomes_a_label(
    client: TestClient, lines: list[dict[str, Any]], path: str, route: str
):
    client.get(path)
    assert lines[-1]["route"] == route


def test_an_odd_method_becomes_no_label(client: TestClient, lines: list[dict[str, Any]]):
    client.request("BREW", "/page")
    assert lines[-1]["method"] == "other"


def test_a_line_of_the_log_has_nothing_of_what_was_asked(
    client: TestClient, lines: list[dict[str, Any]]
):
    client.get("/api/titles/ns1?words=divorce", headers={"X-Secret": "divorce"})
    line = lines[-1]
    assert line.keys() == {"time", "level", "request_id", "method", "route", "status", "ms"}
    assert (line["status"], line["method"]) == (200, "GET")
    assert line["ms"] >= 0
    assert "divorce" not in json.dumps(line)
    assert "ns1" not in json.dumps(line)


def test_probes_that_find_all_well_fill_no_log(client: TestClient, lines: list[dict[str, Any]]):
    client.get("/livez")
    assert lines == []


def test_the_log_can_be_switched_off(app: Starlette, lines: list[dict[str, Any]]):
    client = TestClient(Observer(app, ServiceSettings(request_log=False)))
    client.get("/page")
    assert lines == []


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [("abc-123", True), ("x" * 64, True), ("x" * 65, False), ('"}{', False), ("", False)],
)
def test_a_plain_request_id_is_taken_over(client: TestClient, given: str, is_taken: bool):
    found = client.get("/page", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert (found == given) == is_taken
    assert found


def test_it_takes_the_place_of_the_layers_around_it():
    events: list[str] = []

    class Outer:
        def __init__(self, app: Any):
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            events.append(scope["type"])
            await self.app(scope, receive, send)

    app = Starlette(routes=[Route("/page", page)])
    app.add_middleware(Observer, settings=ServiceSettings())
    app.add_middleware(Outer)
    with TestClient(app) as client:
        assert client.get("/page").status_code == 200
    assert "http" not in events
    assert "lifespan" in events


async def wait(scope: Scope, receive: Receive, send: Send) -> None:
    """A request that goes on until somebody ends it; a stream says so first."""
    if scope["path"] == "/stream":
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"data", "more_body": True})
    await asyncio.sleep(30)


async def ask_and_stop(path: str, timeout_s: float) -> tuple[list[Message], float]:
    observer = Observer(wait, ServiceSettings(stop_timeout_s=timeout_s))
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    task = asyncio.create_task(observer(scope, receive, send))
    await asyncio.sleep(0.01)
    began = asyncio.get_running_loop().time()
    observer.stop.begin()
    await asyncio.wait_for(task, 5)
    return sent, asyncio.get_running_loop().time() - began


def test_a_stop_ends_streams_at_once():
    sent, seconds = asyncio.run(ask_and_stop("/stream", timeout_s=3))
    assert sent[-1] == {"type": "http.response.body", "body": b""}
    assert seconds < 2


def test_after_a_stop_no_connection_is_used_again(app: Starlette):
    observer = Observer(app, ServiceSettings())
    before, after = TestClient(observer), TestClient(observer)
    assert "connection" not in before.get("/page").headers
    observer.stop.is_stopping = True
    assert after.get("/page").headers["connection"] == "close"
    assert after.get("/nowhere").headers["connection"] == "close"


def test_a_stop_gives_requests_their_time_and_no_more():
    sent, seconds = asyncio.run(ask_and_stop("/slow", timeout_s=0.2))
    assert sent[0]["status"] == 503
    assert 0.15 < seconds < 3


def test_a_request_that_is_cancelled_by_others_is_cancelled():
    async def cancel() -> None:
        observer = Observer(wait, ServiceSettings())
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}

        async def nothing(*_: Any) -> Message:
            return {"type": "http.request"}

        task = asyncio.create_task(observer(scope, nothing, nothing))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancel())
