"""A person's profile, made from their ratings by the ranking model, and the lines of a list."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.content_taste import Mixed, Taste


@dataclass(frozen=True, eq=False)
class Profile:
    """Somebody's ratings as the ranking model sees them, and what follows for every title.

    Attributes:
        codes: Rated titles that the model knows, oldest first; shape (n,).
        ratings: In stars; shape (n,).
        weights: x_uj; shape (n,).
        taste: What the history is about.
        prior: Popularity's part of the scores; shape (n_titles,).
        content: Scores by content; shape (n_titles,).
        mixed: Scores of ranking, content and popularity together.
    """

    codes: NDArray[np.intp]
    ratings: NDArray[np.float64]
    weights: NDArray[np.float64]
    taste: Taste
    prior: NDArray[np.float32]
    content: NDArray[np.float32]
    mixed: Mixed


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
