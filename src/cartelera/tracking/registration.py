"""A model becomes a version of a registered model; the gate moves `champion`.

Whatever is done here can be done again, after a kill at any moment too: a model has one version, a
recipe is judged once for the champion's recipe, the data and the rules it met, and an alias is
moved before the judgement is written down.
"""

import hashlib
import json
import logging
from dataclasses import asdict, dataclass, replace
from typing import Final, Protocol

from mlflow.entities.model_registry import ModelVersion

from cartelera.errors import CarteleraError, InputError
from cartelera.evaluation.champion_comparison import ChampionComparison
from cartelera.models.recipe import Recipe
from cartelera.tracking.checks import Rules
from cartelera.tracking.gate import GateDecision, Measured, gate
from cartelera.tracking.recipes import (
    RECIPE_DIGEST,
    WITHDRAWN,
    are_of_one_recipe,
    recipe_of,
    recipe_of_card,
    recipe_tags,
    withdrawal,
)
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import (
    CANDIDATE,
    CHAMPION,
    PREVIOUS,
    ModelFiles,
    Versions,
    card_of,
)

logger = logging.getLogger(__name__)

RMSE: Final = "cartelera.rmse"
BIAS_ONLY_RMSE: Final = "cartelera.bias_only_rmse"
NDCG: Final = "cartelera.ndcg"
POPULARITY_NDCG: Final = "cartelera.popularity_ndcg"
SPLIT_DIGEST: Final = "cartelera.split_digest"
DATA_DIGEST: Final = "cartelera.data_sha256"
GATE: Final = "cartelera.gate"
REASON: Final = "cartelera.reason"
REPLACED: Final = "cartelera.replaced"
REFIT_OF: Final = "cartelera.refit_of"
VERSION: Final = "cartelera.version"

_JUDGED: Final = "cartelera.judged"


class Arena(Protocol):
    """Today's ratings, as far as the gate is concerned."""

    @property
    def digest(self) -> str:
        """A digest of everything models are fitted on and measured by."""
        ...

    def compare_to_champion(self, champion: Recipe | None) -> ChampionComparison | str:
        """Compare the candidate with baselines and a champion's recipe, refitted.

        Returns:
            The comparison, or a sentence that says why there is none.
        """
        ...


@dataclass(frozen=True)
class Registered:
    """What became of a model.

    Attributes:
        name: The registered model.
        version: The version the model has there.
        is_champion: Whether it is the champion now.
        decision: What the gate said: now, or when it met the same champion on the same data.
    """

    name: str
    version: int
    is_champion: bool
    decision: GateDecision


def register(
    versions: Versions,
    run: RunLog,
    content: ModelFiles,
    measured: Measured,
    arena: Arena,
    rules: Rules,
    *,
    held_for: str = "",
) -> Registered:
    """Register a model and let the gate decide about `champion`.

    The same model again gives the version it already has. `candidate` moves to the model's version
    every time; `champion` only through the gate, and what it pointed to keeps `previous`. A model
    of the champion's own recipe is the champion, refitted, and needs no gate. A recipe that
    somebody withdrew stays withdrawn.

    Args:
        versions: The registered model.
        run: The run to log the model in, if it is not registered yet.
        content: The model.
        measured: What the evaluation found out about it.
        arena: Where it meets the champion.
        rules: When a candidate is better.
        held_for: Why only a person may promote today, in a sentence; empty if the gate may.

    Raises:
        InputError: If a folder is unusable, or the model's recipe is not known.
        CarteleraError: If the store cannot be reached: nothing is decided then.
    """
    recipe = recipe_of_card(card_of(content.shipped))
    digests = content.digests()
    with reaching(versions.tracker.uri):
        found = versions.find(digests)
        if found is None:
            found = versions.add(run, content, digests, recipe_tags(recipe))
            logger.info("%s has a new version, %s.", versions.name, found.version)
        number = int(found.version)
        versions.tag(number, {**measures(measured), DATA_DIGEST: arena.digest})
        versions.point(CANDIDATE, number)
        champion = versions.at(CHAMPION)

        if champion is not None and are_of_one_recipe(champion, found):
            if champion.version != found.version:
                take_over(versions, found, champion)
                found = versions.get(number) or found
            decision = decided(found) or GateDecision(True, _reason(found))
            return Registered(versions.name, number, True, decision)

        key = _key(champion, arena, rules)
        decision = _remembered(found, key)
        if decision is None:
            decision = _judge(found, champion, arena, rules)
        judgement = decision
        decision = _but_withdrawn(versions, found, recipe, _but_held(found, judgement, held_for))
        if decision.promote:
            set_champion(versions, number, champion, decision.reason)
        else:
            versions.describe(number, decision.reason)
        versions.tag(number, {key: json.dumps(asdict(judgement))})
        versions.tag(number, {GATE: json.dumps(asdict(decision))})
        run.tags({GATE: decision.reason, VERSION: str(found.version)})
    return Registered(versions.name, number, decision.promote, decision)


