"""Registered models in MLflow: one version a model, aliases moved through the gate."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import mlflow
import mlflow.pyfunc
import pandas as pd
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema

import cartelera
from cartelera import columns as c
from cartelera import files
from cartelera.factorization.factors import Factors
from cartelera.tracking import gate as gates
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.store import reaching

logger = logging.getLogger(__name__)

CANDIDATE: Final = "candidate"
CHAMPION: Final = "champion"
PREVIOUS: Final = "previous"

FACTORS_DIGEST: Final = "cartelera.factors_sha256"

_RMSE: Final = "cartelera.rmse"
_BIAS_ONLY_RMSE: Final = "cartelera.bias_only_rmse"
_SPLIT_DIGEST: Final = "cartelera.split_digest"
_GATE: Final = "cartelera.gate"

_MODEL_CODE: Final = Path(__file__).with_name("pyfunc_model.py")
_REQUIREMENTS: Final = ("mlflow", "numpy", "pandas", "pyarrow", "safetensors")
_N_EXAMPLE_ROWS: Final = 3
_SIGNATURE: Final = ModelSignature(
    inputs=Schema([ColSpec(DataType.long, c.USER_ID), ColSpec(DataType.string, c.TITLE_ID)]),
    outputs=Schema([ColSpec(DataType.double, "prediction")]),
)


@dataclass(frozen=True)
class Registered:
    """What became of a model.

    Attributes:
        name: The registered model.
        version: The version the model has there.
        aliases: The aliases that point to this version now, in alphabetical order.
        promoted: Whether it became the champion just now.
        reason: What the gate said.
        run_id: The run the version belongs to.
        factors_digest: Digest of the model's files.
    """

    name: str
    version: int
    aliases: tuple[str, ...]
    promoted: bool
    reason: str
    run_id: str
    factors_digest: str


def register(
    tracker: Tracker,
    run: RunLog,
    factors: Path,
    metrics: Mapping[str, Any],
    *,
    name: str,
    margin: float,
) -> Registered:
    """Register a model and let the gate decide about `champion`.

    The same model again gives the version it already has. `candidate` moves to the model's version
    every time; `champion` only through the gate, and what it pointed to keeps `previous`.

    Args:
        tracker: The experiment.
        run: The run to log the model in, if it is not registered yet.
        factors: The folder of the exported model.
        metrics: The evaluation's metrics of it.
        name: The registered model.
        margin: How much better the candidate must be, in stars.

    Raises:
        InputError: If the folder or the metrics are unusable.
        CarteleraError: If the store cannot be reached.
    """
    measured = gates.Measured.from_metrics(metrics)
    digest = folder_digest(factors)
    with reaching(tracker.uri):
        found = _find_version(tracker, name, digest)
        if found is None:
            found = _log_version(tracker, run, factors, name, digest)
            logger.info("%s has a new version, %s.", name, found.version)
        else:
            logger.info("The model is version %s of %s already.", found.version, name)
        champion = _find_alias(tracker, name, CHAMPION)
        decision = _decide(found, champion, measured, margin)
        _tag(tracker, found, measured, decision)
        _move_aliases(tracker, found, champion, decision)
        now = tracker.client.get_model_version(name, found.version)
    return Registered(
        name=name,
        version=int(now.version),
        aliases=tuple(sorted(now.aliases)),
        promoted=decision.promote,
        reason=decision.reason,
        run_id=str(now.run_id),
        factors_digest=digest,
    )


def folder_digest(folder: Path) -> str:
    """Give a SHA-256 over the names and contents of a folder's files."""
    return files.digest_of({path.name: path for path in folder.iterdir()})


def _find_version(tracker: Tracker, name: str, digest: str) -> ModelVersion | None:
    versions = tracker.client.search_model_versions(
        f"name = '{name}' and tag.`{FACTORS_DIGEST}` = '{digest}'"
    )
    return min(versions, key=lambda found: int(found.version), default=None)


def _log_version(
    tracker: Tracker, run: RunLog, folder: Path, name: str, digest: str
) -> ModelVersion:
    factors = Factors.load(folder)
    n_rows = min(_N_EXAMPLE_ROWS, len(factors.user_ids), len(factors.title_ids))
    example = pd.DataFrame(
        {c.USER_ID: factors.user_ids[:n_rows], c.TITLE_ID: factors.title_ids[:n_rows].astype(str)}
    )
    mlflow.set_experiment(experiment_id=tracker.experiment_id)
    logged = Model.log(
        artifact_path=None,
        flavor=mlflow.pyfunc,
        name=name,
        run_id=run.run_id,
        python_model=str(_MODEL_CODE),
        artifacts={"factors": str(folder.resolve())},
        code_paths=[str(Path(cartelera.__file__).parent)],
        signature=_SIGNATURE,
        input_example=example,
        pip_requirements=[f"{package}=={version(package)}" for package in _REQUIREMENTS],
    )
    return mlflow.register_model(logged.model_uri, name, tags={FACTORS_DIGEST: digest})


def _decide(
    candidate: ModelVersion,
    champion: ModelVersion | None,
    measured: gates.Measured,
    margin: float,
) -> gates.GateDecision:
    if champion is not None and champion.version == candidate.version:
        return gates.GateDecision(promote=False, reason="It is the champion already.")
    return gates.gate(measured, _measured(champion), margin)


def _move_aliases(
    tracker: Tracker,
    candidate: ModelVersion,
    champion: ModelVersion | None,
    decision: gates.GateDecision,
) -> None:
    moves = {CANDIDATE: candidate.version}
    if decision.promote:
        if champion is not None:
            moves[PREVIOUS] = champion.version
        moves[CHAMPION] = candidate.version
    for alias, number in moves.items():
        tracker.client.set_registered_model_alias(candidate.name, alias, number)


def _find_alias(tracker: Tracker, name: str, alias: str) -> ModelVersion | None:
    try:
        return tracker.client.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise


def _measured(version: ModelVersion | None) -> gates.Measured | None:
    """Read what a version was registered with; None if it was registered by other means."""
    if version is None or not {_RMSE, _BIAS_ONLY_RMSE, _SPLIT_DIGEST} <= version.tags.keys():
        return None
    return gates.Measured(
        rmse=float(version.tags[_RMSE]),
        bias_only_rmse=float(version.tags[_BIAS_ONLY_RMSE]),
        split_digest=version.tags[_SPLIT_DIGEST],
    )


def _tag(
    tracker: Tracker, found: ModelVersion, measured: gates.Measured, decision: gates.GateDecision
) -> None:
    tags = {
        _RMSE: repr(measured.rmse),
        _BIAS_ONLY_RMSE: repr(measured.bias_only_rmse),
        _SPLIT_DIGEST: measured.split_digest,
        _GATE: decision.reason,
    }
    for key, value in tags.items():
        tracker.client.set_model_version_tag(found.name, found.version, key, value)
