"""A fresh copy of the project to run whole, and what running it leaves."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
import requests

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, with its own BentoML home.

    Attributes:
        root: The folder.
        is_code_its_own: Whether it runs the copy's code. Otherwise it runs the repository's, which
            is the same, compiled once for all copies.
    """

    root: Path
    is_code_its_own: bool = False

    @classmethod
    def copy_to(cls, root: Path) -> "Project":
        list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(list_files, cwd=REPOSITORY, check=True, capture_output=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target)
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        return cls(root)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str((self.root if self.is_code_its_own else REPOSITORY) / "src"),
            "BENTOML_HOME": str(self.root.with_name(f"{self.root.name}-bentoml")),
            "BENTOML_DO_NOT_TRACK": "True",
            "COLUMNS": "200",
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, cwd=self.root, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str, timeout_s: float = 900) -> tuple[int, str]:
        """Run a command; give its exit status and everything it said."""
        process = self.start(*command)
        try:
            said, _ = process.communicate(timeout=timeout_s)
        finally:
            kill(process)
        return process.returncode, said

    def repro(self, *overrides: str) -> str:
        """Run the pipeline; give what it said; fail unless it succeeds."""
        status, said = self.run("cartelera", "repro", *overrides)
        assert status == 0, said
        return said

    def hold_back(self, share: float, sample: Sequence[str], settings: str) -> pd.DataFrame:
        """Let the project read a folder `incoming` that holds the sample's earlier ratings.

        Returns:
            The latest ratings, as raw text, by their share of all.
        """
        status, said = self.run("cartelera", "acquire", *sample)
        assert status == 0, said
        incoming = self.root / "incoming"
        (self.root / "data" / "raw").rename(incoming)
        files = sorted((incoming / "ratings").iterdir())
        ratings = pd.concat([pd.read_csv(path, dtype=str) for path in files])
        moments = pd.to_numeric(ratings["timestamp"], errors="coerce").fillna(0)
        is_late = moments > moments.quantile(1 - share)
        for path in files:
            path.unlink()
        ratings[~is_late].to_csv(incoming / "ratings" / "1.csv", index=False)
        (self.root / "conf" / "local").mkdir()
        (self.root / "conf" / "local" / "default.yaml").write_text(settings)
        return ratings[is_late]

    def repro_killed_in(self, stage: str, *overrides: str, after_s: float) -> None:
        """Start the pipeline and kill all of it some time after a stage began."""
        process = self.start("cartelera", "repro", *overrides)
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith(f"Running stage '{stage}'"):
                break
        else:
            pytest.fail(f"stage {stage} did not run:\n{''.join(said)}")
        time.sleep(after_s)
        kill(process)
        process.wait()

    def kill_once(self, happened: Callable[[], object], *command: str) -> None:
        """Start a command and kill it, with all its children, as soon as something happened."""
        process = self.start(*command)
        try:
            while not happened():
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.05)
        finally:
            kill(process)
            process.wait()

    def contents(self, *folders: str) -> dict[str, bytes]:
        """Give the bytes of every file under some folders by its relative path."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for folder in folders
            for path in sorted((self.root / folder).rglob("*"))
            if path.is_file()
        }


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a process started in a session of its own, with all its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture(scope="session")
def start_project(tmp_path_factory) -> Callable[[str], Project]:
    """Copy the project into a folder of its own; nothing has run in it."""
    return lambda name: Project.copy_to(tmp_path_factory.mktemp(name) / "cartelera")


@pytest.fixture(scope="session")
def finished(start_project) -> Project:
    """Run the whole pipeline once on the embedded sample; do not change what it left."""
    project = start_project("finished")
    project.repro()
    return project


@pytest.fixture
def fresh(tmp_path) -> Project:
    """Copy the project; nothing has run in it."""
    return Project.copy_to(tmp_path / "cartelera")


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
