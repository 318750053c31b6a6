"""Stage `register`: the model becomes a version; the gate moves `champion`; what ships is fetched.

It runs at every `dvc repro`: whoever is champion is known to MLflow alone, and may have changed
since. What it writes changes only when the champion or the gate's decision does.
"""

import logging
from contextlib import nullcontext
from dataclasses import asdict

import pandas as pd

from cartelera import files
from cartelera.config_types import Config
from cartelera.paths import Paths
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.tracking.champion import write_shipping
from cartelera.tracking.gate import Rules
from cartelera.tracking.provenance import DATA_SOURCE, SPLIT_METHOD
from cartelera.tracking.registry import SPLIT_DIGEST, Registered, register
from cartelera.tracking.run_log import RunLog
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import ModelFiles, Versions

logger = logging.getLogger(__name__)

_EXPLORATION = "cartelera.exploration_sha256"


def run(config: Config, paths: Paths) -> None:
    """Register the exported model; write down what became of it, and fetch what ships.

    Args:
        config: The sections `tracking` and, for the gate's interval, `evaluate` are read; `data`
            and `split` for tags of the run.
        paths: `factors`, `shipped`, `run`, `test` and the reports are read; `champion` and
            `reports/gate.json` are written.

    Raises:
        InputError: If a file to read is missing or the model is damaged.
        CarteleraError: If MLflow cannot be reached.
    """
    metrics, intervals = paths.reports / "metrics.json", paths.reports / "intervals.json"
    for path, made_by in (
        (paths.factors, "train"),
        (paths.shipped, "train"),
        (paths.run, "train"),
        (paths.test, "split"),
        (metrics, "evaluate"),
        (intervals, "evaluate"),
        (paths.reports / "eda.html", "eda"),
        (paths.reports / "figures", "eda"),
    ):
        require(path, made_by)
    settings = config.tracking
    tracker = Tracker(settings.uri, settings.experiment)
    train_run = tracker.find_run(files.read_json(paths.run)["run_id"])
    # The run may have been deleted, or the files restored on a machine whose MLflow never had it.
    with tracker.run("register") if train_run is None else nullcontext(train_run) as model_run:
        _complete(model_run, config, paths)
        registered = register(
            tracker,
            model_run,
            ModelFiles(paths.factors, paths.shipped, (metrics, intervals)),
            files.read_json(metrics),
            pd.read_parquet(paths.test),
            name=settings.registered_model,
            rules=_rules(config),
        )
    gate = paths.reports / "gate.json"
    with files.all_or_nothing(paths.champion, gate) as (champion_draft, gate_draft):
        files.write_json(gate_draft, asdict(registered))
        shipping = write_shipping(
            Versions(tracker, settings.registered_model), paths.champion, champion_draft
        )
    _log(registered, shipping.version)


def _rules(config: Config) -> Rules:
    return Rules(
        margin=config.tracking.gate_margin,
        must_be_clear=config.tracking.gate_must_be_clear,
        min_ratings=config.tracking.gate_min_ratings,
        n_bootstrap=config.evaluate.n_bootstrap,
        confidence=config.evaluate.confidence,
        seed=config.evaluate.seed,
    )


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


if __name__ == "__main__":
    main(run)
