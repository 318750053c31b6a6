"""Taking a newly packaged model without a stop.

`cartelera repro` replaces the folder of the built service as a whole. Each worker looks at the
bundle's manifest from time to time; when it is another one, the worker loads the new bundle beside
the one in use, checks it, and then changes over in one assignment: a request is answered from
either the old one or the new one, never from both.
"""

import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from cartelera.service.middleware import metrics

logger = logging.getLogger(__name__)

T = TypeVar("T")

ATTEMPTS: Final = 3
"""So often a bundle is tried: the folder may be looked at while it is being replaced."""


class Reloader(Generic[T]):
    """Watches a manifest and loads what it stands for.

    Args:
        manifest: Changes with the content of the bundle; named by its whole path, for the process
            may stand in a folder that was replaced since.
        load: Loads and checks the bundle that is there now; raises if it cannot be used.
        take: Gets what was loaded.
    """

    def __init__(self, manifest: Path, load: Callable[[], T], take: Callable[[T], None]):
        self._manifest = manifest
        self._load = load
        self._take = take
        self._in_use = self._digest()
        self._failed: str | None = None
        self._n_failures = 0

    def watch(self, every_s: float) -> threading.Event:
        """Look every so many seconds, in a thread that ends with the process.

        Returns:
            Set it to end the watch.
        """
        stop = threading.Event()

        def work() -> None:
            while not stop.wait(every_s):
                self.look()

        threading.Thread(target=work, name="reloader", daemon=True).start()
        return stop

    def look(self) -> bool:
        """Take what is new, if there is something and it can be used.

        Returns:
            Whether something new was taken. If it could not be loaded, what is in use stays.
        """
        digest = self._digest()
        if digest is None or digest == self._in_use or self._is_given_up(digest):
            return False
        try:
            loaded = self._load()
        except Exception as error:  # noqa: BLE001 - whatever it is, the old one goes on
            self._note_failure(digest, error)
            return False
        self._take(loaded)
        self._in_use = digest
        metrics.count_reload("loaded")
        logger.info("A new bundle is in use.")
        return True

    def _digest(self) -> str | None:
        try:
            return hashlib.sha256(self._manifest.read_bytes()).hexdigest()
        except OSError:  # being replaced
            return None

    def _is_given_up(self, digest: str) -> bool:
        return digest == self._failed and self._n_failures >= ATTEMPTS

    def _note_failure(self, digest: str, error: Exception) -> None:
        if digest != self._failed:
            self._failed, self._n_failures = digest, 0
        self._n_failures += 1
        if self._n_failures == ATTEMPTS:
            metrics.count_reload("failed")
            logger.error("The new bundle cannot be used, the old one stays in use: %s", error)
