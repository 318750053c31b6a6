"""Ending a worker whose supervisor is gone."""

import os
import signal
import threading
import time
from typing import Final

_EVERY_S: Final = 1.0
_SUPERVISOR: Final = "CARTELERA_SUPERVISOR"


def supervise() -> None:
    """Tell the workers that this process will start who their parent is.

    A worker that asked for itself, seconds after its start, would not know that its parent was
    killed before.
    """
    os.environ[_SUPERVISOR] = str(os.getpid())


def end_with_parent() -> None:
    """End this process gracefully once its parent has died.

    A supervisor that was killed ends nobody: its workers would go on answering, and hold the port
    against the one that is started in its place.
    """
    parent = int(os.environ.get(_SUPERVISOR, os.getppid()))

    def work() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=work, name="supervision", daemon=True).start()
