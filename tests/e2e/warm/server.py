"""Imports once what the processes of a pipeline import; forks itself for each: seconds are spared.

`python server.py FOLDER` listens on FOLDER/socket until its input ends. A fork whose client dies is
killed with its children, as the process itself would have been.
"""

import atexit
import contextlib
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from cartelera.cli import STAGES

MODULES = [
    *(f"cartelera.stages.{stage}" for stage in STAGES),
    "cartelera.model_commands",
    "cartelera.stages.params_file",
    "dvc.cli.parser",
    "dvc.repo.reproduce",
    "hydra",
    "matplotlib.backends.backend_agg",
    "mlflow.store.model_registry.sqlalchemy_store",
    "mlflow.store.tracking.sqlalchemy_store",
    "optuna.importance",
]


class Server:
    """The forks that run, by their process ids, and the clients that wait for them."""

    def __init__(self, folder: Path):
        self.clients: dict[int, socket.socket] = {}
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(folder / "socket"))
        self.listening.listen(64)
        (folder / "listens").touch()
        self.woken, waking = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(waking)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> dict | None:
        """Return what to run in each fork; None at the end, in the server itself."""
        with selectors.DefaultSelector() as selector:
            for file in (self.listening, self.woken, sys.stdin):
                selector.register(file, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self.listening:
                        client, _ = self.listening.accept()
                        if (request := self.fork(client)) is not None:
                            return request
                        selector.register(client, selectors.EVENT_READ)
                    elif key.fileobj is self.woken:
                        os.read(self.woken, 4096)
                        self.tell_of_ended()
                    elif key.fileobj is sys.stdin:
                        self.kill(*self.clients)
                        return None
                    else:  # a client says no more: it is dead, or was told
                        selector.unregister(key.fileobj)
                        self.kill(*(pid for pid, of in self.clients.items() if of is key.fileobj))

    def fork(self, client: socket.socket) -> dict | None:
        """Return the request in the fork, with the client's files for its own."""
        _, files, _, _ = socket.recv_fds(client, 1, 3)
        with client.makefile() as lines:
            request = json.loads(lines.readline())
        if pid := os.fork():
            os.setpgid(pid, pid)
            self.clients[pid] = client
            for file in files:
                os.close(file)
            return None

        with contextlib.suppress(PermissionError):
            os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        for each in (client, self.listening, *self.clients.values()):
            each.close()
        return request

    def tell_of_ended(self) -> None:
        """Send the clients of ended forks their exit statuses."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                client = self.clients.pop(ended[0])
                with contextlib.suppress(OSError):
                    client.sendall(b"%d\n" % os.waitstatus_to_exitcode(ended[1]))
                    client.shutdown(socket.SHUT_RDWR)

    def kill(self, *forks: int) -> None:
        for pid in forks:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)


def run(request: dict, folder: Path) -> None:
    """Be the program that was asked for, from this folder, where its children look for programs."""
    sys.executable = str(folder / "python")
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    name, arguments = request["name"], request["arguments"]
    if prelude := os.environ.get("CARTELERA_TEST_PRELUDE"):
        sys.argv = [name, *arguments]
        runpy.run_path(prelude)
    if name == "python":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = [name, *arguments]
        sys.exit(import_module(f"{name}.cli").main())


def leave(status: object) -> NoReturn:
    """End as the interpreter would, but for taking apart what was imported, for a second."""
    if not isinstance(status, int | None):
        sys.stderr.write(f"{status}\n")
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(status or 0)


gc.disable()
for module in MODULES:
    import_module(module)
gc.freeze()
gc.enable()
folder = Path(sys.argv[1])
if (asked := Server(folder).serve()) is not None:
    try:
        run(asked, folder)
    except SystemExit as end:
        leave(end.code)
    leave(None)
