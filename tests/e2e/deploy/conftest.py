"""Running processes with the settings that deploy/ gives them, on this machine's loopback."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

REPOSITORY = Path(__file__).parents[3]
PROGRAMS = Path(sys.executable).parent
START_S = 300


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
