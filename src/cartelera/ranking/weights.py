"""How much a rating weighs in a history."""

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.histories import Histories
from cartelera.ranking.parameters import NEUTRAL_RATING, RankingParams

_STEP = 1.5
"""From the neutral rating to 5 stars."""


def rating_weights(values: NDArray[np.floating], rating_weight: float) -> NDArray[np.float64]:
    """Return x = max(0, 1 + beta (r - 3.5) / 1.5): 1 + beta for 5 stars, less for fewer.

    Args:
        values: In stars; shape (n,).
        rating_weight: beta.

    >>> rating_weights(np.array([5.0, 3.5, 0.5]), 0.5).tolist()
    [1.5, 1.0, 0.0]
    """
    return np.maximum(0.0, 1.0 + rating_weight * (values - NEUTRAL_RATING) / _STEP)


def history_weights(histories: Histories, params: RankingParams) -> NDArray[np.float64]:
    """Weigh the ratings of histories: by their stars, and by how many later ones there are.

    Args:
        histories: Oldest first.
        params: Its `rating_weight` and `half_life` are read.

    Returns:
        Shape (n_ratings,).
    """
    weights = rating_weights(histories.values, params.rating_weight)
    if params.half_life is not None:
        weights *= np.exp2(-histories.recency / params.half_life)
    return weights
