"""What the service knows: answers about predictions and lists, whatever the protocol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.catalogue.arguments import ALL, TYPE_CHOICES, choice
from cartelera.catalogue.queries import CatalogueQueries
from cartelera.factorization.factors import Factors
from cartelera.service.problems import Refused
from cartelera.service.seen import SeenTitles
from cartelera.service.settings import Settings


@dataclass(frozen=True)
class TitleInfo:
    """What to show of a title.

    Attributes:
        title_id: Its id, such as `ns1`.
        title: Its clean title, in lower case.
        display_title: Its title as published.
        platform: Where it can be watched.
        type: `movie` or `tv show`.
        year: Its release year.
    """

    title_id: str
    title: str
    display_title: str
    platform: str
    type: str
    year: int


@dataclass(frozen=True)
class Prediction:
    """What a user would rate a title.

    Attributes:
        user_id: The user.
        title: The title.
        score: The predicted rating, in stars.
        recommended: Whether the score reaches `recommend_at`.
        recommend_at: The threshold, in stars.
        origin: `model`, or `fallback` where the model knows the user or the title too little.
    """

    user_id: int
    title: TitleInfo
    score: float
    recommended: bool
    recommend_at: float
    origin: str


@dataclass(frozen=True)
class RankedTitle:
    """One line of a list of recommendations.

    Attributes:
        rank: 1 for the best.
        title: The title.
        score: The predicted rating, in stars.
    """

    rank: int
    title: TitleInfo
    score: float


@dataclass(frozen=True)
class RecommendationList:
    """Titles for a user, best first, without those the user has rated.

    Attributes:
        user_id: The user.
        k: The length asked for; the list is shorter when fewer titles are left.
        platforms: The platforms asked for.
        type: The type asked for: `movie`, `tv show` or `all`.
        origin: `model`, or `fallback` (titles with the best means) for an unknown user.
        titles: The list.
    """

    user_id: int
    k: int
    platforms: list[str]
    type: str
    origin: str
    titles: list[RankedTitle]


@dataclass(frozen=True)
class ModelInfo:
    """Which model answers.

    Attributes:
        name: Name of the registered model.
        version: Version of the registered model.
        registered: What else registering it said, the gate's verdict among it.
        card: The model card.
    """

    name: str
    version: str
    registered: dict[str, Any]
    card: dict[str, Any]


class Answers:
    """Everything a request needs, built once; a request only reads."""

    def __init__(
        self,
        *,
        queries: CatalogueQueries,
        factors: Factors,
        titles: pd.DataFrame,
        seen: SeenTitles,
        settings: Settings,
        registered: Mapping[str, Any],
    ):
        self.queries = queries
        self._factors = factors
        self._seen = seen
        self._settings = settings
        self._model = ModelInfo(
            name=str(registered["name"]),
            version=str(registered["version"]),
            registered=dict(registered),
            card=dict(factors.card),
        )
        self._titles = _title_infos(titles)
        known = [self._titles.get(title_id) for title_id in factors.title_ids]
        self._in_catalogue = np.array([title is not None for title in known], dtype=bool)
        self._platforms = np.array([title.platform if title else "" for title in known])
        self._types = np.array([title.type if title else "" for title in known])

    def predict(self, user_id: int, title_id: str) -> Prediction:
        """Predict what a user would rate a title.

        Raises:
            Refused: If no title has this id.
        """
        title = self._titles.get(title_id.lower())
        if title is None:
            raise Refused(404, f"No title has the id `{title_id}`.")
        users, titles = np.array([user_id]), np.array([title.title_id], dtype=object)
        score = float(self._factors.predict(users, titles)[0])
        return Prediction(
            user_id=user_id,
            title=title,
            score=score,
            recommended=score >= self._settings.recommend_at,
            recommend_at=self._settings.recommend_at,
            origin=str(self._factors.origin(users, titles)[0]),
        )

    def recommend(
        self,
        user_id: int,
        k: int | None = None,
        platforms: Sequence[str] | None = None,
        type: str = ALL,  # noqa: A002 - the parameter's public name
    ) -> RecommendationList:
        """Give the k titles a user would rate best, without those already rated.

        Raises:
            Refused: If `k` is out of range.
            QueryError: If a platform or the type is unknown.
        """
        length = self._settings.default_k if k is None else k
        if not 1 <= length <= self._settings.max_k:
            allowed = f"a whole number from 1 to {self._settings.max_k}"
            raise Refused(422, f"`k`={length} is out of range.", [allowed])
        wanted = [choice("platform", name, c.PLATFORMS) for name in platforms or c.PLATFORMS]
        wanted_type = choice("type", type, TYPE_CHOICES)
        picks = self._factors.recommend(
            user_id,
            length,
            allowed=self._allowed(wanted, wanted_type),
            seen=self._seen.of(user_id),
        )
        ids = np.array([pick.title_id for pick in picks], dtype=object)
        scores = self._factors.predict(np.full(len(ids), user_id), ids)
        return RecommendationList(
            user_id=user_id,
            k=length,
            platforms=wanted,
            type=wanted_type,
            origin=str(self._factors.origin([user_id], self._factors.title_ids[:1])[0]),
            titles=[
                RankedTitle(rank, self._titles[pick.title_id], float(score))
                for rank, (pick, score) in enumerate(zip(picks, scores, strict=True), start=1)
            ],
        )

    def model(self) -> ModelInfo:
        """Tell which model answers."""
        return self._model

    def _allowed(self, platforms: Sequence[str], title_type: str) -> npt.NDArray[np.bool_]:
        allowed = self._in_catalogue & np.isin(self._platforms, platforms)
        return allowed if title_type == ALL else allowed & (self._types == title_type)


def _title_infos(titles: pd.DataFrame) -> dict[str, TitleInfo]:
    fields = [c.ID, c.TITLE, c.DISPLAY_TITLE, c.PLATFORM, c.TYPE, c.RELEASE_YEAR]
    rows = titles[fields].to_dict("split")["data"]
    return {row[0]: TitleInfo(*row[:5], year=int(row[5])) for row in rows}
