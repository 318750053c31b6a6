"""Some users with all their ratings, where all users would be too many."""

import numpy as np
import pandas as pd

from cartelera import columns as c


def draw_users(ratings: pd.DataFrame, max_ratings: int, *, seed: int) -> pd.DataFrame:
    """Draw users at random until they have so many ratings.

    Args:
        ratings: Clean ratings (n), one row a (user, title).
        max_ratings: With which number of ratings no further user is drawn.
        seed: Of the draw.

    Returns:
        All ratings of the users drawn, in the order given; the very same table if it has no more
        ratings than that.

    Examples:
        >>> ratings = pd.DataFrame({"user_id": [1, 1, 2, 2, 3, 3]})
        >>> draw_users(ratings, 3, seed=0)["user_id"].tolist()
        [1, 1, 3, 3]
    """
    if len(ratings) <= max_ratings:
        return ratings
    users, _ = pd.factorize(ratings[c.USER_ID], sort=True)
    activity = np.bincount(users)
    drawn = np.random.default_rng(seed).permutation(len(activity))
    n_before = np.cumsum(activity[drawn]) - activity[drawn]
    is_drawn = np.zeros(len(activity), dtype=np.bool_)
    is_drawn[drawn[n_before < max_ratings]] = True
    return ratings[is_drawn[users]].reset_index(drop=True)
