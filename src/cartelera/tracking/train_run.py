"""Which run trained a model: told by the model's content.

A file with the run's id would change at every fit, and with it what DVC keeps of the same model.
"""

from pathlib import Path

from cartelera.tracking.model_folders import folder_digest
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import FACTORS_DIGEST


def mark_train_run(run: RunLog, factors: Path) -> None:
    """Let a run be found by the model in a folder, as the one that trained it."""
    run.tags({FACTORS_DIGEST: folder_digest(factors)})


def find_train_run(tracker: Tracker, factors: Path) -> RunLog | None:
    """Return the latest run that trained the model in a folder; None if the store has none."""
    found = tracker.search({FACTORS_DIGEST: folder_digest(factors)})
    return tracker.find_run(found[0].info.run_id) if found else None
