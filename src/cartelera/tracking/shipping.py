"""The files of the model that ships, with its latest evaluation, for the service."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from mlflow.entities.model_registry import ModelVersion

from cartelera import files
from cartelera.models.recipe import Recipe
from cartelera.paths import Paths
from cartelera.tracking.champion import ships, write_shipping
from cartelera.tracking.gate import Measured
from cartelera.tracking.recipes import recipe_of
from cartelera.tracking.refresh import refresh_champion
from cartelera.tracking.registration import Registered, measures
from cartelera.tracking.todays_ratings import TodaysRatings
from cartelera.tracking.versions import ModelFiles, Versions

EVALUATION: Final = "evaluation.json"
"""Says which evaluation the reports beside what ships are of."""

REPORTS: Final = ("metrics.json", "intervals.json")
"""What an evaluation leaves for the service to show."""


def ship(
    versions: Versions,
    registered: Registered,
    today: TodaysRatings,
    evaluated_by: Any,
    paths: Paths,
) -> int:
    """Write the files of what ships and the gate's decision; return the version that ships.

    The champion is first brought up to today's ratings. Its reports are those of the candidate if
    it is the candidate, those of the last time if they are about the same, and else made anew.

    Args:
        versions: The registered model.
        registered: What became of the candidate.
        today: What models are fitted on and measured by.
        evaluated_by: Settings of the evaluation, as plain data: other ones make other reports.
        paths: The reports are read; `champion` and `reports/gate.json` are written.

    Raises:
        InputError: If the registered model has neither a champion nor a candidate.
        CarteleraError: If the store cannot be reached.
    """
    stale = _refresh(versions, today)
    version = ships(versions)
    number, is_candidate = int(version.version), int(version.version) == registered.version
    with TemporaryDirectory() as folder:
        reports: list[Path] = []
        if is_candidate or stale is None:
            of = {"sha256": _digest([version.version, today.digest, evaluated_by])}
            if is_candidate:
                reports = [paths.reports / name for name in REPORTS]
            elif files.read_json_if_there(paths.champion / EVALUATION) == of:
                reports = [paths.champion / name for name in REPORTS]
            else:
                reports = _evaluate(version, versions, today, Path(folder))
            files.write_json(Path(folder) / EVALUATION, of)
            reports.append(Path(folder) / EVALUATION)

        targets = (paths.champion, paths.reports / "gate.json")
        with files.all_or_nothing(*targets) as (champion_draft, gate_draft):
            files.write_json(gate_draft, asdict(registered))
            write_shipping(versions, paths.champion, champion_draft, reports=reports, stale=stale)
    return number


def _refresh(versions: Versions, today: TodaysRatings) -> str | None:
    def refit(recipe: Recipe, champion: ModelVersion, folder: Path) -> ModelFiles:
        return today.refit(recipe, versions.card(champion), folder)

    return refresh_champion(versions, today.digest, refit)


def _evaluate(
    version: ModelVersion, versions: Versions, today: TodaysRatings, folder: Path
) -> list[Path]:
    """Evaluate the champion's recipe on today's ratings, as the candidate was."""
    evaluated = today.evaluate(today.on_train(recipe_of(version)))
    for name in REPORTS:
        files.write_json(folder / name, evaluated[name])
    measured = Measured.from_metrics(evaluated[REPORTS[0]])
    versions.tag(int(version.version), measures(measured))
    return [folder / name for name in REPORTS]


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
