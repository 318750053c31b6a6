"""What brings content into the range of the ranking scores: constants of a model."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SPREAD_FROM: Final = 10
"""The spread of scores is measured from this place to the median."""

_MEDIAN_OF: Final = 1024
"""The median is taken of about so many scores."""


@dataclass(frozen=True)
class Scales:
    """By what content is multiplied to range as far as the ranking scores of a model do.

    Attributes:
        rated: Among rated titles.
        unrated: Among titles that nobody rated.
    """

    rated: float = 0.0
    unrated: float = 0.0

    @classmethod
    def of(
        cls, ranking: NDArray[np.floating], content: NDArray[np.floating], n_rated: int
    ) -> "Scales":
        """Take the medians over some users.

        Args:
            ranking: p_u . q_i + prior_i, of the rated titles first; shape (n_users, n_titles).
            content: sum_j x_uj z_j . z_i; shape (n_users, n_titles).
            n_rated: How many titles anybody has rated.
        """
        rated, unrated = (
            float(np.median([_ratio(*one) for one in zip(*parts, strict=True)]))
            for parts in (
                (ranking[:, :n_rated], content[:, :n_rated]),
                (ranking[:, n_rated:], content[:, n_rated:]),
            )
        )
        return cls(rated, unrated)


def _ratio(ranking: NDArray[np.floating], content: NDArray[np.floating]) -> float:
    """Return by what to multiply content so that it spreads as far as the ranking scores do."""
    spread = _spread(content)
    return _spread(ranking) / spread if spread > 1e-12 else 0.0


def _spread(scores: NDArray[np.floating]) -> float:
    """Return the distance from the tenth highest score to the median; of few, from the highest.

    The median of very many is that of a part of them, at even distances.
    """
    if not len(scores):
        return 0.0
    median = np.median(scores[:: max(1, len(scores) // _MEDIAN_OF)])
    tenth = len(scores) - _SPREAD_FROM
    if tenth <= len(scores) // 2:
        return float(scores.max() - median)
    return float(np.partition(scores, tenth)[tenth] - median)
