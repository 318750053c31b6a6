"""Lists in the order of predicted stars: what a rating model alone would recommend."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.factors import Factors
from cartelera.factorization.selection import Best, Cells
from cartelera.ranking.histories import Histories


@dataclass(frozen=True, eq=False)
class RatingOrder:
    """Orders titles by the stars a rating model predicts before they are clipped.

    It knows users by id: of their histories it reads nothing else, and someone the model was not
    fitted with gets the titles with the highest shrunken means.

    Attributes:
        factors: The rating model.
    """

    factors: Factors

    @property
    def title_ids(self) -> NDArray[np.object_]:
        """The titles that compete, each once; shape (n_titles,)."""
        return self.factors.title_ids

    def score_histories(self, histories: Histories) -> NDArray[np.float32]:
        """Score every title for each user; shape (n_users, n_titles)."""
        return self.factors.score_titles(histories.user_ids)

    def best_of_histories(self, histories: Histories, k: int, *hidden: Cells) -> Best:
        """Return each user's k best titles as double precision ranks them."""
        return self.factors.best(histories.user_ids, k, *hidden)
