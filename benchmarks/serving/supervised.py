"""The service under a supervisor that starts it again whenever it ends."""

import os
import resource
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil

from serving import servers
from serving.project import Project
from serving.servers import OURS, Server

_CLOCK_BEHIND = Path(__file__).with_name("clock_behind")
_LOOK_S = 0.2
_WORKER = "worker"


class Supervised:
    """The service of a project.

    Args:
        project: What it serves.
        workers: Worker processes.

    Attributes:
        port: Where it listens, each time.
        is_clock_back: Whether its clock was set back.
        log: What it says.
    """

    def __init__(self, project: Project, workers: int):
        self._project, self._workers = project, workers
        self.port = servers.free_port()
        self.is_clock_back = False
        self.log = project.root / "data" / f"{OURS}.log"
        self._is_over = threading.Event()
        self._server = self._start()
        self._thread = threading.Thread(target=self._supervise)
        self._thread.start()

    def memory_mb(self) -> dict[int, float]:
        """Give what each worker holds in memory, by its process id."""
        found: dict[int, float] = {}
        for process in self._processes()[1:]:
            try:
                found[process.pid] = process.memory_full_info().pss / 1e6
            except psutil.Error:  # gone meanwhile
                continue
        return found

    def kill_worker(self) -> bool:
        """Kill the youngest worker: the others live on, and show whether their memory grows.

        Returns:
            Whether there was one.
        """
        workers = [each for each in self._processes()[1:] if _WORKER in " ".join(each.cmdline())]
        if workers:
            max(workers, key=lambda process: process.create_time()).kill()
        return bool(workers)

    def kill_master(self) -> None:
        """Kill the first process, once there is one; the supervisor starts it again."""
        while self._server.process.poll() is not None:
            time.sleep(_LOOK_S)
        self._server.process.kill()

    def set_clock_back(self) -> None:
        """From the next start on, let the clock be an hour behind."""
        self.is_clock_back = True

    def wait_until_ready(self) -> None:
        """Wait until a worker answers."""
        servers.wait(f"http://127.0.0.1:{self.port}/readyz", self._server)

    def limit_files(self, folder: Path | None) -> None:
        """Let no file grow beyond what is in a folder, as on a full disk; None lifts that."""
        sizes = [path.stat().st_size for path in folder.glob("*.csv")] if folder else []
        limit = max(sizes) if sizes else resource.RLIM_INFINITY
        for process in self._processes():
            process.rlimit(psutil.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    def stop(self) -> int | None:
        """End it for good; gives the exit status."""
        self._is_over.set()
        self._thread.join()
        return self._server.stop()

    def _supervise(self) -> None:
        while not self._is_over.wait(_LOOK_S):
            if self._server.process.poll() is not None:
                with suppress(RuntimeError):  # the workers of the last one still end
                    self._server = self._start()

    def _start(self) -> Server:
        behind = [str(_CLOCK_BEHIND)] if self.is_clock_back else []
        return servers.start(
            OURS,
            self._project.root / "data",
            self._workers,
            {
                "CARTELERA_FEEDBACK": str(self._project.feedback),
                "PYTHONPATH": os.pathsep.join([*behind, os.environ.get("PYTHONPATH", "")]),
            },
            self.port,
        )

    def _processes(self) -> list[psutil.Process]:
        try:
            return self._server.family()
        except psutil.Error:  # just killed
            return []
