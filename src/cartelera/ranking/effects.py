"""What each rating of a history does to the scores of a list's titles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Effects:
    """The parts of some titles' scores that come from each rating.

    Attributes:
        shares: Exact parts of the scores as they are: with the prior they add up to the score;
            shape (n_rated, n_listed).
        losses: What the scores lose when the rating is taken away: its share, and what it changes
            about the others, that is how much content and popularity count; shape
            (n_rated, n_listed).
    """

    shares: NDArray[np.float64]
    losses: NDArray[np.float64]


def effects(
    by_ranking: NDArray[np.float64],
    by_content: NDArray[np.float64],
    weights: NDArray[np.float64],
    weights_without: NDArray[np.float64],
    prior_gain: NDArray[np.float64],
    growth: float,
) -> Effects:
    """Put the effects of ratings together.

    Args:
        by_ranking: x_uj a_j q_j . q_i; shape (n_rated, n_listed), the oldest rating first.
        by_content: x_uj z_j . z_i; shape (n_rated, n_listed).
        weights: w_u of each listed title; shape (n_listed,).
        weights_without: The same without each rating; shape (n_rated, n_listed).
        prior_gain: By how much each title's prior grows with a rating less; shape (n_listed,).
        growth: By how much ratings older than one taken away weigh more, as each has one later
            rating less: 2^(1 / half_life).
    """
    shares = by_ranking + weights * by_content
    ranking_lost = by_ranking - (growth - 1) * _before(by_ranking)

    # The content score that is left, at the weight it then has.
    content = by_content.sum(axis=0)
    content_left = content - by_content + (growth - 1) * _before(by_content)
    content_lost = weights * content - weights_without * content_left
    return Effects(shares, ranking_lost + content_lost - prior_gain)


def _before(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each rating the sum of those before it."""
    return np.cumsum(parts, axis=0) - parts
