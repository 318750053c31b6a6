"""Promotion and rollback of a version by a person, with the reason.

A champion that a person takes out of its place is withdrawn: the gate does not put its recipe back,
on whatever ratings it is fitted, until a person promotes it again.
"""

import logging
from datetime import UTC, datetime
from typing import Final

from mlflow.entities.model_registry import ModelVersion

from cartelera.errors import InputError
from cartelera.tracking.provenance import user
from cartelera.tracking.recipes import WITHDRAWN, are_of_one_recipe, restore, withdraw
from cartelera.tracking.registration import GATE, REASON, REPLACED, VERSION, set_champion
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import CANDIDATE, CHAMPION, PREVIOUS, Versions

logger = logging.getLogger(__name__)

PROMOTE: Final = "promote"
ROLLBACK: Final = "rollback"

_BY: Final = "cartelera.by"
_FROM_VERSION: Final = "cartelera.from_version"


def promote(versions: Versions, number: int | None, reason: str) -> int:
    """Make a version the champion, whatever the gate said; the one before becomes `previous`.

    Args:
        versions: The registered model.
        number: The version; the candidate by default.
        reason: Why, for people.

    Returns:
        The version that is the champion now.

    Raises:
        InputError: If there is no such version, it is the champion already, or no reason is given.
        CarteleraError: If the store cannot be reached.
    """
    said = _signed(reason)
    with reaching(versions.tracker.uri):
        chosen = versions.at(CANDIDATE) if number is None else versions.get(number)
        if chosen is None:
            raise InputError(_no_such_version(versions, number))
        champion = versions.at(CHAMPION)
        if champion is not None and champion.version == chosen.version:
            raise InputError(f"Version {chosen.version} is the champion already.")
        _log_run(versions, PROMOTE, champion, chosen, said)
        if champion is not None and not are_of_one_recipe(champion, chosen):
            withdraw(versions, champion, said)
        restore(versions, chosen)
        versions.untag(chosen, GATE)
        set_champion(versions, int(chosen.version), champion, said)
    return int(chosen.version)


def roll_back(versions: Versions, reason: str) -> int:
    """Roll back: give the champion's place back to the one before it, and withdraw the champion.

    `previous` moves on to what that one replaced in its day, so that a further rollback goes a
    further step back.

    Args:
        versions: The registered model.
        reason: Why, for people.

    Returns:
        The version that is the champion now.

    Raises:
        InputError: If there is nothing to go back to, or no reason is given.
        CarteleraError: If the store cannot be reached.
    """
    said = _signed(reason)
    with reaching(versions.tracker.uri):
        champion, previous = versions.at(CHAMPION), versions.at(PREVIOUS)
        if champion is None or previous is None or previous.version == champion.version:
            raise InputError(
                f"{versions.name} has no former champion to go back to: `cartelera models` lists "
                "what there is, `cartelera promote VERSION --reason ...` takes any."
            )
        _log_run(versions, ROLLBACK, champion, previous, said)
        number = int(previous.version)
        withdraw(versions, champion, said)
        restore(versions, previous)
        versions.untag(previous, GATE)
        versions.tag(number, {REASON: said})
        versions.point(CHAMPION, number)
        before = _before(versions, previous)
        if before is None:
            versions.remove(PREVIOUS)
        else:
            versions.point(PREVIOUS, before)

    return number


def _before(versions: Versions, version: ModelVersion) -> int | None:
    """Follow what each champion replaced, to the first one that is not withdrawn."""
    visited = {int(version.version)}
    while REPLACED in version.tags and (replaced := int(version.tags[REPLACED])) not in visited:
        visited.add(replaced)
        found = versions.get(replaced)
        if found is None:
            return None
        if WITHDRAWN not in found.tags:
            return int(found.version)
        version = found
    return None


def _signed(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise InputError("A reason is needed: --reason 'what makes this the right model'.")
    return f"{said} ({user()}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC)"


def _no_such_version(versions: Versions, number: int | None) -> str:
    known = ", ".join(str(version.version) for version in versions.all())
    if not known:
        return f"{versions.name} has no versions yet: `cartelera repro` makes the first one."
    if number is None:
        return f"{versions.name} has no candidate: name a version, one of {known}."
    return f"{versions.name} has no version {number}: there are {known}."


def _log_run(
    versions: Versions, what: str, champion: ModelVersion | None, chosen: ModelVersion, said: str
) -> None:
    """Leave a run that says who did what and why."""
    tags = {VERSION: str(chosen.version), REASON: said, _BY: user()}
    if champion is not None:
        tags[_FROM_VERSION] = str(champion.version)
    with versions.tracker.run(what, name=f"{what} to version {chosen.version}", tags=tags):
        logger.info("%s to version %s: %s", what.capitalize(), chosen.version, said)
