"""From the folder of data to what answers requests."""

from typing import Any, Final

import numpy as np
import pandas as pd

from cartelera.catalogue.fingerprint import is_of_other_data
from cartelera.catalogue.queries import CatalogueQueries
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.ranking.model import RankingModel
from cartelera.received import Position
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.intervals import Intervals
from cartelera.service.answering.profiles import KnownRatings
from cartelera.service.answering.replies import ModelInfo, RankingModelInfo, RatingModelInfo
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.settings import Settings
from cartelera.service.answering.titles import TitleShelf
from cartelera.service.bundle.layout import (
    REBUILD,
    TAKEN_IN_KEY,
    Bundle,
    read_if_there,
    read_json,
)

ATTEMPTS: Final = 5


def load(bundle: Bundle, feedback: FeedbackLog | None = None) -> Answers:
    """Verify the folder and build what answers requests, from one state of the folder.

    Args:
        bundle: The folder; another may take its place meanwhile, which is then read from the start.
        feedback: Where ratings are received, if they are.

    Raises:
        InputError: If a file is missing, changed or cannot be read.
    """
    for _ in range(ATTEMPTS):
        manifest = _read_manifest(bundle)
        try:
            answers = _load(bundle, feedback)
        except (InputError, OSError):
            if _read_manifest(bundle) == manifest:
                raise
        else:
            if _read_manifest(bundle) == manifest:
                return answers
    raise InputError(f"{bundle.root} changes all the time: wait until packaging has ended.")


def _read_manifest(bundle: Bundle) -> bytes | None:
    return bundle.manifest.read_bytes() if bundle.manifest.is_file() else None


def _load(bundle: Bundle, feedback: FeedbackLog | None) -> Answers:
    bundle.verify()
    titles, scores = pd.read_parquet(bundle.titles), pd.read_parquet(bundle.scores)
    model = Model.load(bundle.factors)
    if is_of_other_data(model.rating.card, titles):
        raise InputError(
            f"{bundle.factors} was fitted on other data than the catalogue beside it. {REBUILD}"
        )
    settings = Settings.read(bundle.settings)
    shelf = TitleShelf(titles, scores, settings.platforms)
    intervals = read_if_there(bundle.intervals)
    received = read_if_there(bundle.received) or {}
    taken_in = [Position(**each) for each in received.get(TAKEN_IN_KEY, ())]
    seen = SeenTitles.read(bundle.seen)
    return Answers(
        queries=CatalogueQueries(
            titles, scores, years=settings.years, platforms=settings.platforms
        ),
        model=model,
        shelf=shelf,
        ratings=KnownRatings(seen, feedback, shelf, settings.scale, taken_in),
        settings=settings,
        info=_model_info(bundle, model, settings, intervals),
        intervals=None if intervals is None else Intervals.of(intervals),
    )


def _model_info(
    bundle: Bundle, model: Model, settings: Settings, intervals: dict[str, Any] | None
) -> ModelInfo:
    registered = read_json(bundle.registered)
    if not registered.keys() >= {"name", "version"}:
        raise InputError(f"{bundle.registered} lacks the model's `name` or `version`. {REBUILD}")
    card = dict(model.rating.card)
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
        n_users=len(model.rating.user_ids),
        n_titles=len(model.rating.title_ids),
        rating_model=_rating_model(model.rating),
        ranking_model=_ranking_model(model.ranking),
        registered=registered,
        card=card,
    )


def _rating_model(factors: Factors) -> RatingModelInfo:
    """Describe the rating model; an average of several has a list of members in its card."""
    members: list[Any] = factors.card.get("members") or [factors.card]
    params = [dict(member["params"]) for member in members if "params" in member]
    return RatingModelInfo(n_factors=factors.title_factors.shape[1], params=params)


def _ranking_model(ranking: RankingModel) -> RankingModelInfo:
    return RankingModelInfo(
        n_factors=ranking.factors.shape[1],
        n_titles=len(ranking.title_ids),
        n_unrated=int(np.count_nonzero(ranking.n_ratings == 0)),
        params=ranking.params.to_mapping(),
    )
