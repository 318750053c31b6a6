"""The best order of titles there is in the sample: what a list is measured against.

For tests alone; the pipeline never sees it.
"""

import numpy as np
from numpy.typing import NDArray

from cartelera.sources._works import FloatArray
from cartelera.sources.tastes import Tastes, chance_of

_HALVINGS = 60


def expected_relevance(
    tastes: Tastes,
    *,
    test_fraction: float,
    relevant_at: float,
    users: NDArray[np.intp] | None = None,
) -> FloatArray:
    """Return how likely each title is among a user's test ratings, and liked.

    Who draws n works without replacement by weights w sees a race: work i arrives at the time
    E_i / w_i, E_i exponential, and the first n are the user's. So work i is among them with a
    chance close to p_i = 1 - exp(-t w_i), the time t being such that the p_i sum to n. A share
    s of a user's ratings, whichever, is test: what is known not to be in train is in test with the
    chance

        s p_i / (1 - (1 - s) p_i)

    The rating is drawn independently of that, and is `relevant_at` stars or more with a chance that
    the opinion tells. The product of both chances is the expected relevance. A list of the titles
    that are not in train, in its order, has the highest expected discounted gain there is, but for
    the approximation of p.

    Titles of one work share its value; who measures without pooling works should look at that.

    Args:
        tastes: What is planted.
        test_fraction: The share s of each user's ratings that is test, chosen by time.
        relevant_at: In stars.
        users: Positions of users; by default all.

    Returns:
        Between 0 and 1, and 0 for a title nobody rates; shape (n_users, n_titles).
    """
    if users is None:
        users = np.arange(len(tastes.user_bias))
    rated = tastes.rated
    weights = np.exp(tastes.log_weights(users, rated))
    _, firsts = np.unique(tastes.works[rated], return_index=True)
    times = _times(weights[:, firsts], tastes.n_ratings[users])

    # Poissonised: as if each title were met at random times, so that chances are independent.
    chosen = -np.expm1(-times[:, None] * weights)
    in_test = test_fraction * chosen / (1 - (1 - test_fraction) * chosen)
    opinions = tastes.opinions(users[:, None], rated[None, :])
    relevance = np.zeros((len(users), len(tastes.title_ids)))
    relevance[:, rated] = in_test * chance_of(relevant_at, opinions, tastes.noise)
    return relevance


def _times(weights: FloatArray, counts: NDArray[np.int64]) -> FloatArray:
    """Return when so many works are expected to have arrived, by halving the range of log t.

    Args:
        weights: Shape (n_users, n_works).
        counts: Works each user rates; shape (n_users,).
    """
    low = np.full(len(counts), -50.0)
    high = -low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        arrived = -np.expm1(-np.exp(middle)[:, None] * weights).sum(axis=1)
        low = np.where(arrived < counts, middle, low)
        high = np.where(arrived < counts, high, middle)
    return np.exp(high)
