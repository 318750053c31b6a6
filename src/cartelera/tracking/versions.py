"""The versions of one registered model: what they carry, which alias points where."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import mlflow
import mlflow.pyfunc
import pandas as pd
from mlflow.artifacts import download_artifacts
from mlflow.entities import RunInfo
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, DataType, Schema

import cartelera
from cartelera import columns as c
from cartelera import files
from cartelera.errors import CarteleraError, InputError
from cartelera.factorization.factors import Factors
from cartelera.factorization.model_files import CARD_FILE
from cartelera.models.model import Model as BothModels
from cartelera.tracking.model_folders import FACTORS, SHIPPED, folder_digest, has_models
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker

logger = logging.getLogger(__name__)

CANDIDATE: Final = "candidate"
CHAMPION: Final = "champion"
PREVIOUS: Final = "previous"

FACTORS_DIGEST: Final = "cartelera.factors_sha256"
SHIPPED_DIGEST: Final = "cartelera.shipped_sha256"
CONTENT_DIGEST: Final = "cartelera.content_sha256"
TRAINED_AT: Final = "cartelera.trained_at"

_MODEL_CODE: Final = Path(__file__).with_name("pyfunc_model.py")
_REQUIREMENTS: Final = ("mlflow", "numpy", "pandas", "pyarrow", "safetensors")
_N_EXAMPLE_ROWS: Final = 3
_NOT_THERE: Final = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
_REPLACE: Final = "put another one in its place with `cartelera promote VERSION --reason ...`."
_SIGNATURE: Final = ModelSignature(
    inputs=Schema([ColSpec(DataType.long, c.USER_ID), ColSpec(DataType.string, c.TITLE_ID)]),
    outputs=Schema([ColSpec(DataType.double, "prediction")]),
)


@dataclass(frozen=True)
class ModelFiles:
    """What a version carries.

    Attributes:
        factors: Folder of both models fitted on train: what was evaluated.
        shipped: Folder of both models that ship.
        reports: Files about it that travel with it, such as its metrics.
    """

    factors: Path
    shipped: Path
    reports: tuple[Path, ...] = ()

    def digests(self) -> dict[str, str]:
        """Return the digests that tell this model from others; reports do not count."""
        return {
            FACTORS_DIGEST: folder_digest(self.factors),
            SHIPPED_DIGEST: folder_digest(self.shipped),
        }

    def lay_out(self, folder: Path) -> None:
        """Copy everything into a folder under the names it goes by in the registry."""
        shutil.copytree(self.factors, folder / FACTORS)
        shutil.copytree(self.shipped, folder / SHIPPED)
        for report in self.reports:
            shutil.copy2(report, folder / report.name)


class BrokenVersionError(CarteleraError):
    """A version has no model of this project's, or not a whole one."""


