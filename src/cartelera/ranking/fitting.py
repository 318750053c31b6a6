"""From ratings and a catalogue to a ranking model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.ranking.content import fit_content
from cartelera.ranking.content_features import ContentFeatures, content_features
from cartelera.ranking.fit import fit_vectors, rated_titles
from cartelera.ranking.histories import Histories
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.score_scales import Scales
from cartelera.ranking.weights import history_weights

_MOST_MEASURED: Final = 200
_OF_RATINGS: Final = 10
"""The range of scores is measured with so many users and their latest ratings."""


def fit_ranking(
    ratings: pd.DataFrame, titles: pd.DataFrame | None, params: RankingParams
) -> RankingModel:
    """Fit the ranking model.

    Args:
        ratings: Columns `user_id`, `title_id` (of a work), `rating` and `timestamp`, one row a
            (user, title).
        titles: Clean titles, for what the catalogue says of works and for vectors of those that
            nobody rated; None leaves both out.
        params: See `RankingParams`.

    Raises:
        InputError: If there are no ratings.

    Examples:
        >>> ratings = pd.DataFrame(
        ...     {"user_id": [1, 1, 2], "title_id": ["as1", "as2", "as1"], "rating": [5.0, 3.0, 4.0]}
        ... ).assign(timestamp=[10, 20, 30])
        >>> fit_ranking(ratings, None, RankingParams(n_factors=1)).title_ids.tolist()
        ['as1', 'as2']
    """
    if titles is not None:
        return fit_with_content(ratings, content_features(titles), params)
    title_ids = rated_titles(ratings)
    return fit_without_content(Histories.from_frame(ratings, title_ids), title_ids, params)


def fit_with_content(
    ratings: pd.DataFrame, features: ContentFeatures, params: RankingParams
) -> RankingModel:
    """Fit a ranking model of all titles of a catalogue.

    Args:
        ratings: As for `fit_ranking`.
        features: What the catalogue says of each work.
        params: See `RankingParams`.

    Raises:
        InputError: If there are no ratings.
    """
    title_ids = rated_titles(ratings)
    histories = Histories.from_frame(ratings, title_ids)
    vectors = fit_vectors(histories, len(title_ids), params)
    content = fit_content(
        features,
        title_ids,
        vectors.factors,
        vectors.weights,
        vectors.prior,
        vectors.n_ratings,
        seed=params.seed,
    )

    # Rated titles stand first: their scores alone can be compared.
    n_unrated = len(content.unrated_ids)
    model = RankingModel(
        title_ids=np.concatenate([title_ids, content.unrated_ids]),
        factors=np.concatenate([vectors.factors, content.factors]).astype(np.float32),
        weights=np.concatenate([vectors.weights, content.weights]).astype(np.float32),
        prior=np.concatenate([vectors.prior, content.prior]).astype(np.float32),
        content=content.embeddings,
        n_ratings=np.append(vectors.n_ratings, np.zeros(n_unrated)).astype(np.int32),
        params=params,
    )

    return replace(model, scales=_scales(model, histories))


def _scales(model: RankingModel, histories: Histories) -> Scales:
    """Measure how far ranking and content scores range, for users at even distances."""
    step = max(1, histories.n_users // _MOST_MEASURED)
    some = histories.take(np.arange(0, histories.n_users, step)).latest(_OF_RATINGS)

    weights = history_weights(some, model.params)[:, np.newaxis] * model.content[some.codes]
    tastes = np.zeros((some.n_users, model.content.shape[1]), np.float32)
    np.add.at(tastes, some.rows, weights.astype(np.float32))
    return Scales.of(model.score_histories(some), tastes @ model.content.T, model.n_rated)


def fit_without_content(
    histories: Histories, title_ids: NDArray[np.object_], params: RankingParams
) -> RankingModel:
    """Fit a ranking model of rated titles alone.

    Args:
        histories: The ratings to learn from.
        title_ids: The titles their codes are of, each rated at least once; shape (n_titles,).
        params: See `RankingParams`.
    """
    vectors = fit_vectors(histories, len(title_ids), params)
    return RankingModel(
        title_ids=title_ids,
        factors=vectors.factors.astype(np.float32),
        weights=vectors.weights.astype(np.float32),
        prior=vectors.prior.astype(np.float32),
        content=np.zeros((len(title_ids), 0), np.float32),
        n_ratings=vectors.n_ratings.astype(np.int32),
        params=params,
    )


def fit_for_search(
    histories: Histories, title_ids: NDArray[np.object_], params: Mapping[str, Any]
) -> RankingModel:
    """Fit as `fit_without_content`, by the parameters' names.

    Raises:
        ConfigError: If a parameter is unknown or out of range.
    """
    return fit_without_content(histories, title_ids, RankingParams.from_mapping(params))
