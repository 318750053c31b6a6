"""From the folder of data to what answers requests."""

from typing import Any

import pandas as pd

from cartelera.catalogue.queries import CatalogueQueries
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.intervals import Intervals
from cartelera.service.answering.profiles import KnownRatings
from cartelera.service.answering.replies import ModelInfo
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.settings import Settings
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.bundle.layout import REBUILD, Bundle, read_if_there, read_json


def load(bundle: Bundle, feedback: FeedbackLog | None = None) -> Answers:
    """Verify the folder and build what answers requests.

    Args:
        bundle: The folder.
        feedback: Where ratings are received, if they are.

    Raises:
        InputError: If a file is missing, changed or cannot be read.
    """
    bundle.verify()
    titles, scores = pd.read_parquet(bundle.titles), pd.read_parquet(bundle.scores)
    factors = Factors.load(bundle.factors)
    settings = Settings.read(bundle.settings)
    intervals = read_if_there(bundle.intervals)
    return Answers(
        queries=CatalogueQueries(titles, scores),
        factors=factors,
        shelf=TitleShelf(titles, scores),
        ratings=KnownRatings(SeenTitles.read(bundle.seen), feedback),
        settings=settings,
        model=_model_info(bundle, factors, settings, intervals),
        intervals=None if intervals is None else Intervals.of(intervals),
    )


def _model_info(
    bundle: Bundle, factors: Factors, settings: Settings, intervals: dict[str, Any] | None
) -> ModelInfo:
    registered = read_json(bundle.registered)
    if not registered.keys() >= {"name", "version"}:
        raise InputError(f"{bundle.registered} lacks the model's `name` or `version`. {REBUILD}")
    card = dict(factors.card)
    digest = card.get("train", {}).get("sha256", {})
    return ModelInfo(
        name=str(registered["name"]),
        version=str(registered["version"]),
        trained_at=registered.get("trained_at"),
        data_digest=digest if isinstance(digest, dict) else {"train": digest},
        taste=card.get("taste"),
        metrics=read_if_there(bundle.metrics),
        intervals=intervals,
        recommend_at=settings.recommend_at,
        n_users=len(factors.user_ids),
        n_titles=len(factors.title_ids),
        registered=registered,
        card=card,
    )
