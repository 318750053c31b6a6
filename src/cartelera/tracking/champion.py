"""What ships: the champion's files beside the pipeline's others."""

import logging
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mlflow.entities.model_registry import ModelVersion

from cartelera import files
from cartelera.errors import InputError
from cartelera.tracking.gate import GateDecision
from cartelera.tracking.registry import REASON, decided, measured_of
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import (
    CANDIDATE,
    CHAMPION,
    CONTENT_DIGEST,
    FACTORS_DIGEST,
    SHIPPED_DIGEST,
    TRAINED_AT,
    Versions,
    folder_digest,
)

logger = logging.getLogger(__name__)

REGISTERED_FILE: Final = "registered.json"


@dataclass(frozen=True)
class Shipping:
    """Which version ships, in words and numbers that change only when another one does.

    Attributes:
        name: The registered model.
        version: The version.
        aliases: `champion`, or `candidate` where there is no champion.
        warning: What people should know before they rely on it, if there is something.
        reason: Why it is in its place.
        decision: What the gate decided, number by number; none where a person has spoken since.
        run_id: The run that trained it.
        trained_at: When that run began, ISO 8601 in UTC.
        rmse: Its test RMSE when it was registered, in stars.
        bias_only_rmse: That of the baseline that knows biases alone.
        split_digest: The split that was measured on.
        factors_digest: SHA-256 over the files of the model that was evaluated.
        shipped_digest: The same of the model that ships.
    """

    name: str
    version: int
    aliases: tuple[str, ...]
    warning: str | None
    reason: str | None
    decision: GateDecision | None
    run_id: str | None
    trained_at: str | None
    rmse: float | None
    bias_only_rmse: float | None
    split_digest: str | None
    factors_digest: str | None
    shipped_digest: str | None


def write_shipping(versions: Versions, former: Path, folder: Path) -> Shipping:
    """Write the champion's files, or the candidate's while there is no champion.

    Args:
        versions: The registered model.
        former: Where the files of the last time are, if there are any; copied if they are right.
        folder: The folder to make.

    Raises:
        InputError: If the registered model has neither a champion nor a candidate.
        CarteleraError: If the store cannot be reached, or the version's files are not whole.
    """
    with reaching(versions.tracker.uri):
        version, alias = versions.at(CHAMPION), CHAMPION
        if version is None:
            version, alias = versions.at(CANDIDATE), CANDIDATE
        if version is None:
            raise InputError(f"{versions.name} has no version to ship: run the register stage.")
        shipping = _describe(version, alias)
        if _holds(former, version):
            shutil.copytree(former, folder)
        else:
            versions.fetch(version, folder)
    files.write_json(folder / REGISTERED_FILE, asdict(shipping))
    return shipping


def _describe(version: ModelVersion, alias: str) -> Shipping:
    decision = decided(version)
    warning, reason = None, version.tags.get(REASON)
    if alias == CANDIDATE:
        reason = None if decision is None else decision.reason
        warning = (
            f"There is no champion: the gate refused every model so far, this one, version "
            f"{version.version}, included. It ships because there is no other."
        )
    elif decision is not None and decision.is_without_contest:
        warning = (
            f"The champion, version {version.version}, took its place on the bias baseline alone: "
            f"whether it is better than version {decision.champion} before it is not known. "
            "`cartelera rollback --reason ...` goes back."
        )
    if warning is not None:
        logger.warning("%s", warning)
    measured = measured_of(version)
    return Shipping(
        name=version.name,
        version=int(version.version),
        aliases=(alias,),
        warning=warning,
        reason=reason,
        decision=decision,
        run_id=version.run_id,
        trained_at=version.tags.get(TRAINED_AT),
        rmse=measured and measured.rmse,
        bias_only_rmse=measured and measured.bias_only_rmse,
        split_digest=measured and measured.split_digest,
        factors_digest=version.tags.get(FACTORS_DIGEST),
        shipped_digest=version.tags.get(SHIPPED_DIGEST),
    )


def _holds(folder: Path, version: ModelVersion) -> bool:
    """Say whether a folder has a version's files, whole and unchanged."""
    if not (folder / REGISTERED_FILE).is_file():
        return False
    digest = folder_digest(folder, without=REGISTERED_FILE)
    return digest == version.tags.get(CONTENT_DIGEST)
