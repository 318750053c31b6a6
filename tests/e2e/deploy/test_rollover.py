"""A new champion takes over from the one that serves: no request is lost on the way."""

import asyncio
import hashlib
import http.client
import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]


class Switch:
    """A proxy in front: it passes connections on to one port, which can be changed."""

    def __init__(self) -> None:
        self.target = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._is_up = threading.Event()

    def __enter__(self) -> "Switch":
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        serving = asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        server = self._loop.run_until_complete(serving)
        self.port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        self._loop.run_forever()
        server.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(_copy(reader, out), _copy(there, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while block := await source.read(65536):
        target.write(block)
        await target.drain()
    target.close()


class Visitor(threading.Thread):
    """Asks which model answers, again and again, each time on a new connection."""

    def __init__(self, port: int):
        super().__init__()
        self._port = port
        self._is_done = threading.Event()
        self.answers: Counter[str] = Counter()

    def run(self) -> None:
        while not self._is_done.is_set():
            self.answers[self._ask()] += 1

    def _ask(self) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", "/api/model", headers={"Connection": "close"})
            response = connection.getresponse()
            answer = json.loads(response.read())
            return str(answer["version"]) if response.status == 200 else f"status {response.status}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return repr(error)
        finally:
            connection.close()

    def wait_for(self, answer: str, timeout_s: float = 30) -> None:
        waited = threading.Event()
        for _ in range(int(timeout_s * 20)):
            if self.answers[answer]:
                return
            waited.wait(0.05)
        pytest.fail(f"never answered {answer}: {self.answers}")

    def stop(self) -> None:
        self._is_done.set()
        self.join()


@pytest.fixture
def visitors() -> Iterator[Callable[[int], list[Visitor]]]:
    started: list[Visitor] = []

    def start(port: int) -> list[Visitor]:
        started.extend(Visitor(port) for _ in range(3))
        for visitor in started:
            visitor.start()
        return started

    yield start
    for visitor in started:
        visitor.stop()


def as_next_champion(bento: Path, target: Path) -> Path:
    """Copy a packaged service as if its model were one version further."""
    shutil.copytree(bento, target)
    bundle = target / "src" / "bundle"
    registered = json.loads((bundle / "registered.json").read_text())
    registered["version"] += 1
    (bundle / "registered.json").write_text(json.dumps(registered))
    manifest = json.loads((bundle / "manifest.json").read_text())
    content = (bundle / "registered.json").read_bytes()
    manifest["registered.json"] = hashlib.sha256(content).hexdigest()
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    info = target / "bento.yaml"
    info.write_text(info.read_text().replace("\nversion: ", "\nversion: next-", 1))
    return target


@pytest.fixture
def serve(start, free_ports) -> Callable[..., Any]:
    """Start a service and wait until it is ready; give it and its port."""

    def serve_one(bento: Path, **variables: str) -> tuple[Any, int]:
        (port,) = free_ports(1)
        command = ["bentoml", "serve", str(bento), "--host", "127.0.0.1", "--port", str(port)]
        running = start(f"http://127.0.0.1:{port}", *command, **variables)
        running.wait_until("/readyz")
        return running, port

    return serve_one


@pytest.fixture
def champions(finished, tmp_path: Path) -> tuple[Path, Path]:
    """The packaged service of a finished pipeline, and that of the next champion."""
    now = finished.root / "data" / "bento"
    return now, as_next_champion(now, tmp_path / "next")


def test_no_request_is_lost_while_another_process_takes_over(champions, serve, visitors):
    now, following = champions
    old, old_port = serve(now)
    with Switch() as switch:
        switch.target = old_port
        asking = visitors(switch.port)
        asking[0].wait_for("1")
        _, switch.target = serve(following)
        assert old.stop() == 0, old.log
        answers = ask_until(asking, "2")
    assert answers.keys() == {"1", "2"}, answers


def test_no_request_is_lost_while_a_running_service_takes_what_is_published(
    champions, serve, visitors, run: Callable[..., str], tmp_path: Path
):
    published = tmp_path / "published" / "bento"

    def publish(bento: Path) -> None:
        run("deploy/publish.sh", str(bento), str(published), folder=tmp_path)

    now, following = champions
    publish(now)
    _, port = serve(published, CARTELERA_SERVE=json.dumps({"reload_every_s": 0.5}))
    asking = visitors(port)
    asking[0].wait_for("1")
    publish(following)
    answers = ask_until(asking, "2")
    assert answers.keys() == {"1", "2"}, answers
    assert [path.name for path in published.parent.iterdir()] == ["bento"]


def ask_until(visitors: list[Visitor], answer: str) -> Counter[str]:
    """Let every visitor get an answer; give all answers they got."""
    for visitor in visitors:
        visitor.wait_for(answer)
        visitor.stop()
    return sum((visitor.answers for visitor in visitors), Counter())
