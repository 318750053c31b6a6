"""Stage `register`: the model becomes a version in MLflow's registry; the gate moves `champion`."""

import logging
from contextlib import nullcontext
from dataclasses import asdict

from cartelera import files
from cartelera.config_types import Config
from cartelera.paths import Paths
from cartelera.stages.inputs import require
from cartelera.stages.runner import main
from cartelera.tracking.registry import register
from cartelera.tracking.runs import Tracker

logger = logging.getLogger(__name__)


def run(config: Config, paths: Paths) -> None:
    """Register the exported model and write down what became of it.

    Args:
        config: The section `tracking` is read.
        paths: `factors`, `reports/metrics.json` and `run` are read, `registered` is written.

    Raises:
        InputError: If a file to read is missing or the model is damaged.
        CarteleraError: If MLflow cannot be reached.
    """
    settings = config.tracking
    metrics = paths.reports / "metrics.json"
    require(paths.factors, "train")
    require(paths.run, "train")
    require(metrics, "evaluate")
    tracker = Tracker(settings.uri, settings.experiment)
    train_run = tracker.find_run(files.read_json(paths.run)["run_id"])
    # The run may have been deleted, or the files restored on a machine whose MLflow never had it.
    with tracker.run("register") if train_run is None else nullcontext(train_run) as model_run:
        registered = register(
            tracker,
            model_run,
            paths.factors,
            files.read_json(metrics),
            name=settings.registered_model,
            margin=settings.gate_margin,
        )
    with files.all_or_nothing(paths.registered) as (draft,):
        files.write_json(draft, asdict(registered))
    logger.info(
        "Version %d of %s (%s). %s",
        registered.version,
        registered.name,
        ", ".join(registered.aliases),
        registered.reason,
    )


if __name__ == "__main__":
    main(run)
