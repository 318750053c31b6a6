"""One entry of a comparison: a model that predicts stars, orders lists, or both."""

from dataclasses import dataclass

from cartelera.factorization.recommender import Rater
from cartelera.ranking.ranker import Ranker


@dataclass(frozen=True)
class Entry:
    """One row of a comparison.

    Attributes:
        rater: Predicts stars; None if there is nothing to measure on ratings.
        ranker: Orders lists; None if there is nothing to measure on lists.
    """

    rater: Rater | None = None
    ranker: Ranker | None = None
