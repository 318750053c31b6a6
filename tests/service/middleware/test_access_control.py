import asyncio
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import Message, Receive, Scope, Send

from cartelera.service.middleware.access_control import AccessControl
from cartelera.service.middleware.addresses import address_of
from cartelera.service.middleware.keys import Keys
from cartelera.service.middleware.login import COOKIE
from cartelera.service.service_settings import ServiceSettings

KEY = "k" * 32
BEARER = {"Authorization": f"Bearer {KEY}"}
PAGE = {"Accept": "text/html,*/*"}


async def answer(request: Request) -> Response:
    return JSONResponse({"path": request.url.path})


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("this request should not come through")


def client_of(keys: list[str] | None = None, **settings: Any) -> TestClient:
    paths = ("/", "/livez", "/readyz", "/metrics", "/ui/x", "/api/docs", "/predict")
    app = Starlette(
        routes=[Route(path, answer, methods=["DELETE", "GET", "POST"]) for path in paths]
    )
    opened = Keys(keys, 3600) if keys else None
    access = AccessControl(app, ServiceSettings(**settings), opened)
    return TestClient(access, base_url="http://localhost", follow_redirects=False)


@pytest.fixture
def open_client() -> TestClient:
    return client_of()


@pytest.fixture
def client() -> TestClient:
    return client_of([KEY])


def test_without_keys_everything_is_open(open_client: TestClient):
    assert open_client.get("/api/docs").status_code == 200
    assert open_client.post("/predict", json={}).status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_open(client: TestClient, path: str):
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/metrics",
        "/ui/x",
        "/api/docs",
        "/predict",
        "/nowhere",
        "/livez/",
        "/livez/x",
        "//livez",
    ],
)
def test_everything_else_is_closed(client: TestClient, path: str):
    response = client.get(path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json().keys() == {"error", "allowed"}
    assert client.get(path, headers=BEARER).status_code in (200, 307, 404)


def test_nothing_speaks_websocket(open_client: TestClient):
    with (
        pytest.raises(WebSocketDenialResponse) as refusal,
        open_client.websocket_connect("/ui/queue"),
    ):
        pass
    assert refusal.value.status_code == 404
    assert refusal.value.json().keys() == {"error", "allowed"}


def test_a_server_that_cannot_answer_a_websocket_closes_it():
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    access = AccessControl(fail, ServiceSettings(), None)
    asyncio.run(access({"type": "websocket", "path": "/", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("path", ["/", "/predict", "/login", "/nowhere"])
def test_of_whoever_has_no_key_no_body_is_read(path: str):
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        if path == "/login":
            await asyncio.sleep(30)
        raise AssertionError("the body was read")

    headers = [(b"content-length", b"5")]
    scope = {"type": "http", "method": "POST", "scheme": "http", "path": path, "headers": headers}
    access = AccessControl(fail, ServiceSettings(body_timeout_s=0.1), Keys([KEY], 3600))
    asyncio.run(access({**scope, "query_string": b"", "client": None}, receive, send))
    assert sent[0]["status"] == (408 if path == "/login" else 401), "that page waits, but not long"


@pytest.mark.parametrize(
    "headers",
    [BEARER, {"Authorization": f"bearer {KEY}"}, {"X-API-Key": KEY}],
)
def test_a_key_opens_in_either_header(client: TestClient, headers: dict[str, str]):
    assert client.get("/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Authorization": "Bearer"},
        {"X-API-Key": ""},
        {"X-API-Key": KEY[:-1]},
        {"Cookie": f"{COOKIE}={KEY}"},
        {"Cookie": f"{COOKIE}=9999999999.{'0' * 64}"},
    ],
)
def test_anything_else_does_not_open(client: TestClient, headers: dict[str, str]):
    assert client.get("/metrics", headers=headers).status_code == 401


def test_either_of_two_keys_opens_while_one_replaces_the_other():
    client = client_of([KEY, "n" * 32])
    assert client.get("/", headers={"X-API-Key": "n" * 32}).status_code == 200
    assert client.get("/", headers=BEARER).status_code == 200


def test_wrong_keys_are_slowed_down_but_the_right_one_is_not(client: TestClient):
    wrong = [client.get("/", headers={"X-API-Key": f"guess {n}"}) for n in range(8)]
    assert [response.status_code for response in wrong] == [401] * 5 + [429] * 3
    assert int(wrong[-1].headers["retry-after"]) >= 1
    assert client.get("/", headers=BEARER).status_code == 200


def test_a_browser_is_led_to_the_login_and_back(client: TestClient):
    led = client.get("/ui/x?tab=1", headers=PAGE)
    assert (led.status_code, led.headers["location"]) == (303, "../login?next=/ui/x%3Ftab%3D1")
    login = urljoin("/ui/x", led.headers["location"])
    form = client.get(login)
    assert 'type="password"' in form.text
    assert 'action="./login?next=/ui/x%3Ftab%3D1"' in form.text

    back = client.post(login, data={"key": KEY})

    assert (back.status_code, back.headers["location"]) == (303, "./ui/x?tab=1")
    cookie = back.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    assert KEY not in cookie
    assert client.get("/ui/x", headers=PAGE).status_code == 200


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/", "/shows/login"),
        ("/ui", "/shows/login"),
        ("/ui/", "/shows/login"),
        ("/ui/en/x", "/shows/login"),
    ],
)
def test_the_way_to_the_login_and_back_keeps_what_a_proxy_puts_before_it(
    client: TestClient, path: str, leads_to: str
):
    led = urljoin(f"/shows{path}", client.get(path, headers=PAGE).headers["location"])
    assert urlsplit(led).path == leads_to
    back = client.post(led.removeprefix("/shows"), data={"key": KEY})
    assert urljoin(led, back.headers["location"]) == f"/shows{path}"


