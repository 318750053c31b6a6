"""The folder of data a served process runs on: model, titles, scores, seen titles, settings.

Everything is plain Parquet, safetensors and JSON; a manifest with the SHA-256 of each file makes a
truncated or foreign file fail at start, with its name, rather than answer wrongly.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cartelera import columns as c
from cartelera import files
from cartelera.catalogue.queries import CatalogueQueries
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.service.answers import Answers
from cartelera.service.seen import SeenTitles
from cartelera.service.settings import Settings

FOLDER_NAME = "bundle"

_REBUILD = "Build the service again: `dvc repro --force package`."


@dataclass(frozen=True)
class Bundle:
    """The layout of the folder.

    Attributes:
        root: The folder itself.
    """

    root: Path

    @property
    def factors(self) -> Path:
        """The exported model."""
        return self.root / "factors"

    @property
    def titles(self) -> Path:
        """Clean titles."""
        return self.root / "titles.parquet"

    @property
    def scores(self) -> Path:
        """Mean rating of every rated title."""
        return self.root / "scores.parquet"

    @property
    def seen(self) -> Path:
        """Which user has rated which title."""
        return self.root / "seen.parquet"

    @property
    def settings(self) -> Path:
        """The served settings."""
        return self.root / "settings.json"

    @property
    def registered(self) -> Path:
        """Name and version of the registered model."""
        return self.root / "registered.json"

    @property
    def manifest(self) -> Path:
        """SHA-256 of every other file."""
        return self.root / "manifest.json"

    def write(
        self,
        *,
        factors: Path,
        titles: pd.DataFrame,
        scores: pd.DataFrame,
        seen: pd.DataFrame,
        settings: Settings,
        registered: Mapping[str, Any],
    ) -> None:
        """Fill the folder; the same input gives the same bytes.

        Args:
            factors: The folder of the exported model.
            titles: Clean titles, columns `CLEAN_TITLE_COLUMNS`.
            scores: Columns `SCORE_COLUMNS`.
            seen: Columns `user_id` and `title_id`, one row a pair.
            settings: The served settings.
            registered: At least `name` and `version` of the registered model.
        """
        self.root.mkdir(parents=True)
        shutil.copytree(factors, self.factors)
        titles[list(c.CLEAN_TITLE_COLUMNS)].to_parquet(self.titles, index=False)
        scores[list(c.SCORE_COLUMNS)].to_parquet(self.scores, index=False)
        seen[[c.USER_ID, c.TITLE_ID]].to_parquet(self.seen, index=False)
        settings.write(self.settings)
        files.write_json(self.registered, registered)
        files.write_json(self.manifest, self._digests())

    def verify(self) -> None:
        """Check that the folder holds exactly the files that were written.

        Raises:
            InputError: If a file is missing, changed or extra; names the file and the fix.
        """
        if not self.manifest.is_file():
            raise InputError(
                f"{self.manifest} does not exist: this is no built service. Build one with "
                "`dvc repro package` and serve it with `cartelera serve`."
            )
        expected = _read_json(self.manifest)
        found = self._digests()
        for name in sorted(expected.keys() | found.keys()):
            if name not in found:
                raise InputError(f"{self.root / name} is missing. {_REBUILD}")
            if found[name] != expected.get(name):
                raise InputError(f"{self.root / name} is not the file that was built. {_REBUILD}")

    def load(self) -> Answers:
        """Verify the folder and build what answers requests.

        Raises:
            InputError: If a file is missing, changed or cannot be read.
        """
        self.verify()
        titles = pd.read_parquet(self.titles)
        factors = Factors.load(self.factors)
        registered = _read_json(self.registered)
        if not registered.keys() >= {"name", "version"}:
            raise InputError(f"{self.registered} lacks the model's `name` or `version`. {_REBUILD}")
        return Answers(
            queries=CatalogueQueries(titles, pd.read_parquet(self.scores)),
            factors=factors,
            titles=titles,
            seen=SeenTitles.read(self.seen),
            settings=Settings.read(self.settings),
            registered=registered,
        )

    def _digests(self) -> dict[str, str]:
        return {
            path.relative_to(self.root).as_posix(): files.sha256(path)
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path != self.manifest
        }


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return files.read_json(path)
    except ValueError as error:
        raise InputError(f"{path} is not JSON: {error}. {_REBUILD}") from None
