"""A fresh copy of the project to run whole, and what running it leaves."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, with its own BentoML home."""

    root: Path

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
            "PYTHONPATH": str(self.root / "src"),
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
