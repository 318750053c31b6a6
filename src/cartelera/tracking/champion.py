"""The files of the champion, which ships, beside the pipeline's others."""

import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from mlflow.entities.model_registry import ModelVersion

from cartelera import files
from cartelera.errors import InputError
from cartelera.tracking.gate import GateDecision
from cartelera.tracking.model_folders import FACTORS, SHIPPED, folder_digest
from cartelera.tracking.registration import REASON, REFIT_OF, decided, measured_of
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import (
    CANDIDATE,
    CHAMPION,
    FACTORS_DIGEST,
    SHIPPED_DIGEST,
    TRAINED_AT,
    Versions,
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
        refit_of: The version whose recipe it is, fitted on later ratings; none if it is the first.
        run_id: The run that trained it.
        trained_at: When that run began, ISO 8601 in UTC.
        rmse: Its test RMSE when it was evaluated last, in stars.
        bias_only_rmse: That of the baseline that knows biases alone.
        ndcg: NDCG@k of its lists, alike.
        popularity_ndcg: That of what is popular.
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
    refit_of: int | None
    run_id: str | None
    trained_at: str | None
    rmse: float | None
    bias_only_rmse: float | None
    ndcg: float | None
    popularity_ndcg: float | None
    split_digest: str | None
    factors_digest: str | None
    shipped_digest: str | None


def ships(versions: Versions) -> ModelVersion:
    """Return the champion, or the candidate while there is no champion.

    Raises:
        InputError: If the registered model has neither.
        CarteleraError: If the store cannot be reached.
    """
    with reaching(versions.tracker.uri):
        version = versions.at(CHAMPION) or versions.at(CANDIDATE)
    if version is None:
        raise InputError(f"{versions.name} has no version to ship: run the register stage.")
    return version


def write_shipping(
    versions: Versions,
    former: Path,
    folder: Path,
    *,
    reports: Sequence[Path] = (),
    stale: str | None = None,
) -> Shipping:
    """Write the files of what ships.

    Args:
        versions: The registered model.
        former: Where the files of the last time are, if there are any; copied if they are right.
        folder: The folder to make.
        reports: What the last evaluation of this version found out; takes the place of what it was
            registered with.
        stale: Why the champion is of former ratings, if it is.

    Raises:
        InputError: If the registered model has neither a champion nor a candidate.
        CarteleraError: If the store cannot be reached, or the version's files are not whole.
    """
    version = ships(versions)
    with reaching(versions.tracker.uri):
        champion = versions.at(CHAMPION)
        is_champion = champion is not None and champion.version == version.version
        warning = stale if is_champion else _without_champion(versions, version)
        shipping = _describe(version, CHAMPION if is_champion else CANDIDATE, warning)
        if _holds(former, version):
            shutil.copytree(former, folder)
        else:
            versions.fetch(version, folder)
    for report in reports:
        shutil.copy2(report, folder / report.name)
    files.write_json(folder / REGISTERED_FILE, asdict(shipping))
    return shipping


def _without_champion(versions: Versions, version: ModelVersion) -> str:
    """Say why there is no champion: none yet, or none any more."""
    number = version.version
    former = next((each.version for each in versions.tagged(REASON)), None)
    if former is None:
        return (
            f"There is no champion: the gate refused every model so far, this one, version "
            f"{number}, included. It ships because there is no other."
        )
    return (
        f"There is no champion any more: its alias was removed. The candidate, version {number}, "
        f"ships, which the gate refused; `cartelera promote {former} --reason ...` makes version "
        f"{former}, which was champion once, the champion again."
    )


def _describe(version: ModelVersion, alias: str, warning: str | None) -> Shipping:
    decision, reason = decided(version), version.tags.get(REASON)
    if alias == CANDIDATE:
        reason = None if decision is None else decision.reason

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
        refit_of=int(version.tags[REFIT_OF]) if REFIT_OF in version.tags else None,
        run_id=version.run_id,
        trained_at=version.tags.get(TRAINED_AT),
        rmse=measured and measured.rmse,
        bias_only_rmse=measured and measured.bias_only_rmse,
        ndcg=measured and measured.ndcg,
        popularity_ndcg=measured and measured.popularity_ndcg,
        split_digest=measured and measured.split_digest,
        factors_digest=version.tags.get(FACTORS_DIGEST),
        shipped_digest=version.tags.get(SHIPPED_DIGEST),
    )


def _holds(folder: Path, version: ModelVersion) -> bool:
    """Tell whether a folder has a version's models, whole and unchanged."""
    if not (folder / REGISTERED_FILE).is_file():
        return False
    return all(
        (folder / part).is_dir() and folder_digest(folder / part) == version.tags.get(tag)
        for part, tag in ((FACTORS, FACTORS_DIGEST), (SHIPPED, SHIPPED_DIGEST))
    )
