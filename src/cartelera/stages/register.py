"""Stage `register`: the model becomes a version; the gate moves `champion`; what ships is fetched.

It runs at every `dvc repro`: whoever is champion is known to MLflow alone, and may have changed
since. What it writes changes only when the champion, the ratings or the gate's decision do. A
candidate that is refused leaves the champion's recipe to ship, fitted on all ratings of today.
"""

import hashlib
import json
import logging
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from cartelera import files
from cartelera.config_types import Config
from cartelera.models.recipe import Recipe
from cartelera.paths import Paths
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.stages.todays_ratings import TodaysRatings, gate_rules
from cartelera.tracking.champion import ships, write_shipping
from cartelera.tracking.data_sets import name_of_data
from cartelera.tracking.gate import Measured
from cartelera.tracking.provenance import DATA_SOURCE, SPLIT_METHOD
from cartelera.tracking.recipes import recipe_of
from cartelera.tracking.refresh import refresh_champion
from cartelera.tracking.registry import SPLIT_DIGEST, Registered, measures, register
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import ModelFiles, ModelVersion, Versions

logger = logging.getLogger(__name__)

EVALUATION: Final = "evaluation.json"
"""Says which evaluation the reports beside what ships are of."""

_REPORTS: Final = ("metrics.json", "intervals.json")
_EXPLORATION = "cartelera.exploration_sha256"


def run(config: Config, paths: Paths) -> None:
    """Register the exported model; write down what became of it, and fetch what ships.

    Args:
        config: The sections `tracking`, `evaluate`, `model`, `split` and `etl` are read, for the
            gate and the champion's refit; `data` for tags of the run.
        paths: `factors`, `shipped`, `run`, `train`, `test`, `clean_titles` and the reports are
            read; `champion` and `reports/gate.json` are written.

    Raises:
        InputError: If a file to read is missing or the model is damaged.
        CarteleraError: If MLflow cannot be reached.
    """
    reports = [paths.reports / name for name in _REPORTS]
    for path, made_by in (
        (paths.factors, "train"),
        (paths.shipped, "train"),
        (paths.run, "train"),
        (paths.train, "split"),
        (paths.test, "split"),
        (paths.clean_titles, "etl"),
        *((path, "evaluate") for path in reports),
        (paths.reports / "eda.html", "eda"),
        (paths.reports / "figures", "eda"),
    ):
        require(path, made_by)
    settings = config.tracking
    tracker = Tracker(settings.uri, settings.experiment)
    metrics = files.read_json(reports[0])
    today = TodaysRatings(config, paths, str(metrics.get("split_digest")))
    name = name_of_data(tracker, settings.registered_model, today.fingerprint, today.titles)
    versions = Versions(tracker, name)

    train_run = tracker.find_run(files.read_json(paths.run)["run_id"])
    # The run may have been deleted, or the files restored on a machine whose MLflow never had it.
    with tracker.run("register") if train_run is None else nullcontext(train_run) as model_run:
        _complete(model_run, config, paths)
        registered = register(
            versions,
            model_run,
            ModelFiles(paths.factors, paths.shipped, tuple(reports)),
            Measured.from_metrics(metrics),
            today,
            gate_rules(config),
        )
    stale = _refresh(versions, today)
    shipped = _ship(versions, registered, today, stale, config, paths)
    _log(registered, shipped)


def _refresh(versions: Versions, today: TodaysRatings) -> str | None:
    def refit(recipe: Recipe, champion: ModelVersion, folder: Path) -> ModelFiles:
        return today.refit(recipe, versions.card(champion), folder)

    return refresh_champion(versions, today.digest, refit)


def _ship(
    versions: Versions,
    registered: Registered,
    today: TodaysRatings,
    stale: str | None,
    config: Config,
    paths: Paths,
) -> int:
    """Write what ships, with the reports of its last evaluation; return its version."""
    version = ships(versions)
    gate = paths.reports / "gate.json"
    with TemporaryDirectory() as folder:
        reports: list[Path] = []
        if int(version.version) == registered.version or stale is None:
            of = {"sha256": _digest([version.version, today.digest, asdict(config.evaluate)])}
            is_known = _read_if_there(paths.champion / EVALUATION) == of
            if int(version.version) == registered.version:
                reports = [paths.reports / name for name in _REPORTS]
            elif is_known:
                reports = [paths.champion / name for name in _REPORTS]
            else:
                reports = _evaluate(version, versions, today, Path(folder))
            files.write_json(Path(folder) / EVALUATION, of)
            reports.append(Path(folder) / EVALUATION)
        with files.all_or_nothing(paths.champion, gate) as (champion_draft, gate_draft):
            files.write_json(gate_draft, asdict(registered))
            shipping = write_shipping(
                versions, paths.champion, champion_draft, reports=reports, stale=stale
            )
    return shipping.version


def _evaluate(
    version: ModelVersion, versions: Versions, today: TodaysRatings, folder: Path
) -> list[Path]:
    """Evaluate the champion's recipe on today's ratings, as the candidate was."""
    evaluated = today.evaluate(today.on_train(recipe_of(version)))
    for name in _REPORTS:
        files.write_json(folder / name, evaluated[name])
    measured = Measured.from_metrics(evaluated[_REPORTS[0]])
    versions.tag(int(version.version), measures(measured))
    return [folder / name for name in _REPORTS]


def _complete(run: RunLog, config: Config, paths: Paths) -> None:
    """Add to the model's run, once, what the stages before training found out."""
    figures, page = paths.reports / "figures", paths.reports / "eda.html"
    drawn = {path.name: path for path in (page, *figures.glob("*"))}
    digest = files.digest_of(drawn)
    if run.tag(_EXPLORATION) != digest:
        for path in (figures, page):
            run.artifact(path, "exploration")
        run.dataset(paths.test, files.sha256(paths.test), context="testing")
    metrics = files.read_json(paths.reports / "metrics.json")
    run.tags(
        {
            DATA_SOURCE: config.data.source,
            SPLIT_METHOD: config.split.method.value,
            SPLIT_DIGEST: str(metrics.get("split_digest")),
            _EXPLORATION: digest,
        }
    )


def _read_if_there(path: Path) -> dict[str, Any] | None:
    return files.read_json(path) if path.is_file() else None


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _log(registered: Registered, shipped_version: int) -> None:
    logger.info(
        "This model is version %d of %s%s. %s",
        registered.version,
        registered.name,
        ", the champion" if registered.is_champion else "",
        registered.decision.reason,
    )
    if shipped_version != registered.version:
        logger.info("Version %d, the champion, ships.", shipped_version)


if __name__ == "__main__":
    main(run)
