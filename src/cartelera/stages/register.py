"""Stage `register`: the model becomes a version; the gate moves `champion`; what ships is fetched.

It runs at every `dvc repro`: whoever is champion is known to MLflow alone, and may have changed
since. What it writes changes only when the champion, the ratings or the gate's decision do. A
candidate that is refused leaves the champion's recipe to ship, fitted on all ratings of today.
"""

import logging
from contextlib import nullcontext
from dataclasses import asdict
from typing import Final

from cartelera import files
from cartelera.config_types import Config
from cartelera.evaluation.received_drift import FEEDBACK
from cartelera.paths import Paths, require
from cartelera.stages.from_config import gate_rules, todays_ratings
from cartelera.tracking.gate import Measured
from cartelera.tracking.model_per_data_set import name_of_data
from cartelera.tracking.provenance import DATA_SOURCE, SPLIT_METHOD
from cartelera.tracking.registration import SPLIT_DIGEST, Registered, register
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.shipping import REPORTS, ship
from cartelera.tracking.train_run import find_train_run
from cartelera.tracking.versions import ModelFiles, Versions

logger = logging.getLogger(__name__)

_EXPLORATION: Final = "cartelera.exploration_sha256"


def run(config: Config, paths: Paths) -> None:
    """Register the exported model; write down what became of it, and fetch what ships.

    Args:
        config: The sections `tracking`, `evaluate`, `model`, `split` and `etl` are read, for the
            gate and the champion's refit; `data` for tags of the run.
        paths: `factors`, `shipped`, `train`, `test`, `clean_titles` and the reports are
            read; `champion` and `reports/gate.json` are written.

    Raises:
        InputError: If a file to read is missing or the model is damaged.
        CarteleraError: If MLflow cannot be reached.
    """
    reports = [paths.reports / name for name in REPORTS]
    drift = paths.reports / "drift.json"
    for path, made_by in (
        (paths.factors, "train"),
        (paths.shipped, "train"),
        (paths.train, "split"),
        (paths.test, "split"),
        (paths.clean_titles, "etl"),
        *((path, "evaluate") for path in reports),
        (drift, "evaluate"),
        (paths.reports / "eda.html", "eda"),
        (paths.reports / "figures", "eda"),
    ):
        require(path, made_by)
    settings = config.tracking
    tracker = Tracker(settings.uri, settings.experiment)
    metrics = files.read_json(reports[0])
    feedback = files.read_json(drift).get(FEEDBACK) or {}
    today = todays_ratings(config, paths, str(metrics.get("split_digest")))
    name = name_of_data(tracker, settings.registered_model, today.fingerprint, today.titles)
    versions = Versions(tracker, name)

    train_run = find_train_run(tracker, paths.factors)
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
            held_for="" if feedback.get("is_fine", True) else feedback["sentence"],
        )
    shipped = ship(versions, registered, today, asdict(config.evaluate), paths)
    _log(registered, shipped)


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
