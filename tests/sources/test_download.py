"""Downloads from a server on this machine that misbehaves on demand."""

import hashlib
import logging
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cartelera.errors import ConfigError, InputError
from cartelera.sources.download import download
from cartelera.sources.listed import RawFile, check_complete

CONTENT = bytes(range(256)) * 2_048
HALF = len(CONTENT) // 2
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NAME = "hulu_titles.csv"


class Server:
    """Answers every request by its next behaviour, the last one for ever; notes what was asked."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.etag: str | None = '"first"'
        self.behaviours: list[Callable[[BaseHTTPRequestHandler], None]] = [self.whole_or_range]
        self.ranges: list[str | None] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.ranges.append(self.headers["Range"])
                behaviours = server.behaviours
                behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
                behaviour(self)

            def log_message(self, *args) -> None:
                pass

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._httpd.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._httpd.server_port}/titles.csv"

    def close(self) -> None:
        self._httpd.shutdown()
        self._httpd.server_close()
        self._thread.join()

    def _send(self, request, status: int, body: bytes, length: int, **headers: str) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(length))
        if self.etag:
            request.send_header("ETag", self.etag)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    def whole(self, request) -> None:
        self._send(request, 200, self.content, len(self.content))

    def whole_or_range(self, request) -> None:
        asked = request.headers["Range"]
        unchanged = request.headers["If-Range"] in (None, self.etag)
        if not asked or not unchanged:
            return self.whole(request)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        if start >= len(self.content):
            return self.status(416)(request)
        body, last = self.content[start:], len(self.content) - 1
        where = f"bytes {start}-{last}/{len(self.content)}"
        return self._send(request, 206, body, len(body), Content_Range=where)

    def break_off(self, request) -> None:
        """Promise everything, send half and hang up."""
        self._send(request, 200, self.content[: len(self.content) // 2], len(self.content))
        request.close_connection = True

    def other_range(self, request) -> None:
        body = self.content[:10]
        self._send(request, 206, body, len(body), Content_Range=f"bytes 0-9/{len(self.content)}")

    def status(self, status: int) -> Callable[[BaseHTTPRequestHandler], None]:
        return lambda request: self._send(request, status, b"no", 2)


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def fetch(server, tmp_path):
    """Fetch one file from the server into `tmp_path / "raw"`."""

    def fetch(retries: int = 0, sha256: str = DIGEST, url: str | None = None) -> bytes:
        download(
            [RawFile(url or server.url, sha256, NAME)],
            tmp_path / "raw",
            cache=tmp_path / ".download",
            retries=retries,
            timeout_s=5,
            first_wait_s=0.001,
        )
        return (tmp_path / "raw" / NAME).read_bytes()

    return fetch


def leftovers(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


def test_fetches_and_tidies_up(server, fetch, tmp_path):
    assert fetch() == CONTENT
    assert fetch(sha256=DIGEST.upper()) == CONTENT
    assert leftovers(tmp_path) == [tmp_path / "raw" / NAME]


def test_resumes_where_the_server_broke_off(server, fetch):
    server.behaviours = [server.break_off, server.whole_or_range]

    assert fetch(retries=1) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-"]


def test_a_later_run_resumes_what_a_failed_one_left(server, fetch, tmp_path):
    server.behaviours = [server.break_off]
    with pytest.raises(
        InputError, match=r"could not be fetched in 1 attempts: .*run again to go on"
    ):
        fetch()
    assert not (tmp_path / "raw").exists()

    server.behaviours = [server.whole_or_range]
    assert fetch() == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-"]


def test_starts_anew_where_the_server_knows_no_ranges(server, fetch):
    server.behaviours = [server.break_off, server.whole]

    assert fetch(retries=1) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-"]


@pytest.mark.parametrize("etag", ['"second"', 'W/"weak"', None])
def test_starts_anew_when_the_file_changed_between_runs(etag, server, fetch):
    server.etag = '"first"' if etag == '"second"' else etag
    server.content = b"x" * len(CONTENT)
    server.behaviours = [server.break_off]
    with pytest.raises(InputError, match="could not be fetched"):
        fetch()

    server.content, server.etag = CONTENT, etag
    server.behaviours = [server.whole_or_range]
    assert fetch() == CONTENT
    if etag == '"second"':
        assert len(server.ranges) == 2, "the server itself knows that it is another file"


def test_starts_anew_when_the_file_is_now_shorter(server, fetch):
    server.content, server.etag = CONTENT * 3, None
    server.behaviours = [server.break_off]
    with pytest.raises(InputError):
        fetch()

    server.content = CONTENT
    server.behaviours = [server.whole_or_range]
    assert fetch(retries=1) == CONTENT
    assert len(server.ranges) == 3


def test_starts_anew_when_the_server_sends_another_range(server, fetch):
    server.behaviours = [server.break_off, server.other_range, server.whole_or_range]

    assert fetch(retries=2) == CONTENT
    assert server.ranges == [None, f"bytes={HALF}-", None]


def test_wrong_bytes_are_refused_and_removed(server, fetch, tmp_path):
    server.content = b"not what was promised"
    got = hashlib.sha256(server.content).hexdigest()

    with pytest.raises(InputError) as error:
        fetch(retries=3)

    for part in (server.url, DIGEST, got):
        assert part in str(error.value)
    assert leftovers(tmp_path) == []
    assert len(server.ranges) == 1


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_not_tried_again(status, server, fetch):
    server.behaviours = [server.status(status)]

    with pytest.raises(InputError, match=rf"titles.csv: the server answered {status}"):
        fetch(retries=3)
    assert len(server.ranges) == 1


def test_server_errors_are_tried_again(server, fetch, caplog):
    server.behaviours = [server.status(500), server.status(503), server.whole]

    with caplog.at_level(logging.WARNING, "cartelera"):
        assert fetch(retries=2) == CONTENT
    assert "Attempt 1 of 3 failed" in caplog.text
    assert "the server answered 503" in caplog.text


@pytest.mark.parametrize("status", [408, 416, 425, 429])
def test_what_a_server_may_do_later_is_tried_again(status, server, fetch):
    server.behaviours = [server.status(status), server.whole]

    assert fetch(retries=1) == CONTENT


def test_attempts_are_counted(server, fetch):
    server.behaviours = [server.status(500)]

    with pytest.raises(InputError, match="in 3 attempts: the server answered 500"):
        fetch(retries=2)
    assert len(server.ranges) == 3


def test_nobody_answers(server, fetch):
    server.close()

    with pytest.raises(InputError, match="could not be fetched in 2 attempts"):
        fetch(retries=1)


def test_a_file_that_is_there_is_not_fetched_again(server, fetch):
    fetch()
    fetch()

    assert len(server.ranges) == 1


def test_a_wrong_file_that_is_there_is_replaced(server, fetch, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / NAME).write_text("old")

    assert fetch() == CONTENT


def test_whole_files_of_a_failed_run_are_not_fetched_again(server, tmp_path):
    def fetch() -> None:
        files = [RawFile(server.url, DIGEST, "ratings/1.csv"), RawFile(server.url, "0" * 64, NAME)]
        download(
            files[: 2 if len(server.ranges) == 0 else 1],
            tmp_path / "raw", cache=tmp_path / ".download", retries=0, timeout_s=5,
        )  # fmt: skip

    with pytest.raises(InputError, match="wrong bytes"):
        fetch()
    assert not (tmp_path / "raw").exists()
    fetch()

    assert (tmp_path / "raw" / "ratings" / "1.csv").read_bytes() == CONTENT
    assert len(server.ranges) == 2


def test_an_address_nobody_can_ask_is_refused(fetch):
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch(url="http://*:99/")


BAD_FILES = [
    ({"url": "ftp://host/file"}, "url=ftp://host/file is not an http:// or https:// address"),
    ({"url": "/etc/passwd"}, "url=/etc/passwd is not"),
    ({"url": "https://"}, "url=https:// is not"),
    ({"url": "http://[bad/file"}, "is not an http"),
    ({"sha256": "abc"}, "sha256=abc of http://host/file is not 64 hexadecimal digits"),
    ({"sha256": "g" * 64}, "is not 64 hexadecimal digits"),
    (
        {"to": "../netflix_titles.csv"},
        r"to=../netflix_titles.csv is not allowed: allowed are amazon",
    ),
    ({"to": "/data/netflix_titles.csv"}, "is not allowed"),
    ({"to": "ratings/../1.csv"}, "is not allowed"),
    ({"to": "ratings/.1.csv"}, "is not allowed"),
    ({"to": "ratings\\1.csv"}, "is not allowed"),
    ({"to": "ratings/a/1.csv"}, "is not allowed"),
    ({"to": "ratings/1.csv\n"}, "is not allowed"),
    ({"to": "ratings/1.zip"}, "is not allowed"),
    ({"to": "mubi_titles.csv"}, "is not allowed"),
    ({"to": ""}, "is not allowed"),
]


@pytest.mark.parametrize(("change", "message"), BAD_FILES)
def test_bad_settings_are_refused(change, message):
    good = {"url": "http://host/file", "sha256": DIGEST, "to": NAME}

    with pytest.raises(ConfigError, match=message.replace("\\1", r"\\1")):
        check_complete([RawFile(**good | change)])


def test_two_files_for_one_place_are_refused(server, tmp_path):
    file = RawFile(server.url, DIGEST, NAME)

    with pytest.raises(ConfigError, match=f"to={NAME} stands there more than once"):
        download([file, file], tmp_path, cache=tmp_path / "c", retries=0, timeout_s=5)
    assert server.ranges == []


def test_a_list_without_a_catalogue_or_ratings_is_refused():
    with pytest.raises(
        ConfigError, match=r"no entry for amazon_prime_titles.csv, disney.*ratings/1"
    ):
        check_complete([])
    with pytest.raises(
        ConfigError,
        match=r"no entry for amazon_prime_titles.csv, disney_plus_titles.csv, netflix_titles.csv:",
    ):
        check_complete([RawFile("http://h/f", DIGEST, t) for t in (NAME, "ratings/7.csv")])
