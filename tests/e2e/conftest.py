"""A fresh copy of the project to run whole, and what running it leaves."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
import requests

from .project import PROGRAMS, REPOSITORY, Project, kill
from .warm.programs import warm_programs


@pytest.fixture(scope="session")
def warm(tmp_path_factory) -> Generator[Path]:
    """Give the folder of programs to run where a fresh process is not the point."""
    with warm_programs(tmp_path_factory.mktemp("warm"), REPOSITORY / "src") as programs:
        yield programs


@pytest.fixture(scope="session")
def start_project(tmp_path_factory, warm) -> Callable[[str], Project]:
    """Copy the project into a folder of its own; nothing has run in it."""
    return lambda name: Project.copy_to(tmp_path_factory.mktemp(name) / "cartelera", warm)


@pytest.fixture(scope="session")
def finished(start_project) -> Project:
    """Run the whole pipeline once on the embedded sample; do not change what it left.

    It ran as it does for people, every stage a process of its own.
    """
    project = start_project("finished")
    replace(project, programs=PROGRAMS).repro()
    return project


@pytest.fixture(scope="session")
def small(start_project) -> Project:
    """Run the whole pipeline once on a tiny sample, as a local choice; do not change what it left."""
    project = start_project("small")
    local = project.root / "conf" / "local"
    local.mkdir()
    shutil.copy(Path(__file__).with_name("small.yaml"), local / "default.yaml")
    project.repro()
    return project


@pytest.fixture
def fresh(tmp_path, warm) -> Project:
    """Copy the project; nothing has run in it."""
    return Project.copy_to(tmp_path / "cartelera", warm)


@dataclass(frozen=True)
class PostgreSQL:
    """A private PostgreSQL server that asks for a password."""

    programs: Path
    folder: Path
    port: int
    password: str
    numbers: count

    @property
    def environment(self) -> dict[str, str]:
        """What clients take the password from."""
        return {"PGPASSWORD": self.password}

    def new_database(self) -> str:
        """Make a database and give its URL, without the password."""
        name = f"test_{next(self.numbers)}"
        self.sql(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; give its rows, columns parted by bars."""
        connection = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        psql = [self.programs / "psql", "-XAtq", "-c", statement, connection]
        environment = os.environ | self.environment
        ran = subprocess.run(psql, env=environment, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl` as the user the server belongs to: it does not run as root."""
        control = [self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *arguments]
        subprocess.run(control, check=True, stdout=subprocess.DEVNULL, **as_postgres())


def as_postgres() -> dict:
    """Give the arguments with which a process runs as nobody's superuser."""
    others = {"user": "postgres", "group": "postgres", "extra_groups": []}
    return {"cwd": "/", **(others if os.getuid() == 0 else {})}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.fixture(scope="session")
def postgresql() -> Generator[PostgreSQL]:
    """Start a PostgreSQL server in a temporary folder."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not installed:
        pytest.skip("no PostgreSQL here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="cartelera-pg-"))  # its sockets need a short path
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = PostgreSQL(installed[-1], folder, free_port(), secrets.token_hex(8), count())
    try:
        password = folder / "password"
        password.write_text(server.password)
        password.chmod(0o644)
        login = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password}"]
        initdb = [server.programs / "initdb", "--no-sync", "-D", folder / "data", *login]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **as_postgres())
        options = f"-p {server.port} -k {folder} -h 127.0.0.1 -c fsync=off"
        server.control("start", "-l", str(folder / "log"), "-o", options)
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def mlflow_server(postgresql, tmp_path_factory) -> Generator[str]:
    """Start an MLflow server with its runs in PostgreSQL; give its address."""
    folder = tmp_path_factory.mktemp("mlflow-server")
    port = free_port()
    mlflow = [str(Path(sys.executable).parent / "mlflow"), "server", "--workers", "1"]
    mlflow += ["--host", "127.0.0.1", "--port", str(port)]
    mlflow += ["--backend-store-uri", postgresql.new_database()]
    mlflow += ["--artifacts-destination", str(folder / "artifacts")]
    # Its job queues are ten more processes, which nothing here asks for.
    environment = os.environ | postgresql.environment
    environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            mlflow, cwd=folder, env=environment, text=True,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(process, address, folder / "log")
        yield address
    finally:
        kill(process)
        process.wait()


def wait_until_healthy(process: subprocess.Popen[str], address: str, log: Path) -> None:
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        try:
            if requests.get(f"{address}/health", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    pytest.fail(f"the MLflow server did not start:\n{log.read_text()}")
