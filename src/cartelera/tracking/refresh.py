"""The champion's recipe, fitted on today's ratings: what ships has learnt from all there are."""

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mlflow.entities.model_registry import ModelVersion

from cartelera.errors import CarteleraError
from cartelera.models.recipe import Recipe
from cartelera.tracking.recipes import recipe_of, recipe_tags
from cartelera.tracking.registration import DATA_DIGEST, take_over
from cartelera.tracking.store import reaching
from cartelera.tracking.versions import CHAMPION, ModelFiles, Versions

logger = logging.getLogger(__name__)


def refresh_champion(
    versions: Versions, data_digest: str, refit: Callable[[Recipe, ModelVersion, Path], ModelFiles]
) -> str | None:
    """See to it that the champion is a version fitted on today's ratings, with files in the store.

    A refit is a version of its own: a rollback still finds the former one. A champion that cannot
    be fitted again stays as it is.

    Args:
        versions: The registered model.
        data_digest: A digest of everything models are fitted on and measured by.
        refit: Fits a recipe, that of the version given, into an empty folder.

    Returns:
        What people should know if the champion is of former ratings; None if it is not.

    Raises:
        CarteleraError: If the store cannot be reached.
    """
    with reaching(versions.tracker.uri):
        champion = versions.at(CHAMPION)
        if champion is None or (
            champion.tags.get(DATA_DIGEST) == data_digest and versions.is_whole(champion)
        ):
            return None
    with TemporaryDirectory() as folder:
        try:
            recipe = recipe_of(champion)
            content = refit(recipe, champion, Path(folder))
        except CarteleraError as error:
            return (
                f"The champion, version {champion.version}, has not learnt from the latest "
                f"ratings, since it cannot be fitted again: {error}"
            )
        with reaching(versions.tracker.uri):
            _replace(versions, champion, recipe, content, data_digest)
    return None


def _replace(
    versions: Versions,
    champion: ModelVersion,
    recipe: Recipe,
    content: ModelFiles,
    data_digest: str,
) -> None:
    digests = content.digests()
    found = versions.find(digests)
    if found is None:
        name = f"refit of version {champion.version}"
        with versions.tracker.run("register", name=name) as run:
            found = versions.add(run, content, digests, recipe_tags(recipe))
    versions.tag(int(found.version), {DATA_DIGEST: data_digest})
    if found.version != champion.version:
        take_over(versions, found, champion)
        logger.info(
            "Version %s is the recipe of version %s, the champion, fitted on the latest ratings.",
            found.version,
            champion.version,
        )
