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
from cartelera.service.feedback import FeedbackLog
from cartelera.service.intervals import Intervals
from cartelera.service.profiles import KnownRatings
from cartelera.service.replies import ModelInfo
from cartelera.service.seen import SeenTitles
from cartelera.service.settings import Settings
from cartelera.service.titles import TitleShelf

FOLDER_NAME = "bundle"
FORMAT_VERSION = 2
"""Of the folder's layout; a service reads this one only. Without a number it was the first."""

_VERSION = "format_version"
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
        """Which user has rated which title, and how."""
        return self.root / "seen.safetensors"

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

    def write(
        self,
        *,
        factors: Path,
        titles: pd.DataFrame,
        scores: pd.DataFrame,
        seen: pd.DataFrame,
        settings: Settings,
        registered: Mapping[str, Any],
        metrics: Mapping[str, Any] | None = None,
        intervals: Mapping[str, Any] | None = None,
    ) -> None:
        """Fill the folder; the same input gives the same bytes.

        Args:
            factors: The folder of the exported model.
            titles: Clean titles, columns `CLEAN_TITLE_COLUMNS`.
            scores: Columns `SCORE_COLUMNS`.
            seen: Columns `user_id`, `title_id` and `rating`, one row a user and title.
            settings: The served settings.
            registered: At least `name` and `version` of the registered model.
            metrics: What the evaluation measured of it, if that is known.
            intervals: How far off its predictions are, if that is known.
        """
        self.root.mkdir(parents=True)
        shutil.copytree(factors, self.factors)
        titles[list(c.CLEAN_TITLE_COLUMNS)].to_parquet(self.titles, index=False)
        scores[list(c.SCORE_COLUMNS)].to_parquet(self.scores, index=False)
        SeenTitles.from_frame(seen).write(self.seen)
        settings.write(self.settings)
        files.write_json(self.registered, registered)
        for path, content in ((self.metrics, metrics), (self.intervals, intervals)):
            if content is not None:
                files.write_json(path, content)
        files.write_json(self.format, {_VERSION: FORMAT_VERSION})
        files.write_json(self.manifest, self._digests())

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
        version = (_read_if_there(self.format) or {}).get(_VERSION)
        if version != FORMAT_VERSION:
            raise InputError(
                f"{self.root} has the format {version or 1}; this service reads {FORMAT_VERSION}. "
                f"{_REBUILD}"
            )
        expected = _read_json(self.manifest)
        found = self._digests()
        for name in sorted(expected.keys() | found.keys()):
            if name not in found:
                raise InputError(f"{self.root / name} is missing. {_REBUILD}")
            if found[name] != expected.get(name):
                raise InputError(f"{self.root / name} is not the file that was built. {_REBUILD}")

    def load(self, feedback: FeedbackLog | None = None) -> Answers:
        """Verify the folder and build what answers requests.

        Args:
            feedback: Where ratings are received, if they are.

        Raises:
            InputError: If a file is missing, changed or cannot be read.
        """
        self.verify()
        titles, scores = pd.read_parquet(self.titles), pd.read_parquet(self.scores)
        factors = Factors.load(self.factors)
        settings = Settings.read(self.settings)
        intervals = _read_if_there(self.intervals)
        return Answers(
            queries=CatalogueQueries(titles, scores),
            factors=factors,
            shelf=TitleShelf(titles, scores),
            ratings=KnownRatings(SeenTitles.read(self.seen), feedback),
            settings=settings,
            model=self._model_info(factors, settings, intervals),
            intervals=None if intervals is None else Intervals.of(intervals),
        )

    def _model_info(
        self, factors: Factors, settings: Settings, intervals: dict[str, Any] | None
    ) -> ModelInfo:
        registered = _read_json(self.registered)
        if not registered.keys() >= {"name", "version"}:
            raise InputError(f"{self.registered} lacks the model's `name` or `version`. {_REBUILD}")
        card = dict(factors.card)
        digest = card.get("train", {}).get("sha256", {})
        return ModelInfo(
            name=str(registered["name"]),
            version=str(registered["version"]),
            trained_at=registered.get("trained_at"),
            data_digest=digest if isinstance(digest, dict) else {"train": digest},
            taste=card.get("taste"),
            metrics=_read_if_there(self.metrics),
            intervals=intervals,
            recommend_at=settings.recommend_at,
            n_users=len(factors.user_ids),
            n_titles=len(factors.title_ids),
            registered=registered,
            card=card,
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


def _read_if_there(path: Path) -> dict[str, Any] | None:
    return _read_json(path) if path.is_file() else None
