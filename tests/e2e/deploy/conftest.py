"""Running processes with the settings that deploy/ gives them, on this machine's loopback."""

import contextlib
import ctypes
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

REPOSITORY = Path(__file__).parents[3]
PROGRAMS = Path(sys.executable).parent
START_S = 300
SERVICE_PORT = 3000


@dataclass
class Running:
    """A server process, with a log of its own."""

    url: str
    process: subprocess.Popen[bytes]
    log_path: Path

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def wait_until(self, path: str) -> None:
        """Wait until a path answers well."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}{path}", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        pytest.fail(f"{self.url}{path} does not answer:\n{self.log}")

    def stop(self) -> int:
        """Ask it to end, as a container engine does; give its exit status."""
        self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        """Leave nothing of it running, wherever its children moved to."""
        if self.process.poll() is None:
            main = psutil.Process(self.process.pid)
            for process in [*main.children(recursive=True), main]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait()


Start = Callable[..., Running]


def environment(folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
    return os.environ | {
        "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),
        "BENTOML_HOME": str(folder / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        **variables,
    }


@contextmanager
def starting(folder: Path) -> Generator[Start]:
    """Give a function that starts servers; whatever still runs at the end is killed."""
    started: list[Running] = []

    def start(url: str, *command: str, cwd: Path = folder, **variables: str) -> Running:
        log = folder / f"server-{len(started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=environment(folder, variables),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(Running(url, process, log))
        return started[-1]

    try:
        yield start
    finally:
        for running in started:
            running.kill()


@pytest.fixture
def start(tmp_path: Path) -> Generator[Start]:
    with starting(tmp_path) as start_one:
        yield start_one


@pytest.fixture(scope="module")
def start_for_all(tmp_path_factory: pytest.TempPathFactory) -> Generator[Start]:
    """Start servers that live as long as the tests of one file."""
    with starting(tmp_path_factory.mktemp("servers")) as start_one:
        yield start_one


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Run a command of deploy/ to its end; give what it said; fail unless it succeeds."""

    def run_one(*command: str, folder: Path, **variables: str) -> str:
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment(folder, variables),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    return run_one


@pytest.fixture(scope="session")
def free_ports() -> Callable[[int], list[int]]:
    def find(n: int) -> list[int]:
        with contextlib.ExitStack() as opened:
            servers = [
                opened.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(n)
            ]
            return [server.getsockname()[1] for server in servers]

    return find


@pytest.fixture(scope="session")
def start_s3(free_ports: Callable[[int], list[int]]) -> Callable[[Start], str]:
    """Start an S3-compatible server; give its address."""

    def start_one(start: Start) -> str:
        (port,) = free_ports(1)
        command = ["moto_server", "-H", "127.0.0.1", "-p", str(port)]
        server = start(f"http://127.0.0.1:{port}", *command)
        server.wait_until("/moto-api/")
        return server.url

    return start_one


def run_podman(*arguments: str) -> str:
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def connect(pid: int) -> socket.socket:
    """Connect to the service in the network of a process."""

    def enter() -> socket.socket:
        with Path(f"/proc/{pid}/ns/net").open() as network:
            assert ctypes.CDLL(None).setns(network.fileno(), 0) == 0
        return socket.create_connection(("127.0.0.1", SERVICE_PORT), timeout=30)

    # A socket stays in the network it was made in; a thread of its own leaves this one's alone.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(enter).result()


class Container:
    """A running container with a network of its own."""

    def __init__(self, name: str):
        self.name = name
        self.pid = int(run_podman("inspect", name, "--format", "{{.State.Pid}}"))

    @classmethod
    def run(cls, image: str, *options: str) -> "Container":
        name = f"cartelera-{secrets.token_hex(4)}"
        run_podman("run", "--detach", "--name", name, "--network", "none", *options, image)
        return cls(name)

    def connect(self) -> socket.socket:
        """Connect to the service from within its own network, the only one that reaches it."""
        return connect(self.pid)

    def ask(
        self, path: str, question: dict[str, Any] | None = None, key: str | None = None
    ) -> tuple[int, str]:
        """GET a path, or POST a question to it; give the status and the body."""
        headers = {} if key is None else {"X-API-Key": key}
        connection = http.client.HTTPConnection("127.0.0.1", SERVICE_PORT, timeout=30)
        connection.sock = self.connect()
        if question is None:
            connection.request("GET", path, headers=headers)
        else:
            headers |= {"Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(question), headers)
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.status, body

    def is_ready(self) -> bool:
        try:
            return self.ask("/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_S
        while not self.is_ready():
            if time.monotonic() > deadline or not Path(f"/proc/{self.pid}").exists():
                pytest.fail(f"not ready:\n{self.log()}")
            time.sleep(0.05)

    def python(self, script: str) -> str:
        """Run a script inside."""
        return run_podman("exec", self.name, "python", "-c", script)

    def log(self) -> str:
        done = subprocess.run(
            ["podman", "logs", self.name], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    def remove(self) -> None:
        run_podman("rm", "--force", "--time", "0", self.name)


@pytest.fixture(scope="session")
def containers() -> type[Container]:
    """Run containers of an image, or speak to one that runs."""
    return Container


@pytest.fixture(scope="session")
def podman() -> Callable[..., str]:
    """Run a command of podman; give what it said; fail unless it succeeds."""
    return run_podman