def test_whoever_logs_out_needs_the_key_again(client: TestClient):
    client.post("/login", data={"key": KEY})
    assert client.get("/logout", headers=PAGE).headers["location"] == "./"
    assert client.get("/ui/x", headers=PAGE).status_code == 200, "a mere link logs nobody out"

    left = client.post("/logout")

    assert (left.status_code, left.headers["location"]) == (303, "./login")
    assert COOKIE not in client.cookies
    assert client.get("/ui/x", headers=PAGE).status_code == 303


def test_another_site_logs_nobody_out(client: TestClient):
    response = client.post("/logout", headers={"Origin": "http://evil.example"})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


def test_behind_tls_the_cookie_insists_on_it():
    client = client_of([KEY], n_proxies=1)
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}
    response = client.post("/login", data={"key": KEY}, headers=headers)
    assert "secure" in response.headers["set-cookie"].lower()


def test_without_a_trusted_proxy_nobody_is_believed_to_be_behind_tls():
    headers = {"X-Forwarded-Proto": "https"}
    response = client_of([KEY]).post("/login", data={"key": KEY}, headers=headers)
    assert "secure" not in response.headers["set-cookie"].lower()


def test_the_login_slows_down_whoever_guesses(client: TestClient):
    statuses = [client.post("/login", data={"key": f"guess {n}"}).status_code for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert client.post("/login", data={"key": KEY}).status_code == 303, "who guesses is another"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "/login",
        "/../x",
    ],
)
def test_the_login_leads_to_no_other_site(client: TestClient, target: str):
    response = client.post("/login", params={"next": target}, data={"key": KEY})
    assert response.headers["location"] == "./"


@pytest.mark.parametrize(
    "form", [b"", b"key", b"&" * 100, b"a=1&" * 50, b"\xff\xfe", b"key=" + b"x" * 4000]
)
def test_a_strange_form_is_no_key(client: TestClient, form: bytes):
    assert client.post("/login", content=form).status_code == 401


def test_the_login_page_cannot_be_made_to_show_markup(client: TestClient):
    page = client.get("/login?next=/%22%3E<script>alert(1)</script>")
    assert "<script" not in page.text


def test_the_login_speaks_spanish_too(client: TestClient):
    assert "clave" in client.get("/login", headers={"Accept-Language": "es-ES,es"}).text
    assert "key" in client.get("/login", headers={"Accept-Language": "fr"}).text


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "CONNECT", "FOO"])
def test_odd_methods_are_refused(open_client: TestClient, method: str):
    response = open_client.request(method, "/")
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]
    assert response.json().keys() == {"error", "allowed"}


@pytest.mark.parametrize("path", ["/predict", "/ui/x", "/", "/livez", "/nowhere"])
@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.bentoml+pickle",
        "Application/VND.bentoml+Pickle; x=y",
        "application/vnd.bentoml+pyarrow",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
    ],
)
def test_no_path_takes_anything_but_json(open_client: TestClient, path: str, media_type: str):
    response = open_client.post(path, content=b"\x80\x04.", headers={"Content-Type": media_type})
    assert response.status_code == 415


@pytest.mark.parametrize("order", [1, -1])
def test_a_second_header_does_not_hide_the_first(open_client: TestClient, order: int):
    kinds = ["application/vnd.bentoml+pickle", "application/json"][::order]
    headers = [("Content-Type", kind) for kind in kinds]
    assert open_client.post("/predict", content=b"\x80\x04.", headers=headers).status_code == 415
    wanted = [("Accept", kind) for kind in kinds]
    assert open_client.get("/predict", headers=wanted).status_code == 406


