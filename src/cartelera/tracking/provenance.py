"""Where a run comes from: which code, which process, which state of the pipeline."""

import getpass
import os
import socket
from functools import cache
from pathlib import Path
from typing import Final

import psutil

from cartelera import files

STAGE: Final = "cartelera.stage"
PROCESS: Final = "cartelera.process"
MODEL: Final = "cartelera.model"
DATA_SOURCE: Final = "cartelera.data_source"
SPLIT_METHOD: Final = "cartelera.split_method"
GIT_DIRTY: Final = "cartelera.git_dirty"
DVC_LOCK: Final = "cartelera.dvc_lock_sha256"
GIT_COMMIT: Final = "mlflow.source.git.commit"  # the name MLflow's pages show

DVC_LOCK_FILE: Final = Path("dvc.lock")


def provenance_tags(stage: str) -> dict[str, str]:
    """Describe the origin of a run that starts now in this process, as tags."""
    tags = {
        STAGE: stage,
        PROCESS: process_tag(),
        "mlflow.source.name": f"cartelera {stage}",
        "mlflow.user": user(),
    }
    tags |= _git_tags(Path.cwd())
    if DVC_LOCK_FILE.is_file():
        tags[DVC_LOCK] = files.sha256(DVC_LOCK_FILE)
    return tags


def user() -> str:
    """Name who runs this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name; Windows, alike
        return str(getattr(os, "getuid", lambda: "unknown")())


def is_dead(process: str) -> bool:
    """Say whether the process a tag names ran on this machine and runs no more."""
    host, pid, started = process.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        return _start_of(int(pid)) != started
    except psutil.NoSuchProcess:
        return True


def process_tag() -> str:
    """Name this process so that a later one can tell whether it still runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}"


def _start_of(pid: int) -> str:
    return f"{psutil.Process(pid).create_time():.2f}"


@cache  # asked once a trial
def _git_tags(folder: Path) -> dict[str, str]:
    try:
        import git
    except ImportError:  # no git program on this machine
        return {}
    try:
        with git.Repo(folder, search_parent_directories=True) as repository:
            return {
                GIT_COMMIT: repository.head.commit.hexsha,
                GIT_DIRTY: str(repository.is_dirty()).lower(),
            }
    except (git.GitError, ValueError, OSError):  # no repository, or one without a commit
        return {}
