"""Optuna's journal file for a process that has it to itself."""

import json
import os
from pathlib import Path
from typing import Any

from optuna.storages.journal import JournalFileBackend


class OwnedJournalFile(JournalFileBackend):
    """Writes without a lock, and waits for the disk only when a trial begins or ends.

    Optuna's own backend waits for the disk after every entry, the points of curves too: with fits
    of milliseconds an epoch that is most of a search's time. What was written outlives the process
    however it ends; a power cut may cost the trial under way, which is drawn again.

    Args:
        path: The journal; only one process may write to it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Add entries to the journal."""
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        with self._path.open("ab") as file:
            file.write("".join(lines).encode())
            file.flush()
            if not all(_is_detail(log) for log in logs):
                os.fsync(file.fileno())


def _is_detail(log: dict[str, Any]) -> bool:
    """Tell what is noted of a trial under way from its beginning, its end, and studies."""
    return "trial_id" in log and "state" not in log
