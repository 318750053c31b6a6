"""What kinds of users there are, by what the catalogue says of the titles they like."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.breakdown import activity_groups

MIN_RATINGS: Final = 20
"""Of fewer ratings, which genre somebody likes is mostly chance."""

RAREST: Final = 0.03
"""Genres with a smaller share of what people like would make favourites of single titles."""

_MOST_USERS: Final = 5000


def genre_profiles(train: pd.DataFrame, titles: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Measure how much more or less than others users like each genre.

    Args:
        train: Columns user_id, title_id and rating.
        titles: Clean titles.
        seed: Of the draw among very many users.

    Returns:
        One row a user with `MIN_RATINGS` ratings or more, by user id; one column a genre: its share
        of the titles the user rated no lower than their mean, less the mean share, in standard
        deviations. Genres that tell nobody apart and rare ones (`RAREST`) are left out.
    """
    counts = train[c.USER_ID].value_counts()
    users = np.sort(counts.index[counts >= MIN_RATINGS].to_numpy(dtype=np.int64))
    if len(users) > _MOST_USERS:
        drawn = np.random.default_rng(seed).choice(users, _MOST_USERS, replace=False)
        users = np.sort(drawn)

    # Liked is what is above a user's own mean: people differ in how they use the scale.
    rated = train[train[c.USER_ID].isin(users)]
    means = rated.groupby(c.USER_ID)[c.RATING].transform("mean")
    liked = rated[rated[c.RATING] >= means]

    listed = titles.set_index(c.ID)[c.LISTED_IN].fillna("")
    genres = listed[listed.index.isin(liked[c.TITLE_ID])].str.get_dummies(sep=", ")
    of_ratings = genres.astype(np.float32).reindex(liked[c.TITLE_ID], fill_value=0.0)
    shares = of_ratings.groupby(liked[c.USER_ID].to_numpy()).mean().rename_axis(c.USER_ID)

    # Rare genres are left out: a single film would make a profile extreme.
    spread = shares.std(ddof=0)
    told = spread.index[(spread > 0) & (shares.mean() >= RAREST)]
    return (shares[told] - shares[told].mean()) / spread[told]


def most_different(profiles: pd.DataFrame, n_users: int) -> list[int]:
    """Choose users whose tastes point as far away from each other as can be.

    The first is the one who stands out most; then, time after time, the one follows whose profile
    is least like any chosen before (by cosine): farthest-first traversal (Gonzalez, Theoretical
    Computer Science 38, 1985).

    Args:
        profiles: From `genre_profiles`.
        n_users: How many; fewer if there are not so many.

    >>> profiles = pd.DataFrame(
    ...     {"drama": [2.0, 1.9, -1.0, 0.5], "horror": [0.0, 0.2, 1.5, 0.5]}, index=[3, 5, 8, 9]
    ... )
    >>> most_different(profiles, 2)
    [3, 8]
    """
    values = profiles.to_numpy(dtype=np.float64)
    if not values.size:
        return []
    lengths = np.linalg.norm(values, axis=1)
    directions = values / np.maximum(lengths, 1e-12)[:, np.newaxis]

    # The most pronounced first; then always the one whose nearest chosen is farthest.
    chosen = [int(np.argmax(lengths))]
    nearest = directions @ directions[chosen[0]]
    while len(chosen) < min(n_users, len(values)):
        nearest[chosen] = np.inf
        chosen.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, directions @ directions[chosen[-1]])
    return profiles.index[chosen].tolist()


def favourite_genres(profiles: pd.DataFrame, n: int = 1) -> "pd.Series[Any]":
    """Return the n genres each user likes most beyond others, joined by commas, by user id."""
    order = np.argsort(-profiles.to_numpy(dtype=np.float64), axis=1, kind="stable")[:, :n]
    names: NDArray[Any] = profiles.columns.to_numpy(dtype=object)
    return pd.Series([", ".join(row) for row in names[order]], profiles.index, dtype="str")


def kinds_of_users(
    train: pd.DataFrame,
    titles: pd.DataFrame,
    profiles: pd.DataFrame,
    user_ids: NDArray[np.int64],
) -> dict[str, "pd.Series[Any]"]:
    """Group users by how much they rated, what they like, and where that stands.

    Args:
        train: Columns user_id and title_id.
        titles: Clean titles.
        profiles: From `genre_profiles`.
        user_ids: Whom to group.

    Returns:
        By what the groups are, the group of each user, by user id; who is of none is left out.
    """
    return {
        "ratings in train": activity_groups(train, user_ids),
        "favourite genre": favourite_genres(profiles),
        "main platform": main_platforms(train[train[c.USER_ID].isin(user_ids)], titles),
    }


def main_platforms(train: pd.DataFrame, titles: pd.DataFrame) -> "pd.Series[Any]":
    """Return the platform where most of the titles stand that each user rated, by user id."""
    platforms = train[c.TITLE_ID].map(titles.set_index(c.ID)[c.PLATFORM])
    counts = pd.crosstab(train[c.USER_ID], platforms)
    return counts.idxmax(axis=1)
