"""A model becomes a version of a registered model; the gate moves `champion`.

Whatever is done here can be done again, after a kill at any moment too: a model has one version, a
version is judged once for the champion, the split and the rules it met, and an alias is moved
before the judgement is written down.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pandas as pd
from mlflow.entities.model_registry import ModelVersion

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.tracking import gate as gates
from cartelera.tracking.contest import Contest, hold_contest
from cartelera.tracking.gate import GateDecision, Measured, Rules
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import (
    CANDIDATE,
    CHAMPION,
    FACTORS,
    PREVIOUS,
    BrokenVersionError,
    ModelFiles,
    Versions,
)

logger = logging.getLogger(__name__)

RMSE: Final = "cartelera.rmse"
BIAS_ONLY_RMSE: Final = "cartelera.bias_only_rmse"
SPLIT_DIGEST: Final = "cartelera.split_digest"
GATE: Final = "cartelera.gate"
REASON: Final = "cartelera.reason"
REPLACED: Final = "cartelera.replaced"
WITHDRAWN: Final = "cartelera.withdrawn"
VERSION: Final = "cartelera.version"

_JUDGED: Final = "cartelera.judged"


@dataclass(frozen=True)
class Registered:
    """What became of a model.

    Attributes:
        name: The registered model.
        version: The version the model has there.
        is_champion: Whether it is the champion now.
        decision: What the gate said: now, or when it met the same champion on the same split.
    """

    name: str
    version: int
    is_champion: bool
    decision: GateDecision


def register(
    tracker: Tracker,
    run: RunLog,
    content: ModelFiles,
    metrics: Mapping[str, Any],
    test: pd.DataFrame,
    *,
    name: str,
    rules: Rules,
) -> Registered:
    """Register a model and let the gate decide about `champion`.

    The same model again gives the version it already has. `candidate` moves to the model's version
    every time; `champion` only through the gate, and what it pointed to keeps `previous`. A model
    that somebody withdrew stays withdrawn.

    Args:
        tracker: The experiment.
        run: The run to log the model in, if it is not registered yet.
        content: The model.
        metrics: The evaluation's metrics of it.
        test: The test part it was evaluated on.
        name: The registered model.
        rules: When a candidate is better.

    Raises:
        InputError: If a folder or the metrics are unusable.
        CarteleraError: If the store cannot be reached, or the champion's files cannot be fetched:
            nothing is decided then.
    """
    measured = Measured.from_metrics(metrics)
    digests = content.digests()
    versions = Versions(tracker, name)
    with reaching(tracker.uri):
        found = versions.find(digests)
        if found is None:
            found = versions.add(run, content, digests)
            logger.info("%s has a new version, %s.", name, found.version)
        number = int(found.version)
        versions.tag(number, _measures(measured))
        versions.point(CANDIDATE, number)
        champion = versions.at(CHAMPION)
        if champion is not None and champion.version == found.version:
            decision = decided(found) or GateDecision(True, _reason(found))
            return Registered(name, number, True, decision)
        key = _key(champion, measured, rules)
        decision = _remembered(found, key)
        if decision is not None:
            return Registered(name, number, False, _but_withdrawn(found, decision))
        decision = _judge(versions, found, champion, measured, content.factors, test, rules)
        if decision.promote:
            crown(versions, number, champion, decision.reason)
        versions.tag(number, dict.fromkeys((GATE, key), json.dumps(asdict(decision))))
        run.tags({GATE: decision.reason, VERSION: str(found.version)})
    return Registered(name, number, decision.promote, decision)


def crown(versions: Versions, number: int, champion: ModelVersion | None, reason: str) -> None:
    """Make a version the champion; the one before keeps `previous`.

    Args:
        versions: The registered model.
        number: The version to promote.
        champion: What is the champion now.
        reason: Why, for people.
    """
    replaced = {} if champion is None else {REPLACED: str(champion.version)}
    versions.tag(number, {REASON: reason, **replaced})
    if champion is not None:
        versions.point(PREVIOUS, int(champion.version))
    versions.point(CHAMPION, number)


def measured_of(version: ModelVersion) -> Measured | None:
    """Read what a version was registered with; None if it was registered by other means."""
    if not {RMSE, BIAS_ONLY_RMSE, SPLIT_DIGEST} <= version.tags.keys():
        return None
    return Measured(
        rmse=float(version.tags[RMSE]),
        bias_only_rmse=float(version.tags[BIAS_ONLY_RMSE]),
        split_digest=version.tags[SPLIT_DIGEST],
    )


def decided(version: ModelVersion) -> GateDecision | None:
    """Read what the gate said about a version last; None where a person has spoken since."""
    return _remembered(version, GATE)


def _judge(
    versions: Versions,
    candidate: ModelVersion,
    champion: ModelVersion | None,
    measured: Measured,
    factors: Path,
    test: pd.DataFrame,
    rules: Rules,
) -> GateDecision:
    if WITHDRAWN in candidate.tags:
        return _but_withdrawn(candidate, GateDecision(True, ""))
    if champion is None:
        return gates.gate(measured, None, None, rules)
    contest = _contest(versions, champion, measured, factors, test, rules)
    return gates.gate(measured, int(champion.version), contest, rules)


def _contest(
    versions: Versions,
    champion: ModelVersion,
    measured: Measured,
    factors: Path,
    test: pd.DataFrame,
    rules: Rules,
) -> Contest | str:
    champion_measured = measured_of(champion)
    with TemporaryDirectory() as folder:
        fetched = Path(folder) / CHAMPION
        try:
            versions.fetch(champion, fetched)
            champion_factors = Factors.load(fetched / FACTORS)
        except (BrokenVersionError, InputError) as error:
            return str(error)
    return hold_contest(
        Factors.load(factors),
        champion_factors,
        test,
        same_split=champion_measured is not None
        and champion_measured.split_digest == measured.split_digest,
        min_ratings=rules.min_ratings,
        n_bootstrap=rules.n_bootstrap,
        confidence=rules.confidence,
        seed=rules.seed,
    )


def _but_withdrawn(version: ModelVersion, decision: GateDecision) -> GateDecision:
    """Let a person's word stand against the gate's."""
    if WITHDRAWN not in version.tags:
        return decision
    reason = (
        f"Version {version.version} was withdrawn: {version.tags[WITHDRAWN]} Only `cartelera "
        f"promote {version.version} --reason ...` brings it back."
    )
    return GateDecision(False, reason, decision.champion, decision.contest)


def _key(champion: ModelVersion | None, measured: Measured, rules: Rules) -> str:
    """Name the tag that remembers what was decided against this champion, split and rules."""
    met = json.dumps([measured.split_digest, asdict(rules)], sort_keys=True)
    against = "nobody" if champion is None else f"v{champion.version}"
    return f"{_JUDGED}.{against}.{hashlib.sha256(met.encode()).hexdigest()[:12]}"


def _remembered(version: ModelVersion, key: str) -> GateDecision | None:
    if key not in version.tags:
        return None
    return gates.decision_from(json.loads(version.tags[key]))


def _reason(version: ModelVersion) -> str:
    return version.tags.get(REASON, "It was made the champion by other means.")


def _measures(measured: Measured) -> dict[str, str]:
    return {
        RMSE: repr(measured.rmse),
        BIAS_ONLY_RMSE: repr(measured.bias_only_rmse),
        SPLIT_DIGEST: measured.split_digest,
    }
