"""The folders of a version's models: their names, their digest, whether they are there."""

from pathlib import Path, PurePosixPath
from typing import Final

from mlflow.artifacts import list_artifacts
from mlflow.exceptions import MlflowException

from cartelera import files

FACTORS: Final = "factors"
SHIPPED: Final = "shipped"


def has_models(uri: str) -> bool:
    """Tell whether a model's files are in the store: by their names, without reading them.

    Args:
        uri: The model, as MLflow names a version, or where its files are.
    """
    try:
        listed = list_artifacts(artifact_uri=f"{uri}/artifacts")
    except (MlflowException, OSError):
        return False
    return {FACTORS, SHIPPED} <= {PurePosixPath(each.path).name for each in listed}


def folder_digest(folder: Path, *, without: str | None = None) -> str:
    """Return a SHA-256 over the names and contents of a folder's files, deeper ones included.

    Args:
        folder: The folder.
        without: A file to leave out, relative to the folder.
    """
    named = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return files.digest_of(
        {name: path for name, path in named.items() if path.is_file() and name != without}
    )
