"""Filling the folder of data a served process runs on."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from cartelera import columns as c
from cartelera import files
from cartelera.received import Position
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle.layout import FORMAT_VERSION, TAKEN_IN_KEY, VERSION_KEY, Bundle


def write(
    bundle: Bundle,
    *,
    factors: Path,
    titles: pd.DataFrame,
    scores: pd.DataFrame,
    seen: pd.DataFrame,
    settings: Settings,
    registered: Mapping[str, Any],
    metrics: Mapping[str, Any] | None = None,
    intervals: Mapping[str, Any] | None = None,
    taken_in: Sequence[Position] = (),
) -> None:
    """Make the folder; the same input gives the same bytes.

    Args:
        bundle: The folder to make.
        factors: The folder of both exported models (`models.model.Model`).
        titles: Clean titles, columns `CLEAN_TITLE_COLUMNS`.
        scores: Columns `SCORE_COLUMNS`.
        seen: What `seen_table` gives: one row a user and title, each user's oldest first.
        settings: The served settings.
        registered: At least `name` and `version` of the registered model.
        metrics: What the evaluation measured of it, if that is known.
        intervals: How far off its predictions are, if that is known.
        taken_in: How far the files of received ratings were read that `seen` holds.
    """
    bundle.root.mkdir(parents=True)
    shutil.copytree(factors, bundle.factors)
    titles[list(c.CLEAN_TITLE_COLUMNS)].to_parquet(bundle.titles, index=False)
    scores[list(c.SCORE_COLUMNS)].to_parquet(bundle.scores, index=False)
    SeenTitles.from_frame(seen).write(bundle.seen)
    settings.write(bundle.settings)
    files.write_json(bundle.registered, registered)
    files.write_json(bundle.received, {TAKEN_IN_KEY: [asdict(each) for each in taken_in]})
    for path, content in ((bundle.metrics, metrics), (bundle.intervals, intervals)):
        if content is not None:
            files.write_json(path, content)
    files.write_json(bundle.format, {VERSION_KEY: FORMAT_VERSION})
    files.write_json(bundle.manifest, bundle.digests())
