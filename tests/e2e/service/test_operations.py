"""The service as its operators meet it: keys, limits, metrics, log, reload and stop."""

import contextlib
import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from cartelera import files
from cartelera.service import service_settings
from cartelera.service.middleware import keys

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("server")]

KEY = "e2e-key-" + "7" * 24
BEARER = {"Authorization": f"Bearer {KEY}"}
SETTINGS = {"workers": 2, "body_timeout_s": 1.0, "requests_per_s": 0}
PRIVATE = "very-private-words"
OPEN = f"Host: localhost\r\nX-API-Key: {KEY}\r\n".encode()
WEBSOCKET = (
    b"Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture(scope="module")
def guarded(
    tiny_bento: Path, start_with: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """Two workers behind a key."""
    variables = {keys.VARIABLE: KEY, service_settings.VARIABLE: json.dumps(SETTINGS)}
    server = start_with(tiny_bento, tmp_path_factory.mktemp("guarded"), variables)
    server.wait_until_ready()
    yield server
    server.kill()


def exchange(url: str, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send raw bytes, with pauses, and give what comes back until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause_s)
            while piece := connection.recv(65536):
                received += piece
        except ConnectionError:
            return received
    return received


def test_health_is_open_and_all_else_is_closed(guarded: Any):
    for path in ("/livez", "/readyz"):
        assert httpx.get(guarded.url + path).status_code == 200
    closed = ("/", "/metrics", "/api/get_actor", "/api/docs", "/api/openapi.json", "/ui", "/ui/")
    native = (
        "/schema.json",
        "/docs.json",
        "/static_content/swagger-ui.css",
        "/healthz",
        "/nowhere",
    )
    for path in (*closed, *native):
        response = httpx.get(guarded.url + path)
        assert response.status_code == 401, path
        assert response.json().keys() == {"error", "allowed"}
    assert httpx.post(f"{guarded.url}/get_actor", json={}).status_code == 401
    assert httpx.get(f"{guarded.url}/api/get_actor", headers=BEARER).status_code == 200
    assert httpx.post(f"{guarded.url}/get_actor", json={}, headers=BEARER).status_code == 200


def test_a_browser_logs_in_once(guarded: Any):
    with httpx.Client(base_url=guarded.url, headers={"Accept": "text/html"}) as browser:
        led = browser.get("/api/docs")
        assert led.status_code == 303
        back = browser.post(led.url.join(led.headers["location"]), data={"key": KEY})
        assert back.url.join(back.headers["location"]).path == "/api/docs"
        for _ in range(8):  # either worker knows the session
            assert browser.get("/api/docs").status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/rate", "/api/recommendations", "/ui/x", "/nowhere"])
def test_pickles_are_refused_everywhere(guarded: Any, path: str):
    pickled = {"Content-Type": "application/vnd.bentoml+pickle", **BEARER}
    assert httpx.post(guarded.url + path, content=b"\x80\x04.", headers=pickled).status_code == 415
    wanted = {"Accept": "application/vnd.bentoml+pickle", **BEARER}
    assert httpx.post(guarded.url + path, json={}, headers=wanted).status_code == 406


def test_the_numbers_of_both_workers_add_up(guarded: Any):
    for number in range(30):
        url = f"{guarded.url}/api/titles/none-{number}"
        assert httpx.get(url, params={"words": PRIVATE}, headers=BEARER).status_code in (404, 422)
    text = httpx.get(f"{guarded.url}/metrics", headers=BEARER).text
    counts = [
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("cartelera_requests_total") and "/api/titles/{title_id}" in line
    ]
    assert sum(counts) == 30
    assert "none-7" not in text


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n"], 405),
        ([b"GET /ui/en/ HTTP/1.1\r\n" + WEBSOCKET + b"\r\n"], 404),
        ([b"GET /" + b"x" * 60_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"], 414),
        ([b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Y: z\r\n" * 200 + b"\r\n"], 431),
        ([b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 40_000 + b"\r\n\r\n"], 431),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"], 400),
        (
            [b"POST /predict HTTP/1.1\r\n" + OPEN + b"Content-Length: 99999999\r\n\r\n"],
            413,
        ),
        (
            [
                b"POST /predict HTTP/1.1\r\n" + OPEN + b"Transfer-Encoding: chunked\r\n\r\n",
                *[b"4000\r\n" + b"x" * 0x4000 + b"\r\n"] * 5,
            ],
            413,
        ),
        (
            [b"POST /predict HTTP/1.1\r\n" + OPEN + b"Content-Length: 50\r\n\r\n{"],
            408,
        ),
        ([b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"], 401),
    ],
    ids=[
        "trace",
        "websocket",
        "long path",
        "many headers",
        "long header",
        "tls",
        "long body",
        "long chunks",
        "slow body",
        "slow body without the key",
    ],
)
def test_hostile_bytes_get_a_short_answer(guarded: Any, parts: list[bytes], status: int):
    closing = [
        parts[0].replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n"),
        *parts[1:],
    ]
    received = exchange(guarded.url, *closing)
    assert received.startswith(b"HTTP/1.1 %d " % status), received[:200]
    assert len(received) < 2000
    assert b"Traceback" not in received
    assert httpx.get(f"{guarded.url}/livez").status_code == 200


def logged_line(server: Any, request_id: str) -> dict[str, Any]:
    """Find the line of a request, which may reach the file a moment after the answer."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        for line in server.log.splitlines():
            if line.startswith("{") and line.endswith("}"):
                entry = json.loads(line)
                if entry.get("request_id") == request_id:
                    return entry
        time.sleep(0.1)
    pytest.fail(f"no line of {request_id}:\n{server.log}")


def test_the_log_has_a_line_for_a_request_and_no_secrets(guarded: Any):
    sent = {**BEARER, "X-Request-ID": "find-me-again"}
    httpx.get(f"{guarded.url}/api/titles", params={"words": PRIVATE}, headers=sent)
    line = logged_line(guarded, "find-me-again")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/titles", 200)
    assert PRIVATE not in guarded.log
    assert KEY not in guarded.log
    assert "Traceback" not in guarded.log


def test_hundreds_of_half_sent_bodies_keep_nobody_out(client: httpx.Client):
    address = (client.base_url.host, client.base_url.port)
    half = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(socket.create_connection(address)).sendall(half)
        for _ in range(20):
            assert client.get("/api/get_actor").status_code == 200


def test_whoever_guesses_keys_cannot_do_so_under_other_addresses(guarded: Any):
    statuses = [
        httpx.get(
            f"{guarded.url}/metrics",
            headers={"X-API-Key": "a guess", "X-Forwarded-For": f"6.6.6.{number}"},
        ).status_code
        for number in range(16)
    ]
    assert set(statuses) == {401, 429}


def test_a_stop_answers_what_is_in_progress_and_is_quick(guarded: Any):
    head = (
        b"POST /get_actor HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n"
    )
    key = f"X-API-Key: {KEY}\r\n\r\n".encode()
    answers: list[bytes] = []
    asking = threading.Thread(
        target=lambda: answers.append(exchange(guarded.url, head + key, b"{}", pause_s=0.6))
    )
    with httpx.Client(base_url=guarded.url) as idle:
        idle.get("/livez")
        asking.start()
        time.sleep(0.3)
        began = time.monotonic()
        status = guarded.stop()
        seconds = time.monotonic() - began
    asking.join()
    assert answers[0].startswith(b"HTTP/1.1 200 ")
    assert status == 0, guarded.log
    assert seconds < 10


def with_version(bento: Path, target: Path, version: str) -> Path:
    """Copy a built service; its model gets another version."""
    shutil.copytree(bento, target)
    bundle = target / "src" / "bundle"
    registered = files.read_json(bundle / "registered.json")
    files.write_json(bundle / "registered.json", registered | {"version": version})
    manifest = (bundle / "manifest.json").read_text()
    old, new = (
        files.sha256(folder / "src" / "bundle" / "registered.json") for folder in (bento, target)
    )
    assert old in manifest
    (bundle / "manifest.json").write_text(manifest.replace(old, new))
    return target


def put(draft: Path, target: Path) -> None:
    """Replace a folder as the stage `package` does."""
    shutil.rmtree(target)
    draft.rename(target)


class Asker(threading.Thread):
    """Asks for the model without a pause; keeps every status and version."""

    def __init__(self, url: str):
        super().__init__(daemon=True)
        self.url = url
        self.statuses: set[int] = set()
        self.versions: list[str] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=30) as client:
            while not self.is_over.wait(0.005):
                response = client.get("/api/model")
                self.statuses.add(response.status_code)
                self.versions.append(str(response.json().get("version")))

    def saw(self, version: str, timeout_s: float = 30) -> bool:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.versions and self.versions[-1] == version:
                return True
            time.sleep(0.05)
        return False


def test_a_new_model_is_taken_without_dropping_a_request_and_a_damaged_one_is_not(
    tiny_bento: Path,
    start_with: Callable[..., Any],
    tmp_path: Path,
):
    bento = with_version(tiny_bento, tmp_path / "bento", "7")
    variables = {
        service_settings.VARIABLE: json.dumps({"reload_every_s": 0.2, "requests_per_s": 0})
    }
    server = start_with(bento, tmp_path, variables)
    server.wait_until_ready()
    asker = Asker(server.url)
    asker.start()
    assert asker.saw("7")
    numbers = httpx.get(f"{server.url}/metrics").text
    loaded = re.search(r"^cartelera_model_loaded_timestamp_seconds.* (\S+)$", numbers, re.MULTILINE)
    assert loaded
    assert time.time() - float(loaded[1]) < 600

    put(with_version(tiny_bento, tmp_path / "draft", "8"), bento)
    assert asker.saw("8"), server.log

    damaged = with_version(tiny_bento, tmp_path / "damaged", "9")
    (damaged / "src" / "bundle" / "titles.parquet").write_bytes(b"PAR1")
    put(damaged, bento)
    deadline = time.monotonic() + 30
    failed = 'cartelera_reloads_total{outcome="failed"} 1.0'
    while failed not in httpx.get(f"{server.url}/metrics").text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert failed in httpx.get(f"{server.url}/metrics").text
    assert "titles.parquet" in server.log
    assert httpx.get(f"{server.url}/readyz").status_code == 200

    asker.is_over.set()
    asker.join()
    assert asker.statuses == {200}
    assert set(asker.versions) == {"7", "8"}
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({keys.VARIABLE: ""}, "holds no key"),
        ({keys.FILE_VARIABLE: "/nowhere/key"}, "cannot be read"),
        ({service_settings.VARIABLE: '{"workers": 0}'}, service_settings.VARIABLE),
    ],
)
def test_wrong_settings_stop_the_start_and_say_why(
    tiny_bento: Path,
    start_with: Callable[..., Any],
    tmp_path: Path,
    variables: dict[str, str],
    said: str,
):
    server = start_with(tiny_bento, tmp_path, variables)
    assert server.process.wait(60) != 0
    assert said in server.log
    assert "Traceback" not in server.log
