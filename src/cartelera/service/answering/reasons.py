"""Saying why: which of a user's ratings speak for a title, for a whole list at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import FoldedUser, Reason

MAX_REASONS: Final = 3


def top_reasons(
    factors: Factors, user: FoldedUser, titles: NDArray[np.integer], n: int = MAX_REASONS
) -> list[list[Reason]]:
    """Give for each title the n ratings that speak most for it, as `Factors.explain` does for one.

    The user is folded in once, and only the best few contributions become objects: that counts for
    users with thousands of ratings.

    Args:
        factors: The model.
        user: What it made of the user's ratings.
        titles: Positions in `factors.title_ids`; shape (k,).
        n: How many ratings a title at most; only those with a positive contribution.
    """
    own = {title_id: at for at, title_id in enumerate(user.title_ids)}
    found: list[list[Reason]] = []
    for title in titles:
        contributions = user.contributions(factors.title_factors[title])
        if (at := own.get(factors.title_ids[title])) is not None:
            contributions[at] = 0.0
        found.append(_best(user, contributions, n))
    return found


def _best(user: FoldedUser, contributions: NDArray[np.float64], n: int) -> list[Reason]:
    lowest = np.partition(contributions, -n)[-n] if len(contributions) > n else 0.0
    found = [
        Reason(str(user.title_ids[at]), float(user.ratings[at]), float(contributions[at]))
        for at in np.flatnonzero((contributions >= lowest) & (contributions > 0))
    ]
    return sorted(found, key=lambda reason: (-reason.contribution, reason.title_id))[:n]
