"""Stage `evaluate`: the model beside the baselines on the test part; spot checks; drift."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import pandas as pd

from cartelera import columns as c
from cartelera.config_types import Config
from cartelera.errors import InputError
from cartelera.evaluation import pictures as p
from cartelera.evaluation import report
from cartelera.evaluation.comparison import Comparison
from cartelera.evaluation.contrast import contrast
from cartelera.evaluation.drift import Drift, Finding
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics_json import all_metrics, compared, headline
from cartelera.evaluation.model_evaluation import (
    evaluate_cold_titles,
    evaluate_model,
    with_less_knowledge,
)
from cartelera.evaluation.received_drift import FEEDBACK, find_sudden_feedback
from cartelera.evaluation.rounding import DIGITS
from cartelera.evaluation.spot_checks import draw_users, spot_checks
from cartelera.evaluation.taste_groups import genre_profiles, kinds_of_users
from cartelera.evaluation.tuned import BIAS_ONLY, ITEM_KNN, POPULARITY
from cartelera.evaluation.verdicts import Verdict, describe, list_verdict, rmse_verdict
from cartelera.files import all_or_nothing, read_json, write_json
from cartelera.models.model import Model
from cartelera.paths import Paths, require
from cartelera.ratings.digest import split_digest
from cartelera.stages.from_config import (
    comparison_settings,
    drift_limits,
    fit_baselines,
    gate_rules,
    todays_ratings,
)
from cartelera.tracking.champion_report import Champion, drift_since, report_on_champion
from cartelera.tracking.runs import Tracker, log_to_run
from cartelera.tracking.train_run import find_train_run

_JSON_OUTPUTS = (
    "metrics.json",
    "comparison.json",
    "drift.json",
    "intervals.json",
    "spot_checks.json",
)
_OUTPUTS = (*_JSON_OUTPUTS, "comparison.csv", "model_figures", "model.html")


@dataclass(frozen=True)
class _Material:
    """What earlier stages left."""

    train: pd.DataFrame
    test: pd.DataFrame
    titles: pd.DataFrame
    curve: pd.DataFrame
    signal: Mapping[str, Any]
    model: Model

    @classmethod
    def read(cls, paths: Paths) -> Self:
        return cls(
            train=_read_table(paths.train, "split"),
            test=_read_table(paths.test, "split"),
            titles=_read_table(paths.clean_titles, "etl"),
            curve=_read_curve(paths),
            signal=_read_signal(paths),
            model=Model.load(paths.factors),
        )

    @property
    def digest(self) -> str:
        return split_digest(self.train, self.test)


@dataclass(frozen=True)
class _News:
    """What differs from the champion and its time."""

    of_champion: Mapping[str, Any]
    verdicts: Sequence[Verdict]
    drift: Drift | None
    since: str
    feedback: Finding | None

    def to_json(self) -> dict[str, Any]:
        return {
            "about": self.since,
            **(self.drift.to_json() if self.drift else {}),
            FEEDBACK: asdict(self.feedback) if self.feedback else None,
        }


def run(config: Config, paths: Paths) -> None:
    """Measure the model fitted on train and the baselines; write metrics, pictures and the page.

    Of the numbers, `metrics.json` has the few that runs are compared by, `comparison.json` all.
    Everything also goes to the MLflow run that trained the model, most of it as tables. The
    champion of an earlier run is compared with if its files are there.

    Raises:
        InputError: If what an earlier stage writes is missing or unusable.
        CarteleraError: If MLflow cannot be reached.
    """
    started = perf_counter()
    material = _Material.read(paths)
    train, test, titles, model = material.train, material.test, material.titles, material.model
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)  # before the long work
    train_run = find_train_run(tracker, paths.factors)

    # What the model is worth, beside baselines and when it knows less.
    settings = comparison_settings(config)
    baselines = fit_baselines(train, config)
    measured = evaluate_model(
        model,
        {**with_less_knowledge(model), **baselines.entries},
        train,
        test,
        settings,
        interval_coverage=config.evaluate.interval_coverage,
        newcomers_beside=(POPULARITY, ITEM_KNN),
    )

    # Whom the lists serve: people at random, very different ones side by side, and kinds of people.
    sides, parts = (model.rating, model.ranking), (train, test, titles)
    drawn = draw_users(train, test, config.evaluate.n_spot_check_users, settings.seed)
    checks = spot_checks(drawn, *sides, *parts, k=settings.k)
    profiles = genre_profiles(train, titles, settings.seed)
    kinds = kinds_of_users(train, titles, profiles, measured.comparison.user_ids)
    cold = evaluate_cold_titles(model, train, titles, settings)

    # What is new since the champion; for people, and for tracking.
    news = _find_news(config, paths, material, baselines.entries)
    pictures = p.Pictures(
        lists=p.draw_lists(measured.comparison, measured.newcomers, kinds),
        stars=p.draw_stars(
            measured.comparison, train, test, material.curve, _read_fold_in_curve(paths)
        ),
        drift=[] if news.drift is None else p.draw_drift(news.drift),
    )
    extras = report.Extras(
        about=describe(model.rating.card),
        verdicts=news.verdicts,
        residuals=measured.residuals,
        drift=news.drift,
        drift_since=news.since,
        newcomers=measured.newcomers,
        cold=cold,
        contrast=contrast(*sides, *parts, profiles, k=settings.k),
        chosen=baselines.chosen,
    )
    page = report.render(
        measured.comparison,
        pictures,
        checks,
        signal=material.signal,
        n_train=len(train),
        extras=extras,
    )
    metrics = all_metrics(measured, cold, material.signal, material.digest)
    tables = {
        "metrics.json": headline(metrics),
        "comparison.json": {**metrics, "chosen": baselines.chosen, **news.of_champion},
        "drift.json": news.to_json(),
        "intervals.json": measured.residuals.to_json(),
        "spot_checks.json": {"users": [asdict(check) for check in checks]},
    }
    _write(paths.reports, tables, measured.comparison, pictures, page)
    log_to_run(
        tracker,
        stage="evaluate",
        run_id=train_run and train_run.run_id,
        note=_note(extras.about, measured.comparison),
        metrics={**compared(metrics), "seconds": {"evaluate": perf_counter() - started}},
        tables={"comparison": measured.comparison.table.round(DIGITS)},
        artifacts=(paths.reports / name for name in _OUTPUTS),
    )


def _find_news(
    config: Config, paths: Paths, material: _Material, baselines: Mapping[str, Entry]
) -> _News:
    champion = Champion.read(paths)
    today = todays_ratings(config, paths, material.digest, baselines)
    of_champion, verdicts = report_on_champion(
        today, champion, material.model.rating.card, gate_rules(config)
    )
    ratings = pd.concat([material.train, material.test], ignore_index=True)
    drift, since = drift_since(
        ratings, champion, drift_limits(config), config.evaluate.drift_recent
    )
    feedback = _find_sudden_feedback(ratings, config, paths)
    if drift is not None and feedback is not None:
        drift = replace(drift, findings=(*drift.findings, feedback))
    return _News(of_champion, verdicts, drift, since, feedback)


def _note(about: str, comparison: Comparison) -> str:
    sentences = (
        about,
        list_verdict(comparison, POPULARITY).sentence,
        rmse_verdict(comparison, BIAS_ONLY).sentence,
    )
    return " ".join(filter(None, sentences))


def _find_sudden_feedback(ratings: pd.DataFrame, config: Config, paths: Paths) -> Finding | None:
    """Look at all that was received: what is left out of both parts is part of a flood, too."""
    left_out = _read_table(paths.left_out, "split")
    return find_sudden_feedback(
        pd.concat([ratings, left_out], ignore_index=True),
        recent_share=config.evaluate.drift_recent,
        most=config.split.feedback_share,
        limits=drift_limits(config),
    )


def _write(
    folder: Path,
    tables: Mapping[str, Mapping[str, Any]],
    comparison: Comparison,
    pictures: p.Pictures,
    page: str,
) -> None:
    with all_or_nothing(*(folder / name for name in _OUTPUTS)) as drafts:
        *json_drafts, table_draft, pictures_draft, page_draft = drafts
        for name, draft in zip(_JSON_OUTPUTS, json_drafts, strict=True):
            write_json(draft, tables[name])
        comparison.table.round(DIGITS).to_csv(table_draft, index=False, lineterminator="\n")
        pictures.save(pictures_draft)
        page_draft.write_text(page, encoding="utf-8")


def _read_table(path: Path, stage: str) -> pd.DataFrame:
    return pd.read_parquet(require(path, stage))


def _read_curve(paths: Paths) -> pd.DataFrame:
    path = require(paths.model / "learning_curve.csv", "train")
    curve = pd.read_csv(path)
    if missing := [column for column in c.CURVE_COLUMNS if column not in curve.columns]:
        raise InputError(f"{path} lacks {', '.join(missing)}: run the train stage anew.")
    return curve


def _read_fold_in_curve(paths: Paths) -> pd.DataFrame | None:
    path = paths.model / "fold_in_curve.csv"
    return pd.read_csv(path) if path.is_file() else None


def _read_signal(paths: Paths) -> Mapping[str, Any]:
    """Read the verdict on the ratings that the eda stage left."""
    path = require(paths.reports / "eda.json", "eda")
    signal = read_json(path).get("signal", {})
    if missing := [name for name in ("quality", "taste", "sentence") if name not in signal]:
        raise InputError(f"{path} lacks signal.{missing[0]}: run the eda stage anew.")
    return signal
