"""Users of very different tastes, whose lists stand side by side: are they lists of their own?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from cartelera.evaluation.metrics.overlap import overlap_at_k
from cartelera.evaluation.spot_checks import SpotCheck, spot_checks
from cartelera.evaluation.taste_groups import favourite_genres, most_different
from cartelera.factorization.recommender import Rater
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.ranker import Ranker
from cartelera.ranking.top_k import TopK

N_USERS: Final = 5
_N_GENRES: Final = 2


@dataclass(frozen=True)
class Contrast:
    """Lists of very different users.

    Attributes:
        tastes: The genres each likes most beyond others, joined by commas.
        checks: The users looked at closely, in the same order.
        overlap: Share of a list that another of these users' lists holds too, on average; NaN for
            one user.
    """

    tastes: list[str]
    checks: list[SpotCheck]
    overlap: float


def contrast(
    rater: Rater,
    ranker: Ranker,
    train: pd.DataFrame,
    test: pd.DataFrame,
    titles: pd.DataFrame,
    profiles: pd.DataFrame,
    *,
    k: int,
) -> Contrast | None:
    """Make the lists of up to `N_USERS` users whose tastes are as far apart as can be.

    Args:
        rater: As for `spot_checks.spot_checks`.
        ranker: Likewise.
        train: Likewise.
        test: Likewise.
        titles: Likewise.
        profiles: From `taste_groups.genre_profiles`.
        k: Length of a list.

    Returns:
        None if nobody has a profile.
    """
    users = np.array(most_different(profiles, N_USERS), dtype=np.int64)
    if not len(users):
        return None

    checks = spot_checks(users, rater, ranker, train, test, titles, k=k)

    # Overlap is counted on places, and short lists are filled up with no title.
    lists = [[title.title_id for title in check.recommended] for check in checks]
    listed = sorted({title_id for own in lists for title_id in own})
    places = [[listed.index(title_id) for title_id in own] for own in lists]
    padded = [own + [NO_TITLE] * (k - len(own)) for own in places]
    return Contrast(
        tastes=favourite_genres(profiles.loc[users], _N_GENRES).tolist(),
        checks=checks,
        overlap=float(overlap_at_k(TopK.of_positions(padded, listed)).mean()),
    )
