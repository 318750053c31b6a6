"""The folder of data a served process runs on: models, titles, scores, seen titles, settings.

Everything is plain Parquet, safetensors and JSON; a manifest with the SHA-256 of each file makes a
truncated or foreign file fail at start, with its name, rather than answer wrongly.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cartelera import files
from cartelera.errors import InputError

FOLDER_NAME = "bundle"
FORMAT_VERSION = 3
"""Of the folder's layout; a service reads this one only. Without a number it was the first."""

VERSION_KEY = "format_version"
TAKEN_IN_KEY = "taken_in"
REBUILD = "Build the service again: `dvc repro --force package`."


@dataclass(frozen=True)
class Bundle:
    """The layout of the folder.

    Attributes:
        root: The folder itself.
    """

    root: Path

    @property
    def factors(self) -> Path:
        """Both exported models."""
        return self.root / "factors"

    @property
    def titles(self) -> Path:
        """Clean titles, each with its work."""
        return self.root / "titles.parquet"

    @property
    def scores(self) -> Path:
        """Mean rating of every rated title."""
        return self.root / "scores.parquet"

    @property
    def seen(self) -> Path:
        """Which user has rated which title, how, and in which order."""
        return self.root / "seen.safetensors"

    @property
    def received(self) -> Path:
        """How far the pipeline has read the received ratings; missing, it has read none."""
        return self.root / "received.json"

    @property
    def settings(self) -> Path:
        """The served settings."""
        return self.root / "settings.json"

    @property
    def registered(self) -> Path:
        """Name and version of the registered model."""
        return self.root / "registered.json"

    @property
    def metrics(self) -> Path:
        """What the evaluation measured of the model and the baselines; it may be missing."""
        return self.root / "metrics.json"

    @property
    def intervals(self) -> Path:
        """How far off the model's predictions are; it may be missing."""
        return self.root / "intervals.json"

    @property
    def format(self) -> Path:
        """Which version of this layout the folder has."""
        return self.root / "format.json"

    @property
    def manifest(self) -> Path:
        """SHA-256 of every other file."""
        return self.root / "manifest.json"

    def verify(self) -> None:
        """Check that the folder has the format read here and exactly the files that were written.

        Raises:
            InputError: If the format is another one, or a file is missing, changed or extra; names
                the file and the fix.
        """
        if not self.manifest.is_file():
            raise InputError(
                f"{self.manifest} does not exist: this is no built service. Build one with "
                "`dvc repro package` and serve it with `cartelera serve`."
            )
        version = (read_if_there(self.format) or {}).get(VERSION_KEY)
        if version != FORMAT_VERSION:
            raise InputError(
                f"{self.root} has the format {version or 1}; this service reads {FORMAT_VERSION}. "
                f"{REBUILD}"
            )
        expected = read_json(self.manifest)
        found = self.digests()
        for name in sorted(expected.keys() | found.keys()):
            if name not in found:
                raise InputError(f"{self.root / name} is missing. {REBUILD}")
            if found[name] != expected.get(name):
                raise InputError(f"{self.root / name} is not the file that was built. {REBUILD}")

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of every file but the manifest, by its name in the folder."""
        return {
            path.relative_to(self.root).as_posix(): files.sha256(path)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path != self.manifest
        }


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON file of the folder.

    Raises:
        InputError: If it is not JSON.
    """
    try:
        return files.read_json(path)
    except ValueError as error:
        raise InputError(f"{error} {REBUILD}") from None


def read_if_there(path: Path) -> dict[str, Any] | None:
    """Read a JSON file of the folder that may be missing."""
    return read_json(path) if path.is_file() else None