class Versions:
    """The versions of one registered model.

    Args:
        tracker: The store.
        name: The registered model.
    """

    def __init__(self, tracker: Tracker, name: str) -> None:
        self.tracker = tracker
        self.name = name

    def all(self) -> list[ModelVersion]:
        """List the versions, newest first."""
        found = self.tracker.client.search_model_versions(f"name = '{self.name}'")
        # The search does not fill in the aliases.
        numbers = sorted((int(version.version) for version in found), reverse=True)
        return [version for number in numbers if (version := self.get(number)) is not None]

    def tagged(self, key: str) -> list[ModelVersion]:
        """List the versions that have a tag, newest first; their aliases are not filled in."""
        found: list[ModelVersion] = []
        token: str | None = None
        while True:
            page = self.tracker.client.search_model_versions(
                f"name = '{self.name}'", page_token=token
            )
            found += [version for version in page if key in version.tags]
            token = cast(str | None, page.token)
            if not token:
                return sorted(found, key=lambda version: int(version.version), reverse=True)

    def get(self, number: int) -> ModelVersion | None:
        """Return a version by its number; None if there is none."""
        return self._or_none(lambda: self.tracker.client.get_model_version(self.name, str(number)))

    def at(self, alias: str) -> ModelVersion | None:
        """Return the version an alias points to; None if it points nowhere."""
        return self._or_none(
            lambda: self.tracker.client.get_model_version_by_alias(self.name, alias)
        )

    def find(self, digests: Mapping[str, str]) -> ModelVersion | None:
        """Find the first version of a model, by its digests, whose files are still there."""
        terms = [f"name = '{self.name}'"]
        terms += [f"tag.`{key}` = '{digest}'" for key, digest in digests.items()]
        found = self.tracker.client.search_model_versions(" and ".join(terms))
        whole = [int(version.version) for version in found if self.is_whole(version)]
        return self.get(min(whole)) if whole else None

    def is_whole(self, version: ModelVersion) -> bool:
        """Tell whether a version's files are still in the store; they are not read."""
        return has_models(f"models:/{self.name}/{version.version}")

    def point(self, alias: str, number: int) -> None:
        """Let an alias point to a version."""
        self.tracker.client.set_registered_model_alias(self.name, alias, str(number))

    def remove(self, alias: str) -> None:
        """Let an alias point nowhere."""
        self.tracker.client.delete_registered_model_alias(self.name, alias)

    def tag(self, number: int, tags: Mapping[str, str]) -> None:
        """Set tags of a version."""
        for key, value in tags.items():
            self.tracker.client.set_model_version_tag(self.name, str(number), key, value)

    def describe(self, number: int, text: str) -> None:
        """Set what people read first about a version."""
        self.tracker.client.update_model_version(self.name, str(number), text)

    def untag(self, version: ModelVersion, key: str) -> None:
        """Remove a tag, if a version has it."""
        if key in version.tags:
            self.tracker.client.delete_model_version_tag(self.name, str(version.version), key)

    def add(
        self,
        run: RunLog,
        content: ModelFiles,
        digests: Mapping[str, str],
        tags: Mapping[str, str] | None = None,
    ) -> ModelVersion:
        """Log a model in a run and make it a version.

        Args:
            run: The run.
            content: The model.
            digests: What tells it from others.
            tags: Further tags of the version.

        Raises:
            InputError: If one of the folders holds no whole model.
        """
        for folder in (content.factors, content.shipped):
            BothModels.load(folder)
        of_run = self.tracker.client.get_run(run.run_id).info
        trained_at = datetime.fromtimestamp(of_run.start_time / 1000, UTC)
        with TemporaryDirectory() as folder:
            laid_out = Path(folder)
            content.lay_out(laid_out)
            of_model = {
                **digests,
                CONTENT_DIGEST: folder_digest(laid_out),
                TRAINED_AT: f"{trained_at:%Y-%m-%dT%H:%M:%SZ}",
            }
            mlflow.set_experiment(experiment_id=of_run.experiment_id)
            logged = self._find_logged(of_run, of_model) or self._log(run, laid_out, of_model)
        return mlflow.register_model(
            f"models:/{logged}", self.name, tags={**of_model, **(tags or {})}
        )

    def fetch(self, version: ModelVersion, folder: Path) -> None:
        """Bring what a version carries into a folder that does not exist yet.

        Raises:
            BrokenVersionError: If it carries no model of this project's, or it is not whole.
            CarteleraError: If its files cannot be fetched.
        """
        with TemporaryDirectory() as downloads:
            try:
                uri = f"models:/{self.name}/{version.version}"
                model = Path(download_artifacts(uri, dst_path=downloads))
            except (MlflowException, OSError) as error:
                raise CarteleraError(
                    f"The files of version {version.version} of {self.name} cannot be fetched "
                    f"({error}): see to it that they can, or {_REPLACE}"
                ) from error
            content = model / "artifacts"
            if not all((content / part).is_dir() for part in (FACTORS, SHIPPED)):
                raise self._broken(version, "artifacts/factors and artifacts/shipped are missing")
            if folder_digest(content) != version.tags.get(CONTENT_DIGEST):
                raise self._broken(version, "its files are not those that were registered")
            shutil.copytree(content, folder)

    def card(self, version: ModelVersion) -> dict[str, Any]:
        """Return the card of the model that a version ships; empty if it cannot be fetched."""
        with TemporaryDirectory() as folder:
            uri = f"models:/{self.name}/{version.version}/artifacts/{SHIPPED}/{CARD_FILE}"
            try:
                return files.read_json(Path(download_artifacts(uri, dst_path=folder)))
            except (MlflowException, OSError, ValueError) as error:
                logger.warning("The card of version %s is lost: %s", version.version, error)
                return {}

    def _broken(self, version: ModelVersion, why: str) -> BrokenVersionError:
        return BrokenVersionError(
            f"Version {version.version} of {self.name} cannot be used ({why}): {_REPLACE}"
        )

    def _find_logged(self, of_run: RunInfo, tags: Mapping[str, str]) -> str | None:
        """Find what a killed process logged whole but did not come to register; gives its id."""
        is_it = f"source_run_id = '{of_run.run_id}' AND tags.`{CONTENT_DIGEST}` = "
        found = self.tracker.client.search_logged_models(
            [of_run.experiment_id], f"{is_it}'{tags[CONTENT_DIGEST]}'"
        )
        ready = [model for model in found if model.status == "READY"]
        whole = [model.model_id for model in ready if has_models(str(model.artifact_location))]
        return min(whole, default=None)

    def _log(self, run: RunLog, laid_out: Path, tags: Mapping[str, str]) -> str:
        factors = Factors.load(laid_out / SHIPPED)
        n_rows = min(_N_EXAMPLE_ROWS, len(factors.user_ids), len(factors.title_ids))
        users, titles = factors.user_ids[:n_rows], factors.title_ids[:n_rows].astype(str)
        example = pd.DataFrame({c.USER_ID: users, c.TITLE_ID: titles})

        logged = Model.log(
            artifact_path=None,
            flavor=mlflow.pyfunc,
            name=self.name,
            run_id=run.run_id,
            tags=dict(tags),
            python_model=str(_MODEL_CODE),
            artifacts={path.stem: str(path) for path in sorted(laid_out.iterdir())},
            code_paths=[str(Path(cartelera.__file__).parent)],
            signature=_SIGNATURE,
            input_example=example,
            pip_requirements=[f"{name}=={installed_version(name)}" for name in _REQUIREMENTS],
        )

        return str(logged.model_id)

    def _or_none(self, get: Any) -> ModelVersion | None:
        try:
            return get()
        except MlflowException as error:
            if error.error_code in _NOT_THERE:
                return None
            raise


def card_of(folder: Path) -> dict[str, Any]:
    """Read the model card in a version's folder `factors` or `shipped`.

    Raises:
        InputError: If there is none.
    """
    path = folder / CARD_FILE
    try:
        return files.read_json(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read ({error}): run the train stage anew.") from error
