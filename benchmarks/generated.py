"""Ratings of any number, heavy-tailed as real ones, with a taste that can be learned."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.factorization.rating_matrix import RatingMatrix

SCALE = (0.5, 5.0)
N_TITLES = 23_000
RATINGS_PER_USER = 87
"""115,000 users for 10 million ratings."""

_USERS_AT_ONCE = 20_000
_RANK = 8
_MEAN, _USER_SPREAD, _TITLE_SPREAD, _TASTE_SPREAD, _NOISE = 3.5, 0.4, 0.4, 0.6, 0.7


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings by code, each user's next to each other and in random order.

    Attributes:
        users: Shape (n_ratings,), ascending.
        titles: Shape (n_ratings,).
        values: Stars, by half; shape (n_ratings,).
    """

    users: NDArray[np.int32]
    titles: NDArray[np.int32]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: NDArray[np.bool_]) -> "Ratings":
        return Ratings(self.users[rows], self.titles[rows], self.values[rows])

    def frame(self) -> pd.DataFrame:
        """Give them as the pipeline's table: whole numbers, text, stars."""
        titles = pd.Series(title_ids(int(self.titles.max()) + 1), dtype="str")
        return pd.DataFrame(
            {
                c.USER_ID: self.users.astype(np.int64) + 1,
                c.TITLE_ID: titles.take(self.titles).array,
                c.RATING: self.values.astype(np.float64),
            }
        )

    def matrix(self) -> RatingMatrix:
        """Give them as a fit reads them, without a copy; for more than a table has room for."""
        n_users, n_titles = int(self.users.max()) + 1, int(self.titles.max()) + 1
        return RatingMatrix(
            self.users,
            self.titles,
            self.values,
            user_ids=np.arange(1, n_users + 1),
            title_ids=np.array(title_ids(n_titles), dtype=object),
            scale=SCALE,
        )


def title_ids(n_titles: int) -> list[str]:
    """Name titles."""
    return [f"ns{number}" for number in range(1, n_titles + 1)]


def generate(n_ratings: int, seed: int = 0) -> Ratings:
    """Make ratings: `mean + user + title + taste + noise`, rounded to half stars.

    Users' activity is log-normal and titles' popularity follows a power law (Zipf-Mandelbrot); no
    pair comes twice; every user and every title is rated at least once. The taste is a product of
    rank 8, so that a factorisation has something to find; the noise, of 0.7 stars, is what none
    can. Memory: 12 bytes a rating and a few hundred MB.

    Args:
        n_ratings: How many; at least a few thousand.
        seed: The same seed and number give the same ratings.
    """
    rng = np.random.default_rng(seed)
    n_users, n_titles = n_ratings // RATINGS_PER_USER, min(N_TITLES, n_ratings // 50)
    activity = rng.lognormal(sigma=1.1, size=n_users)
    popularity = rng.permutation((np.arange(n_titles) + 30.0) ** -0.9)
    popularity /= popularity.sum()
    taste_of_users, taste_of_titles = (
        rng.normal(scale=np.sqrt(_TASTE_SPREAD / np.sqrt(_RANK)), size=(n, _RANK)).astype("f4")
        for n in (n_users, n_titles)
    )
    user_levels = rng.normal(_MEAN, _USER_SPREAD, n_users).astype("f4")
    title_levels = rng.normal(0, _TITLE_SPREAD, n_titles).astype("f4")
    edges = [*range(0, n_users, _USERS_AT_ONCE), n_users]
    shares = np.cumsum(activity)[np.array(edges[1:]) - 1] / activity.sum()
    ends = np.rint(shares * n_ratings).astype(np.int64)
    out = Ratings(*(np.empty(n_ratings, dtype) for dtype in ("i4", "i4", "f4")))
    begin = 0
    for first, last, end in zip(edges[:-1], edges[1:], ends, strict=True):
        of_chunk = activity[first:last] / activity[first:last].sum()
        users, titles = _pairs(rng, end - begin, of_chunk, popularity)
        users += first
        taste = np.einsum("nf,nf->n", taste_of_users[users], taste_of_titles[titles])
        values = user_levels[users] + title_levels[titles] + taste
        values += rng.normal(scale=_NOISE, size=len(users)).astype("f4")
        rows = slice(begin, end)
        out.users[rows], out.titles[rows] = users, titles
        out.values[rows] = np.clip(np.rint(values * 2) / 2, *SCALE)
        begin = end
    return out


def split(ratings: Ratings, fraction: float, seed: int = 1) -> tuple[Ratings, Ratings]:
    """Part train from test at random; test keeps only users and titles that train knows."""
    is_test = np.random.default_rng(seed).random(len(ratings)) < fraction
    train, test = ratings[~is_test], ratings[is_test]
    knows_user, knows_title = (
        np.bincount(codes, minlength=of_all.max() + 1) > 0
        for codes, of_all in ((train.users, ratings.users), (train.titles, ratings.titles))
    )
    return train, test[knows_user[test.users] & knows_title[test.titles]]


def _pairs(
    rng: np.random.Generator, n: int, activity: NDArray[np.float64], popularity: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw n distinct pairs, sorted by user; a user's titles are in random order."""
    n_users, n_titles = len(activity), len(popularity)
    one_a_user = np.arange(n_users) * n_titles + rng.choice(n_titles, n_users, p=popularity)
    one_a_title = rng.choice(n_users, n_titles, p=activity) * n_titles + np.arange(n_titles)
    needed = np.unique(np.concatenate([one_a_user, one_a_title]))
    drawn = needed
    while len(drawn) < n:
        n_more = (n - len(drawn)) * 6 // 5 + 1000
        users = rng.choice(n_users, n_more, p=activity)
        drawn = np.union1d(drawn, users * n_titles + rng.choice(n_titles, n_more, p=popularity))
    others = np.setdiff1d(drawn, needed, assume_unique=True)
    keys = np.concatenate([needed, rng.choice(others, max(0, n - len(needed)), replace=False)])[:n]
    users, titles = divmod(rng.permutation(keys), n_titles)
    order = np.argsort(users, kind="stable")
    return users[order], titles[order]
