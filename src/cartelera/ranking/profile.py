"""A person's profile, made from their ratings by the ranking model, and the lines of a list."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.content_taste import Taste


@dataclass(frozen=True, eq=False)
class Profile:
    """Somebody's ratings as the ranking model sees them.

    Attributes:
        codes: Rated titles that the model knows, oldest first; shape (n,).
        ratings: In stars; shape (n,).
        weights: x_uj; shape (n,).
        taste: What the history is about.
        vector: p_u, whose product with q_i is a title's score by ranking; shape (k,).
        prior_weight: By what the titles' prior is multiplied.
        rated_weight: w_u, by what content is multiplied among rated titles.
        unrated_weight: Likewise among titles that nobody rated.
    """

    codes: NDArray[np.intp]
    ratings: NDArray[np.float64]
    weights: NDArray[np.float64]
    taste: Taste
    vector: NDArray[np.float64]
    prior_weight: float
    rated_weight: float
    unrated_weight: float


@dataclass(frozen=True)
class Listed:
    """One line of a list.

    Attributes:
        title_id: The title.
        score: What it is listed for, without unit; those of rated and of unrated titles cannot be
            compared.
        origin: `ranking`, `content` for a title that nobody rated, or `popularity` where most of
            the score is what everybody watches.
    """

    title_id: str
    score: float
    origin: str
