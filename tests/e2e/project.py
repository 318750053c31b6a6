"""A copy of the project to run whole."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pytest

REPOSITORY = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own, with its own BentoML home.

    Attributes:
        root: The folder.
        programs: Where `python`, `dvc` and `cartelera` are: real ones, or those that are forked.
    """

    root: Path
    programs: Path = PROGRAMS

    @classmethod
    def copy_to(cls, root: Path, programs: Path = PROGRAMS) -> "Project":
        list_files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(list_files, cwd=REPOSITORY, check=True, capture_output=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target)
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        return cls(root, programs=programs)

    def copy(self, root: Path) -> "Project":
        """Copy the project, with what running it left."""
        shutil.copytree(self.root, root, symlinks=True)
        return replace(self, root=root)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "PATH": os.pathsep.join([str(self.programs), str(PROGRAMS), os.environ["PATH"]]),
            "PYTHONPATH": str(REPOSITORY / "src"),  # the copy's, compiled once for all copies
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
        process = replace(self, programs=PROGRAMS).start("cartelera", "repro", *overrides)
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
        process = replace(self, programs=PROGRAMS).start(*command)
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