@pytest.mark.parametrize("path", ["/predict", "/ui/x", "/", "/nowhere"])
def test_no_path_gives_pickles(open_client: TestClient, path: str):
    headers = {"Accept": "application/vnd.bentoml+pickle"}
    assert open_client.get(path, headers=headers).status_code == 406


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/" + "x" * 255, 414),
        ("/" + "%C3%A9" * 128, 414),
        ("/" + "x" * 254, 404),
        ("/?x=" + "x" * 16_384, 414),
        ("/?x=" + "x" * 16_000, 200),
    ],
    ids=["path", "path of accents", "longest path", "query", "long query"],
)
def test_a_long_address_is_refused(open_client: TestClient, path: str, status: int):
    assert open_client.get(path).status_code == status


def test_a_body_with_two_lengths_is_refused_and_the_connection_closed(open_client: TestClient):
    headers = {"Content-Length": "2", "Transfer-Encoding": "chunked"}
    response = open_client.post("/predict", content=b"{}", headers=headers)
    assert response.status_code == 400
    assert response.headers["connection"] == "close"


def test_a_heap_of_headers_is_refused(open_client: TestClient):
    assert open_client.get("/", headers={"X-Long": "x" * 40_000}).status_code == 431
    assert open_client.get("/", headers={f"X-{n}": "" for n in range(120)}).status_code == 431


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:3000", 200),
        ("LocalHost:3000", 200),
        ("127.0.0.1:3000", 200),
        ("[::1]:3000", 200),
        ("films.example:80", 200),
        ("evil.example", 421),
        ("evil.example:3000", 421),
        ("localhost.evil.example", 421),
        ("localhost:3000@evil.example", 421),
        ("192.168.1.5:3000", 421),
        ("", 421),
    ],
)
def test_without_a_key_only_known_names_lead_here(host: str, status: int):
    client = client_of(allowed_hosts=["localhost", "127.0.0.1", "[::1]", "films.example"])
    response = client.get("/api/docs", headers={"Host": host})
    assert response.status_code == status
    assert client.get("/livez", headers={"Host": host}).status_code == 200


def test_a_refused_name_is_told_the_setting(open_client: TestClient):
    problem = open_client.get("/", headers={"Host": "films.example"}).json()
    assert "serve.allowed_hosts" in problem["error"]
    assert problem["allowed"] == ["127.0.0.1", "[::1]", "localhost"]


@pytest.mark.parametrize("settings", [{"keys": [KEY]}, {"allowed_hosts": ["*"]}])
def test_with_a_key_or_by_wish_any_name_leads_here(settings: dict[str, Any]):
    response = client_of(**settings).get("/", headers={"Host": "films.example", **BEARER})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://localhost", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}, 403),
        ({"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site"}, 200),
    ],
)
def test_pages_of_other_sites_cannot_post_nor_delete(headers: dict[str, str], status: int):
    client = client_of(cors_origins=["https://friend.example"])
    for method in ("POST", "DELETE"):
        assert client.request(method, "/predict", headers=headers).status_code == status


def test_one_caller_cannot_ask_without_end_but_another_still_can():
    client = client_of([KEY, "n" * 32], requests_per_s=0.01, burst=3)
    statuses = [client.get("/", headers=BEARER).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert client.get("/", headers={"X-API-Key": "n" * 32}).status_code == 200
    assert client.get("/livez").status_code == 200


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "expected"),
    [
        (0, [], "10.0.0.1"),
        (0, ["1.1.1.1"], "10.0.0.1"),
        (1, ["6.6.6.6, 1.1.1.1"], "1.1.1.1"),
        (1, ["6.6.6.6", "1.1.1.1"], "1.1.1.1"),
        (2, ["6.6.6.6, 1.1.1.1, 10.9.9.9"], "1.1.1.1"),
        (2, ["1.1.1.1"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, [" "], "10.0.0.1"),
        (1, ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        (1, ["x" * 1000], "x" * 64),
        (1, ["a:b:c"], "a:b:c"),
        (1, ["a:" * 500], "a:" * 32),
    ],
)
def test_the_address_is_what_trusted_proxies_say(
    n_proxies: int, forwarded: list[str], expected: str
):
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    scope = {"client": ("10.0.0.1", 5), "headers": headers}
    assert address_of(scope, n_proxies) == expected


def test_a_caller_cannot_get_more_by_naming_another_address():
    client = client_of(requests_per_s=0.01, burst=1)
    headers = [{"X-Forwarded-For": f"1.1.1.{n}"} for n in range(3)]
    assert [client.get("/", headers=each).status_code for each in headers] == [200, 429, 429]
