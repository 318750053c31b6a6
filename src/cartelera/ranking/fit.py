"""Fitting the ranking model: a truncated SVD of scaled ratings, every title left out of itself.

For titles a user has not rated, the scores at full rank are those of EASE (Steck, Embarrassingly
Shallow Autoencoders for Sparse Data, WWW 2019), with `reg_count` of EDLAE (Steck, Autoencoders that
don't overfit towards the Identity, NeurIPS 2020); `docs/ranking.md` derives it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.ranking.histories import Histories
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.truncated_svd import SparseRows, right_factors
from cartelera.ranking.weights import rating_weights

_LARGEST_SHARE = 1 - 1e-6
"""A title is never wholly explained by itself: what divides by 1 - h stays finite."""


@dataclass(frozen=True, eq=False)
class TitleVectors:
    """What is learnt about titles, in double precision; symbols as in `docs/ranking.md`.

    Attributes:
        factors: q_j; shape (n_titles, k).
        weights: a_j, by which a rated title's factors enter a user's vector; shape (n_titles,).
        prior: t_j times the mean weight of the title over all users; shape (n_titles,).
        n_ratings: Shape (n_titles,).
    """

    factors: NDArray[np.float64]
    weights: NDArray[np.float64]
    prior: NDArray[np.float64]
    n_ratings: NDArray[np.int64]


def rated_titles(ratings: pd.DataFrame) -> NDArray[np.object_]:
    """Return the distinct rated titles in alphabetical order; shape (n_titles,).

    Raises:
        InputError: If there are none.
    """
    if ratings.empty:
        raise InputError("the ratings have no rows: there is nothing to learn from.")
    return np.unique(ratings[c.TITLE_ID].to_numpy(dtype=object))


def fit_vectors(histories: Histories, n_titles: int, params: RankingParams) -> TitleVectors:
    """Fit the titles' vectors to ratings.

    Args:
        histories: The ratings to learn from.
        n_titles: How many titles their codes are of; each is rated at least once.
        params: See `RankingParams`; more factors than the ratings determine are left out.
    """
    weights = rating_weights(histories.values, params.rating_weight)
    counts = np.bincount(histories.codes, minlength=n_titles)
    mean_weights = np.bincount(histories.codes, weights, n_titles) / histories.n_users

    # Busy users count for less; what is regularised is a title's squared norm.
    busyness = np.maximum(histories.lengths, 1).astype(np.float64)
    scaled = weights * np.repeat(busyness**-params.user_norm, histories.lengths)
    norms = np.bincount(histories.codes, np.square(scaled), n_titles)
    ridge = params.reg * norms.mean() + params.reg_count * norms

    values = scaled / np.sqrt(ridge)[histories.codes]
    matrix = SparseRows(histories.starts, histories.codes, values, n_titles)
    squares, stretched = right_factors(matrix, params.n_factors, params.seed)

    # sqrt(f) o W = W s / sqrt(1 + s²), and h_j = sum_f f W_j² is its squared length.
    filtered = stretched / np.sqrt(1 + squares)
    own_share = np.minimum(np.square(filtered).sum(axis=1), _LARGEST_SHARE)
    left_out = (1 - own_share) ** params.leave_one_out
    damping = np.maximum(counts, 1).astype(np.float64) ** -params.popularity_damping
    return TitleVectors(
        factors=filtered * (damping * np.sqrt(ridge) / left_out)[:, np.newaxis],
        weights=left_out / (ridge * damping),
        prior=damping * mean_weights,
        n_ratings=counts,
    )
