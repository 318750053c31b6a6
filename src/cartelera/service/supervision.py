"""Ending a worker whose supervisor is gone."""

import os
import signal
import threading
import time
from typing import Final

_EVERY_S: Final = 1.0


def end_with_parent() -> None:
    """End this process gracefully once its parent has died.

    A supervisor that was killed ends nobody: its workers would go on answering, and hold the port
    against the one that is started in its place.
    """
    parent = os.getppid()

    def work() -> None:
        while os.getppid() == parent:
            time.sleep(_EVERY_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=work, name="supervision", daemon=True).start()
