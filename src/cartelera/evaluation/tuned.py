"""Tuned baselines: their constants are chosen on ratings held out of the train part."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.audience import Audience
from cartelera.evaluation.baselines import BiasOnly, GlobalMean, TitleMean, UserMean
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.judged_lists import find_hits
from cartelera.evaluation.list_baselines import Ease, ItemKnn, Popularity
from cartelera.evaluation.metrics.ndcg import ndcg_at_k
from cartelera.evaluation.settings import Settings
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.ranking.ranker import Ranker

logger = logging.getLogger(__name__)

BIAS_ONLY: Final = "bias_only"
TITLE_MEAN: Final = "title_mean"
USER_MEAN: Final = "user_mean"
GLOBAL_MEAN: Final = "global_mean"
POPULARITY: Final = "popularity"
ITEM_KNN: Final = "item_knn"
EASE: Final = "ease"

MOST_RATINGS: Final = 1_000_000
"""With more ratings in train, constants are chosen on those of users drawn at random."""

MOST_USERS: Final = 1_000
"""Constants of rankers are chosen on lists of so many users at most."""

MOST_TITLES_OF_EASE: Final = 5_000
"""With more titles, EASE is left out: it inverts a matrix of titles by titles."""

HoldOut: TypeAlias = Callable[[pd.DataFrame], tuple[pd.DataFrame, pd.DataFrame]]
"""Splits ratings into those to learn from and those to measure with."""

Chosen: TypeAlias = dict[str, float]

_SHRINKAGES = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 35.0, 60.0, 100.0)
_RATING_WEIGHTS = (0.0, 0.5, 1.0)
_NEIGHBOURS = (20, 50, 100, 200)
_KNN_SHRINKAGES = (5.0, 50.0)
_EASE_REGS = (50.0, 150.0, 450.0)
_DEFAULTS: Final[Mapping[str, Chosen]] = {
    USER_MEAN: {"shrinkage": 2.0},
    TITLE_MEAN: {"shrinkage": 8.0},
    BIAS_ONLY: {"reg_users": 12.0, "reg_titles": 8.0},
    POPULARITY: {"rating_weight": 0.0},
    ITEM_KNN: {"n_neighbours": 100, "shrinkage": 10.0, "rating_weight": 0.0},
    EASE: {"reg": 150.0, "rating_weight": 0.0},
}
"""What is taken where train is too small to hold anything out."""


@dataclass(frozen=True)
class Baselines:
    """Baselines fitted to the train part.

    Attributes:
        entries: By name, rankers first.
        chosen: The constants each was fitted with.
    """

    entries: dict[str, Entry]
    chosen: dict[str, Chosen]


def fit_baselines(
    train: pd.DataFrame, hold_out: HoldOut, *, scale: tuple[float, float], settings: Settings
) -> Baselines:
    """Choose the constants of all baselines and fit them to the train part.

    Raters are chosen by RMSE, rankers by NDCG@k, both on ratings held out of train: the test part
    is not looked at.

    Args:
        train: Columns user_id, title_id, rating and timestamp.
        hold_out: How ratings are held out; the way the test part was.
        scale: Lowest and highest rating, in stars.
        settings: How lists are measured.
    """
    chosen = dict(_DEFAULTS)
    try:
        inner, valid = hold_out(_some_users(train, settings.seed))
    except InputError:
        logger.warning("Too few ratings to choose constants of baselines: the usual are taken.")
    else:
        chosen |= choose_raters(inner, valid, scale=scale)
        chosen |= choose_rankers(inner, valid, settings)

    # Constants come from inside of train; the fit is to all of it.
    matrix = RatingMatrix.from_frame(train, scale=scale)

    # Raters: all on the same matrix.
    entries = {
        POPULARITY: Entry(ranker=Popularity.fit(train, **chosen[POPULARITY])),
        ITEM_KNN: Entry(ranker=ItemKnn.fit(train, **chosen[ITEM_KNN])),
    }
    if matrix.n_titles <= MOST_TITLES_OF_EASE:
        entries[EASE] = Entry(ranker=Ease.fit(train, **chosen[EASE]))
    else:
        del chosen[EASE]
    entries |= {
        BIAS_ONLY: Entry(rater=BiasOnly.of(matrix, **chosen[BIAS_ONLY])),
        TITLE_MEAN: Entry(rater=TitleMean.of(matrix, **chosen[TITLE_MEAN])),
        USER_MEAN: Entry(rater=UserMean.of(matrix, **chosen[USER_MEAN])),
        GLOBAL_MEAN: Entry(rater=GlobalMean.of(matrix)),
    }
    return Baselines(entries, chosen)


def choose_raters(
    inner: pd.DataFrame, valid: pd.DataFrame, *, scale: tuple[float, float]
) -> dict[str, Chosen]:
    """Return the constants by which raters fitted to `inner` err least on `valid`."""
    matrix = RatingMatrix.from_frame(inner, scale=scale)
    codes = GlobalMean.of(matrix).codes(valid[c.USER_ID], valid[c.TITLE_ID])
    true = valid[c.RATING].to_numpy(dtype=np.float64)

    def error(model: BiasOnly | TitleMean | UserMean) -> float:
        return float(np.mean(np.square(model.predict_codes(*codes) - true)))

    means = range(1, len(_SHRINKAGES))  # 0 is for biases alone: unrated users and titles have none
    of_users = min(means, key=lambda n: error(UserMean.of(matrix, shrinkage=_SHRINKAGES[n])))
    of_titles = min(means, key=lambda n: error(TitleMean.of(matrix, shrinkage=_SHRINKAGES[n])))
    users, titles = _climb(
        lambda users, titles: error(
            BiasOnly.of(matrix, reg_users=_SHRINKAGES[users], reg_titles=_SHRINKAGES[titles])
        ),
        (of_users, of_titles),
        len(_SHRINKAGES),
    )
    return {
        USER_MEAN: {"shrinkage": _SHRINKAGES[of_users]},
        TITLE_MEAN: {"shrinkage": _SHRINKAGES[of_titles]},
        BIAS_ONLY: {"reg_users": _SHRINKAGES[users], "reg_titles": _SHRINKAGES[titles]},
    }


def choose_rankers(
    inner: pd.DataFrame, valid: pd.DataFrame, settings: Settings
) -> dict[str, Chosen]:
    """Return the constants by which rankers fitted to `inner` have the highest NDCG on `valid`."""
    audience = Audience.draw(
        inner,
        valid,
        relevant_at=settings.relevant_at,
        max_users=min(settings.max_users, MOST_USERS),
        seed=settings.seed,
    )
    if len(audience.user_ids) == 0:
        return {}

    def ndcg(ranker: Ranker) -> float:
        hits, n_relevant = find_hits(audience.top_k(ranker, settings.k), audience.relevant)
        return float(ndcg_at_k(hits, n_relevant).mean())

    def best(trials: Iterable[Chosen], fit: Callable[[Chosen], Ranker]) -> Chosen:
        return max(trials, key=lambda constants: ndcg(fit(constants)))

    # One constant after the other: how much stars count hardly depends on the rest.
    weights = [{"rating_weight": weight} for weight in _RATING_WEIGHTS]
    chosen = {POPULARITY: best(weights, lambda own: Popularity.fit(inner, **own))}
    widest = {
        shrinkage: ItemKnn.fit(inner, n_neighbours=max(_NEIGHBOURS), shrinkage=shrinkage)
        for shrinkage in _KNN_SHRINKAGES
    }
    neighbours = [
        {"n_neighbours": n, "shrinkage": shrinkage, "rating_weight": _RATING_WEIGHTS[1]}
        for shrinkage in _KNN_SHRINKAGES
        for n in _NEIGHBOURS
    ]

    def knn(own: Chosen) -> Ranker:
        fitted = widest[own["shrinkage"]]
        return fitted.nearest(own["n_neighbours"], rating_weight=own["rating_weight"])

    nearest = best(neighbours, knn)
    chosen[ITEM_KNN] = best([{**nearest, **weight} for weight in weights], knn)

    def ease(own: Chosen) -> Ranker:
        return Ease.fit(inner, **own)

    if inner[c.TITLE_ID].nunique() <= MOST_TITLES_OF_EASE:
        weighted = best([{"reg": _EASE_REGS[1], **weight} for weight in weights], ease)
        chosen[EASE] = best([{**weighted, "reg": reg} for reg in _EASE_REGS], ease)
    return chosen


def _some_users(train: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return the ratings of all users, or of so many drawn at random as give `MOST_RATINGS`."""
    if len(train) <= MOST_RATINGS:
        return train
    users = np.unique(train[c.USER_ID].to_numpy(dtype=np.int64))
    n_users = max(1, len(users) * MOST_RATINGS // len(train))
    drawn = np.random.default_rng(seed).choice(users, n_users, replace=False)
    return train[train[c.USER_ID].isin(drawn)]


def _climb(loss: Callable[[int, int], float], start: tuple[int, int], size: int) -> tuple[int, int]:
    """Go from one place of a square grid to the best neighbour as long as one is better."""
    known: dict[tuple[int, int], float] = {}

    def at(place: tuple[int, int]) -> float:
        if place not in known:
            known[place] = loss(*place)
        return known[place]

    # Losses are remembered: neighbours of neighbours are often the same place.
    place = start
    while True:
        row, column = place
        around = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        inside = [(i, j) for i, j in around if 0 <= i < size and 0 <= j < size]
        best = min([place, *inside], key=at)
        if best == place:
            return place
        place = best
