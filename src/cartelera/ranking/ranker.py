"""What everything that orders lists has in common."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.histories import Histories


class Ranker(Protocol):
    """Orders titles for users by what they have rated.

    A ranker knows nobody: whoever asks brings their ratings along.
    """

    @property
    def title_ids(self) -> NDArray[np.object_]:
        """The titles that compete, each once; shape (n_titles,)."""
        ...

    def score_histories(self, histories: Histories) -> NDArray[np.floating]:
        """Score every title for each user: the higher, the earlier it is listed.

        Titles already rated are scored like the others: leaving them out is the caller's business.
        The array is the caller's to change.

        Args:
            histories: Users' ratings, their codes being positions in `title_ids`.

        Returns:
            Finite scores, without unit; shape (n_users, n_titles).
        """
        ...
