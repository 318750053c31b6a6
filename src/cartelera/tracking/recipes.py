"""The recipe of a version: what is written down of it, and what a person withdrew."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, Final, cast

from mlflow.entities.model_registry import ModelVersion

from cartelera.errors import ConfigError, InputError
from cartelera.models.recipe import RECIPE, Recipe
from cartelera.ranking.parameters import RankingParams
from cartelera.tracking.versions import Versions

RECIPE_TAG: Final = "cartelera.recipe"
RECIPE_DIGEST: Final = "cartelera.recipe_sha256"
WITHDRAWN: Final = "cartelera.withdrawn"

LIKENESS: Final = 0.25
"""By how much, as a share, the numbers of two recipes may differ that count as one to a person.

A search on one rating more ends at nearly the same numbers, seldom at the very same.
"""

_SEED: Final = "seed"


def recipe_of_card(card: Mapping[str, Any]) -> Recipe:
    """Return the recipe a model card holds.

    Raises:
        InputError: If it holds none, or one that this version of the program cannot follow.
    """
    if RECIPE not in card:
        raise InputError("The model's card holds no recipe: run the train stage anew.")
    return _checked(card[RECIPE])


def recipe_of(version: ModelVersion) -> Recipe:
    """Return the recipe that a version was registered with.

    Raises:
        InputError: If there is none, or one that this version of the program cannot follow.
    """
    if RECIPE_TAG not in version.tags:
        raise InputError(f"it is not known what makes version {version.version} again.")
    return _checked(json.loads(version.tags[RECIPE_TAG]))


def recipe_tags(recipe: Recipe) -> dict[str, str]:
    """Return what is written down of a version's recipe."""
    return {
        RECIPE_TAG: json.dumps(recipe.to_json(), sort_keys=True),
        RECIPE_DIGEST: recipe_digest(recipe),
    }


def recipe_digest(recipe: Recipe) -> str:
    """Return a SHA-256 that recipes share if they make the same model of the same ratings."""
    return hashlib.sha256(json.dumps(_in_full(recipe), sort_keys=True).encode()).hexdigest()


def are_of_one_recipe(one: ModelVersion, other: ModelVersion) -> bool:
    """Tell whether two versions have the same recipe, to the last digit."""
    digest = one.tags.get(RECIPE_DIGEST)
    return digest is not None and digest == other.tags.get(RECIPE_DIGEST)


def are_alike(one: Recipe, other: Recipe) -> bool:
    """Tell whether two recipes are one to a person: numbers within `LIKENESS`, any seeds."""
    return _alike(_in_full(one), _in_full(other))


def withdrawal(versions: Versions, recipe: Recipe) -> ModelVersion | None:
    """Return the withdrawn version whose recipe is like a given one; None if there is none."""
    for version in versions.tagged(WITHDRAWN):
        if RECIPE_TAG in version.tags:
            known = Recipe.from_json(json.loads(version.tags[RECIPE_TAG]))
            if are_alike(known, recipe):
                return version
    return None


def withdraw(versions: Versions, version: ModelVersion, said: str) -> None:
    """Keep the gate from putting a version's recipe back."""
    versions.tag(int(version.version), {WITHDRAWN: said})


def restore(versions: Versions, version: ModelVersion) -> None:
    """Let a version's recipe be the champion again, whichever of its versions was withdrawn."""
    versions.untag(version, WITHDRAWN)
    if RECIPE_TAG not in version.tags:
        return
    recipe = Recipe.from_json(json.loads(version.tags[RECIPE_TAG]))
    while (other := withdrawal(versions, recipe)) is not None:
        versions.untag(other, WITHDRAWN)


def _checked(content: Any) -> Recipe:
    recipe = Recipe.from_json(content)
    try:
        RankingParams.from_mapping(recipe.ranking)
    except ConfigError as error:
        raise InputError(f"the recipe cannot be followed: {error}") from error
    return recipe


def _in_full(recipe: Recipe) -> dict[str, Any]:
    """Return the recipe with the parameters that were left out at their defaults."""
    content = recipe.to_json()
    content["ranking"] = RankingParams.from_mapping(recipe.ranking).to_mapping()
    return content


def _alike(one: Any, other: Any) -> bool:
    if _is_number(one) and _is_number(other):
        return math.isclose(one, other, rel_tol=LIKENESS)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        ours, theirs = (cast(Mapping[str, Any], each) for each in (one, other))
        names = (ours.keys() | theirs.keys()) - {_SEED, "random_state"}
        return all(_alike(ours.get(name), theirs.get(name)) for name in names)
    if isinstance(one, list) and isinstance(other, list):
        ours, theirs = (cast(list[Any], each) for each in (one, other))
        return len(ours) == len(theirs) and all(map(_alike, ours, theirs))
    return one == other


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
