"""Lists of titles that nobody rated: titles are hidden from the fit and ranked by what is left."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.bootstrap import FloatArray, Interval
from cartelera.evaluation.judged_lists import find_hits
from cartelera.evaluation.metrics.ndcg import NDCG, ndcg_at_k
from cartelera.evaluation.resampling import UNKNOWN, mean_intervals
from cartelera.evaluation.settings import Settings
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker
from cartelera.ranking.top_k import top_k

Fit: TypeAlias = Callable[[pd.DataFrame], Ranker]


@dataclass(frozen=True)
class ColdTitles:
    """NDCG of lists of titles without ratings.

    Attributes:
        ndcg: Of the ranker.
        random: Of lists in random order.
        difference: The ranker's minus that at random, paired user by user.
        n_users: Number of users measured.
        n_titles: Number of titles that were hidden at one time or another.
    """

    ndcg: Interval
    random: Interval
    difference: Interval
    n_users: int
    n_titles: int


def cold_title_ndcg(
    fit: Fit, ratings: pd.DataFrame, settings: Settings, *, n_folds: int = 5
) -> ColdTitles:
    """Measure how well a ranker orders titles that it was fitted without any ratings of.

    Titles are split into folds at random. In turn, all ratings of a fold's titles are taken away,
    the ranker is fitted to the others, and ranks the fold's titles alone for each user by the
    user's other ratings; those the user gave enough stars are relevant. A user counts by the mean
    over the folds that hold a relevant title.

    Args:
        fit: Fits a ranker to ratings; the hidden titles have to be among its `title_ids`.
        ratings: Columns user_id, title_id, rating and timestamp.
        settings: How lists are measured; at most `max_users` of the users with a relevant title are
            drawn.
        n_folds: Number of folds.

    Raises:
        InputError: If there are fewer titles than folds, or a hidden title is not among those of
            the ranker.
    """
    title_ids = np.unique(ratings[c.TITLE_ID].to_numpy(dtype=object))
    if len(title_ids) < n_folds:
        raise InputError(f"{len(title_ids)} rated titles cannot be split into {n_folds} folds.")

    rng = np.random.default_rng(settings.seed)
    fold_of = rng.permutation(np.arange(len(title_ids)) % n_folds)
    users = _draw(ratings, settings, rng)

    sums, n_measured = np.zeros((2, len(users))), np.zeros(len(users))
    for fold in range(n_folds):
        hidden_ids = title_ids[fold_of == fold]
        is_hidden = ratings[c.TITLE_ID].isin(hidden_ids)
        ranker = fit(ratings[~is_hidden])

        # Users keep what they rated of the others; only hidden titles compete.
        relevant = ratings[is_hidden & (ratings[c.RATING] >= settings.relevant_at)]
        histories = Histories.from_frame(ratings[~is_hidden], ranker.title_ids, users)
        is_allowed = _positions(ranker, hidden_ids)
        for row, one in enumerate((ranker, _AtRandom(ranker.title_ids, rng))):
            top = top_k(one, histories, settings.k, allowed=is_allowed)
            sums[row] += np.nan_to_num(ndcg_at_k(*find_hits(top, relevant)))
        n_measured += pd.Index(users).isin(relevant[c.USER_ID])

    return _summarise(sums, n_measured, settings, len(title_ids))


@dataclass(frozen=True, eq=False)
class _AtRandom:
    """Orders titles by chance, for each user anew."""

    title_ids: NDArray[np.object_]
    rng: np.random.Generator

    def score_histories(self, histories: Histories) -> FloatArray:
        return self.rng.random((histories.n_users, len(self.title_ids)))


def _draw(ratings: pd.DataFrame, settings: Settings, rng: np.random.Generator) -> NDArray[np.int64]:
    relevant = ratings[ratings[c.RATING] >= settings.relevant_at]
    users = np.unique(relevant[c.USER_ID].to_numpy(dtype=np.int64))
    return np.sort(rng.choice(users, min(settings.max_users, len(users)), replace=False))


def _positions(ranker: Ranker, hidden_ids: NDArray[Any]) -> NDArray[np.bool_]:
    is_allowed = pd.Index(np.asarray(ranker.title_ids)).isin(hidden_ids)
    if is_allowed.sum() != len(hidden_ids):
        n_missing = len(hidden_ids) - int(is_allowed.sum())
        raise InputError(f"the ranker lacks {n_missing} of {len(hidden_ids)} hidden titles.")
    return is_allowed


def _summarise(
    sums: FloatArray, n_measured: FloatArray, settings: Settings, n_titles: int
) -> ColdTitles:
    known = n_measured > 0
    if not known.any():
        return ColdTitles(UNKNOWN, UNKNOWN, UNKNOWN, 0, n_titles)
    own, random = sums[:, known] / n_measured[known]
    measured = mean_intervals([own, random], NDCG, settings)
    return ColdTitles(
        ndcg=measured.own[0][NDCG],
        random=measured.own[1][NDCG],
        difference=measured.paired[0][NDCG],
        n_users=int(known.sum()),
        n_titles=n_titles,
    )
