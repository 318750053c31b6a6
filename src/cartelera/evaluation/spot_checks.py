"""A few users looked at closely: what they liked, what they are recommended, what they said."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.recommender import Rater
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker
from cartelera.ranking.top_k import top_k

MIN_TRAIN_RATINGS = 5
MIN_TEST_RATINGS = 3
MAX_LIKED = 8
MAX_HELD_OUT = 12

RANKING: Final = "ranking"
CONTENT: Final = "content"
"""Where a recommended title comes from: ratings, or the catalogue alone as nobody rated it."""


@dataclass(frozen=True)
class Title:
    """A title as people know it."""

    title_id: str
    title: str
    platform: str
    type: str
    year: int


@dataclass(frozen=True)
class Liked(Title):
    """A title the user rated in train, with the true stars."""

    stars: float


@dataclass(frozen=True)
class Recommended(Title):
    """A title the ranking model recommends.

    Attributes:
        score: What the list is sorted by; without unit.
        predicted: The stars the rating model predicts.
        origin: `RANKING` or `CONTENT`.
    """

    score: float
    predicted: float
    origin: str


@dataclass(frozen=True)
class HeldOut(Title):
    """A title the user rated in test, with predicted and true stars."""

    predicted: float
    stars: float


@dataclass(frozen=True)
class SpotCheck:
    """One user looked at closely.

    Attributes:
        user_id: Who.
        n_train: Number of ratings in train.
        n_test: Number of ratings in test.
        liked: The best rated titles in train, at most `MAX_LIKED`, the latest first among equals.
        recommended: The k titles recommended, best first.
        held_out: Ratings in test, the latest first, at most `MAX_HELD_OUT`.
    """

    user_id: int
    n_train: int
    n_test: int
    liked: list[Liked]
    recommended: list[Recommended]
    held_out: list[HeldOut]


def draw_users(
    train: pd.DataFrame, test: pd.DataFrame, n_users: int, seed: int
) -> NDArray[np.int64]:
    """Draw users for spot checks, among those with enough ratings.

    Args:
        train: Clean ratings models were fitted on.
        test: Clean ratings held out.
        n_users: How many; fewer where there are not so many.
        seed: Seed of the draw.

    Returns:
        Ids of users with at least `MIN_TRAIN_RATINGS` ratings in train and `MIN_TEST_RATINGS` in
        test, ascending.
    """
    n_train = train[c.USER_ID].value_counts()
    n_test = test[c.USER_ID].value_counts()
    eligible = np.intersect1d(
        n_train.index[n_train >= MIN_TRAIN_RATINGS].to_numpy(dtype=np.int64),
        n_test.index[n_test >= MIN_TEST_RATINGS].to_numpy(dtype=np.int64),
    )
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(eligible, min(n_users, len(eligible)), replace=False))


def spot_checks(
    users: NDArray[np.int64],
    rater: Rater,
    ranker: Ranker,
    train: pd.DataFrame,
    test: pd.DataFrame,
    titles: pd.DataFrame,
    *,
    k: int,
) -> list[SpotCheck]:
    """Look closely at some users.

    Args:
        users: Their ids, each with ratings in train; shape (n,).
        rater: What predicts stars.
        ranker: What recommends.
        train: Clean ratings they were fitted on.
        test: Clean ratings held out.
        titles: Clean titles.
        k: Length of a recommendation list.

    Returns:
        One entry a user, in the order given.

    Raises:
        InputError: If a rated title is missing from the titles.
    """
    catalogue = _Catalogue(titles)
    of_users = train[train[c.USER_ID].isin(users)]
    top = top_k(ranker, Histories.from_frame(of_users, ranker.title_ids, users), k)
    is_rated = pd.Index(top.title_ids).isin(train[c.TITLE_ID].unique())

    checks: list[SpotCheck] = []
    for user_id, places, scores in zip(users.tolist(), top.positions, top.scores, strict=True):
        in_train = train[train[c.USER_ID] == user_id]
        in_test = test[test[c.USER_ID] == user_id]
        lines = [
            (str(top.title_ids[place]), float(score), RANKING if is_rated[place] else CONTENT)
            for place, score in zip(places, scores, strict=True)
            if place != NO_TITLE
        ]
        checks.append(
            SpotCheck(
                user_id=user_id,
                n_train=len(in_train),
                n_test=len(in_test),
                liked=_liked(in_train, catalogue),
                recommended=_recommended(rater, user_id, lines, catalogue),
                held_out=_held_out(rater, user_id, in_test, catalogue),
            )
        )
    return checks


class _Catalogue:
    """Looks up how titles are shown."""

    def __init__(self, titles: pd.DataFrame):
        shown = titles[[c.ID, c.DISPLAY_TITLE, c.PLATFORM, c.TYPE, c.RELEASE_YEAR]]
        self._titles = {
            str(row[0]): Title(str(row[0]), str(row[1]), str(row[2]), str(row[3]), int(row[4]))
            for row in shown.itertuples(index=False, name=None)
        }

    def title(self, title_id: str) -> Title:
        if title_id not in self._titles:
            raise InputError(
                f"Title {title_id} has ratings but is missing from the clean titles: "
                "run the etl stage anew, then the stages after it."
            )
        return self._titles[title_id]


def _liked(in_train: pd.DataFrame, catalogue: _Catalogue) -> list[Liked]:
    best = in_train.sort_values(
        [c.RATING, c.TIMESTAMP, c.TITLE_ID], ascending=[False, False, True]
    ).head(MAX_LIKED)
    return [
        Liked(**vars(catalogue.title(str(title_id))), stars=float(stars))
        for title_id, stars in zip(best[c.TITLE_ID], best[c.RATING], strict=True)
    ]


def _recommended(
    rater: Rater, user_id: int, lines: list[tuple[str, float, str]], catalogue: _Catalogue
) -> list[Recommended]:
    predictions = _predict(rater, user_id, [title_id for title_id, _, _ in lines])
    return [
        Recommended(
            **vars(catalogue.title(title_id)),
            score=float(f"{score:.4g}"),  # more would only show rounding noise of float32
            predicted=predicted,
            origin=origin,
        )
        for (title_id, score, origin), predicted in zip(lines, predictions, strict=True)
    ]


def _held_out(
    rater: Rater, user_id: int, in_test: pd.DataFrame, catalogue: _Catalogue
) -> list[HeldOut]:
    latest = in_test.sort_values([c.TIMESTAMP, c.TITLE_ID], ascending=[False, True])
    latest = latest.head(MAX_HELD_OUT)
    title_ids = [str(title_id) for title_id in latest[c.TITLE_ID]]
    predictions = _predict(rater, user_id, title_ids)
    return [
        HeldOut(**vars(catalogue.title(title_id)), predicted=predicted, stars=float(stars))
        for title_id, predicted, stars in zip(title_ids, predictions, latest[c.RATING], strict=True)
    ]


def _predict(rater: Rater, user_id: int, title_ids: list[str]) -> list[float]:
    """Predict stars, to three decimals: more would only show rounding noise of float32."""
    users = np.full(len(title_ids), user_id, dtype=np.int64)
    predicted = np.asarray(rater.predict(users, np.asarray(title_ids)), dtype=np.float64)
    return [round(value, 3) for value in predicted.tolist()]
