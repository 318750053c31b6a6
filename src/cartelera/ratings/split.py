"""Splitting ratings into train and test."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import ConfigError, InputError

_NEEDED = [c.USER_ID, c.TIMESTAMP, c.TITLE_ID, c.RATING]
_ROUNDING = 1e-9
"""Keeps 100 * 0.29 = 28.999999999999996 from counting as 28."""


def split(
    ratings: pd.DataFrame, *, method: str, test_fraction: float, n_last: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split ratings into train and test; every user keeps at least one rating in train.

    - `chronological`: the latest `test_fraction` of each user's ratings, rounded down, is test.
      Users with fewer than `1 / test_fraction` ratings stay in train.
    - `random`: `test_fraction` of all ratings is test, whoever gave them.
    - `leave_last_n`: the latest `n_last` ratings of each user with more than that are test.

    Time is each user's own: train may hold ratings of others that are later than some of test, so
    what the titles are worth is known a little better than it would have been then.

    Of ratings given in the same second, chance decides which are the later. The outcome depends on
    the ratings and the seed, not on the order of the rows.

    Args:
        ratings: Clean ratings, one row a (user, title).
        method: One of the above.
        test_fraction: Between 0 and 1.
        n_last: 1 or more.
        seed: Of ties in time and of the random method.

    Returns:
        Train and test, each ordered by user, time and title: disjoint, and together the whole.

    Raises:
        ConfigError: If the method is unknown or a number out of range.
        InputError: If a column is missing, or nothing would be left to test with.

    Examples:
        >>> ratings = pd.DataFrame(
        ...     {"user_id": 1, "title_id": ["as1", "as2", "as3", "as4"], "rating": 4.0}
        ... ).assign(timestamp=[30, 10, 40, 20])
        >>> train, test = split(
        ...     ratings, method="chronological", test_fraction=0.25, n_last=1, seed=0
        ... )
        >>> train["title_id"].tolist(), test["title_id"].tolist()
        (['as2', 'as4', 'as1'], ['as3'])
    """
    _check(ratings, method, test_fraction, n_last)
    ordered = ratings.iloc[canonical_order(ratings)].reset_index(drop=True)
    users, _ = pd.factorize(ordered[c.USER_ID])
    is_test = _METHODS[method](
        users,
        ordered[c.TIMESTAMP].to_numpy(),
        test_fraction,
        n_last,
        np.random.default_rng(seed),
    )
    if not is_test.any():
        raise InputError(
            f"splitting {len(ratings)} ratings of {ratings[c.USER_ID].nunique()} users by "
            f"split={method} leaves none to test with: nobody rated enough titles for "
            f"test_fraction={test_fraction} or n_last={n_last}; change these or the method."
        )
    return ordered[~is_test].reset_index(drop=True), ordered[is_test].reset_index(drop=True)


def canonical_order(ratings: pd.DataFrame) -> NDArray[np.intp]:
    """Return the places of the ratings by user, time, title and stars; shape (n,)."""
    titles, _ = pd.factorize(ratings[c.TITLE_ID], sort=True)
    numbers = (ratings[name].to_numpy() for name in (c.TIMESTAMP, c.USER_ID))
    return np.lexsort((ratings[c.RATING].to_numpy(), titles, *numbers))


def _check(ratings: pd.DataFrame, method: str, test_fraction: float, n_last: int) -> None:
    if method not in _METHODS:
        raise ConfigError(f"unknown split {method}: allowed are {', '.join(_METHODS)}.")
    if not 0 < test_fraction < 1:
        raise ConfigError(f"test_fraction={test_fraction}: allowed is a number between 0 and 1.")
    if n_last < 1:
        raise ConfigError(f"n_last={n_last}: allowed is 1 or more.")
    if missing := [column for column in _NEEDED if column not in ratings.columns]:
        raise InputError(f"the ratings lack the column(s) {', '.join(missing)}.")


def _chronological(
    users: NDArray[np.intp],
    timestamps: NDArray[np.int64],
    test_fraction: float,
    _n_last: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    n_ratings = np.bincount(users)
    n_test = np.floor(n_ratings * test_fraction + _ROUNDING).astype(np.intp)
    return _latest(users, timestamps, np.minimum(n_test, n_ratings - 1), rng)


def _leave_last_n(
    users: NDArray[np.intp],
    timestamps: NDArray[np.int64],
    _test_fraction: float,
    n_last: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    n_ratings = np.bincount(users)
    return _latest(users, timestamps, np.where(n_ratings > n_last, n_last, 0), rng)


def _random(
    users: NDArray[np.intp],
    _timestamps: NDArray[np.int64],
    test_fraction: float,
    _n_last: int,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    n_test = round(len(users) * test_fraction)
    drawn = rng.permutation(len(users))
    _, first_of_user = np.unique(users[drawn], return_index=True)
    is_test = np.zeros(len(users), dtype=np.bool_)
    is_test[np.delete(drawn, first_of_user)[:n_test]] = True
    return is_test


def _latest(
    users: NDArray[np.intp],
    timestamps: NDArray[np.int64],
    n_latest: NDArray[np.intp],
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Mark the latest `n_latest[user]` ratings of each user; they come by user and time."""
    order, chance = np.arange(len(users)), rng.permutation(len(users))
    is_tie = np.zeros(len(users) + 1, dtype=np.bool_)
    is_tie[1:-1] = (np.diff(users) == 0) & (np.diff(timestamps) == 0)
    tied = np.flatnonzero(is_tie[1:] | is_tie[:-1])  # with the next one, or the one before
    order[tied] = tied[np.lexsort((chance[tied], timestamps[tied], users[tied]))]

    n_ratings = np.bincount(users)
    position = np.arange(len(users)) - np.repeat(np.cumsum(n_ratings) - n_ratings, n_ratings)
    is_test = np.empty(len(users), dtype=np.bool_)
    is_test[order] = position >= np.repeat(n_ratings - n_latest, n_ratings)
    return is_test


_METHODS: dict[str, Callable[..., NDArray[np.bool_]]] = {
    "chronological": _chronological,
    "random": _random,
    "leave_last_n": _leave_last_n,
}