def set_champion(
    versions: Versions, number: int, champion: ModelVersion | None, reason: str
) -> None:
    """Make a version the champion; the one before keeps `previous`.

    Args:
        versions: The registered model.
        number: The version to promote.
        champion: What is the champion now.
        reason: Why, for people.
    """
    replaced = {} if champion is None else {REPLACED: str(champion.version)}
    versions.tag(number, {REASON: reason, **replaced})
    versions.describe(number, reason)
    if champion is not None:
        versions.point(PREVIOUS, int(champion.version))
    versions.point(CHAMPION, number)


def take_over(versions: Versions, refit: ModelVersion, champion: ModelVersion) -> None:
    """Put a refit of the champion's recipe in its place, with all that was said about it.

    `previous` stays: a rollback goes to another recipe, not to the same one of older ratings.
    """
    inherited = {
        key: champion.tags[key] for key in (REASON, REPLACED, GATE) if key in champion.tags
    }
    first = champion.tags.get(REFIT_OF, str(champion.version))
    number = int(refit.version)
    # A rollback may have brought back the very version that is now made again.
    again = {} if first == str(refit.version) else {REFIT_OF: first}
    for key in (REASON, REPLACED, GATE, REFIT_OF):
        if key not in (inherited | again):
            versions.untag(refit, key)
    versions.tag(number, {**inherited, **again})
    if again:
        versions.describe(
            number, f"Version {first} once more, on later ratings. {_reason(champion)}"
        )
    versions.point(CHAMPION, number)


def measured_of(version: ModelVersion) -> Measured | None:
    """Read what a version was measured to be last; None if it was registered by other means."""
    tags = version.tags
    if not {RMSE, BIAS_ONLY_RMSE, SPLIT_DIGEST} <= tags.keys():
        return None
    return Measured(
        rmse=float(tags[RMSE]),
        bias_only_rmse=float(tags[BIAS_ONLY_RMSE]),
        split_digest=tags[SPLIT_DIGEST],
        ndcg=float(tags[NDCG]) if NDCG in tags else None,
        popularity_ndcg=float(tags[POPULARITY_NDCG]) if POPULARITY_NDCG in tags else None,
    )


def measures(measured: Measured) -> dict[str, str]:
    """Return what is written down of a measured version."""
    numbers = {
        RMSE: measured.rmse,
        BIAS_ONLY_RMSE: measured.bias_only_rmse,
        NDCG: measured.ndcg,
        POPULARITY_NDCG: measured.popularity_ndcg,
    }
    tags = {key: repr(number) for key, number in numbers.items() if number is not None}
    return {**tags, SPLIT_DIGEST: measured.split_digest}


def decided(version: ModelVersion) -> GateDecision | None:
    """Read what the gate said about a version last; None where a person has spoken since."""
    return _remembered(version, GATE)


def _judge(
    candidate: ModelVersion,
    champion: ModelVersion | None,
    arena: Arena,
    rules: Rules,
) -> GateDecision:
    number = None if champion is None else int(champion.version)
    try:
        comparison = arena.compare_to_champion(None if champion is None else recipe_of(champion))
    except CarteleraError as error:  # the champion's recipe cannot be followed any more
        comparison = str(error)
    return gate(int(candidate.version), number, comparison, rules)


def _but_held(version: ModelVersion, decision: GateDecision, held_for: str) -> GateDecision:
    """Leave a promotion to a person where there is a reason to."""
    if not (decision.promote and held_for):
        return decision
    reason = (
        f"Held back until a person agrees: {held_for} Where these ratings are meant, `cartelera "
        f"promote {version.version} --reason ...` makes it the champion."
    )
    return replace(decision, promote=False, reason=reason)


def _but_withdrawn(
    versions: Versions, version: ModelVersion, recipe: Recipe, decision: GateDecision
) -> GateDecision:
    """Let a person's word stand against the gate's."""
    withdrawn = withdrawal(versions, recipe)
    if withdrawn is None:
        return decision
    like = "" if withdrawn.version == version.version else ", whose recipe this is or nearly so,"
    reason = (
        f"Version {withdrawn.version}{like} was withdrawn: {withdrawn.tags[WITHDRAWN]} Only "
        f"`cartelera promote {version.version} --reason ...` brings it back."
    )
    return GateDecision(False, reason, decision.champion, decision.contest, decision.checks)


def _key(champion: ModelVersion | None, arena: Arena, rules: Rules) -> str:
    """Name the tag that remembers what was decided against this recipe, data and rules."""
    met = json.dumps([arena.digest, asdict(rules)], sort_keys=True)
    digest = hashlib.sha256(met.encode()).hexdigest()[:12]
    if champion is None:
        return f"{_JUDGED}.nobody.{digest}"
    against = champion.tags.get(RECIPE_DIGEST, "")[:12] or f"v{champion.version}"
    return f"{_JUDGED}.{against}.{digest}"


def _remembered(version: ModelVersion, key: str) -> GateDecision | None:
    if key not in version.tags:
        return None
    try:
        return GateDecision.from_json(json.loads(version.tags[key]))
    except InputError:  # written by an earlier version of this program
        return None


def _reason(version: ModelVersion) -> str:
    return version.tags.get(REASON, "It was made the champion by other means.")
