"""The contenders as processes of their own on loopback ports."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parent
OURS, PLAIN, BENTO, HELLO = "Cartelera", "DataFrame + Surprise", "BentoML hello", "FastAPI hello"
_START_S, _STOP_S = 300, 30


@dataclass
class Server:
    """A running contender.

    Attributes:
        name: Which one.
        port: Where it listens.
        process: Its first process.
        seconds_to_ready: From its start to its first answer.
    """

    name: str
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_ready: float = 0.0

    def stop(self) -> int | None:
        """End it; gives the exit status, None if it had to be killed."""
        family = self.family()
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            for process in family:
                process.kill()
            return None

    def worker_mb(self) -> list[float]:
        """Give what each worker holds in memory, in MB, largest first.

        A process' share of what it has in common with others counts (PSS).
        """
        found = [process.memory_full_info().pss / 1e6 for process in self.family()]
        return sorted(found, reverse=True)

    def family(self) -> list[psutil.Process]:
        """Give its first process and all below it."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]


def start(
    name: str,
    folder: Path,
    workers: int,
    variables: dict[str, str] | None = None,
    port: int | None = None,
) -> Server:
    """Start a contender and wait until it answers.

    Args:
        name: `OURS`, `PLAIN`, `BENTO` or `HELLO`.
        folder: Where its material is, and its log goes to.
        workers: Worker processes.
        variables: Further environment variables.
        port: A free one if left out.
    """
    port = port or free_port()
    address = ["--host", "127.0.0.1", "--port", str(port)]
    settings = {"workers": workers, "requests_per_s": 0}
    command, ready = {
        OURS: (["bentoml", "serve", str(folder / "bento"), *address], "/readyz"),
        BENTO: (["bentoml", "serve", "hello_bento:Hello", *address], "/readyz"),
        PLAIN: (["uvicorn", "plain_app:app", *address, "--workers", str(workers)], "/docs"),
        HELLO: (["uvicorn", "hello_app:app", *address, "--workers", str(workers)], "/docs"),
    }[name]
    environment = os.environ | {
        "BENCH_FOLDER": str(folder),
        "BENCH_WORKERS": str(workers),
        "BENTOML_DO_NOT_TRACK": "True",
        "CARTELERA_SERVE": json.dumps(settings),
        **(variables or {}),
    }
    begin = time.perf_counter()
    with (folder / f"{name.replace(' ', '_')}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=HERE,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Server(name, port, process)
    wait(f"http://127.0.0.1:{port}{ready}", server)
    server.seconds_to_ready = time.perf_counter() - begin
    return server


def wrk() -> str | None:
    """Find the load generator wrk."""
    return shutil.which("wrk")


def wait(url: str, server: Server) -> None:
    """Wait until a contender answers at an address."""
    deadline = time.perf_counter() + _START_S
    while time.perf_counter() < deadline and server.process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=_START_S):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{server.name} does not answer at {url}")


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
