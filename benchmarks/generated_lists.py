"""Ratings of any number whose users choose titles by taste, so that there are lists to learn."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.histories import Histories
from generated import N_TITLES, RATINGS_PER_USER, SCALE, title_ids

_N_KINDS, _RANK = 2_000, 12
_POPULARITY_EXPONENT, _POPULARITY_OFFSET = 0.9, 30.0
_PULL = 1.5
_REPEATED = 1.16
"""So many draws for one rating: titles drawn twice by a user count once."""
_MEAN, _TASTE_SPREAD, _NOISE = 2.9, 0.6, 0.7


def generate_histories(n_ratings: int, seed: int = 0) -> Histories:
    """Make histories of people who watch, and like, what suits them.

    People are of 2,000 kinds. A kind k takes title i with a weight proportional to popularity_i
    exp(1.5 theta_k . phi_i / sqrt(12)), theta and phi standard normal of rank 12, popularity a
    power law; the same product moves the stars, beside noise of 0.7 stars. Activity is log-normal;
    a repeated draw counts once, and every title is rated at least once.

    Args:
        n_ratings: About how many; 115,000 people rate 23,000 titles for 10 million.
        seed: The same seed and number give the same ratings.
    """
    rng = np.random.default_rng(seed)
    n_users, n_titles = n_ratings // RATINGS_PER_USER, min(N_TITLES, n_ratings // 50)
    popularity = rng.permutation(
        (np.arange(n_titles) + _POPULARITY_OFFSET) ** -_POPULARITY_EXPONENT
    )
    of_titles = rng.standard_normal((n_titles, _RANK)).astype(np.float32)
    of_kinds = rng.standard_normal((_N_KINDS, _RANK)).astype(np.float32)
    kinds = np.sort(rng.integers(0, _N_KINDS, n_users))
    activity = rng.lognormal(sigma=1.1, size=n_users)
    counts = np.clip(activity / activity.sum() * n_ratings * _REPEATED, 5, n_titles / 8).astype(
        np.int64
    )

    keys, stars = [], []
    bounds = np.searchsorted(kinds, np.arange(_N_KINDS + 1))
    for kind, (first, last) in enumerate(pairwise(bounds)):
        pull = of_titles @ of_kinds[kind] / math.sqrt(_RANK)
        summed = np.cumsum(popularity * np.exp(_PULL * pull))
        users = np.repeat(np.arange(first, last), counts[first:last])
        titles = np.searchsorted(summed, rng.random(len(users)) * summed[-1], side="right")
        drawn = np.unique(users * n_titles + titles)
        keys.append(drawn)
        stars.append(_stars(_TASTE_SPREAD * pull[drawn % n_titles], rng))
    return _histories(np.concatenate(keys), np.concatenate(stars), n_users, n_titles, rng)


def _stars(taste: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.float64]:
    exact = _MEAN + taste + _NOISE * rng.standard_normal(len(taste))
    return np.clip(np.rint(exact * 2) / 2, *SCALE)


def _histories(
    keys: NDArray[np.int64],
    stars: NDArray[np.float64],
    n_users: int,
    n_titles: int,
    rng: np.random.Generator,
) -> Histories:
    """Group pairs by user, each user's in random order; add a rating of titles without one."""
    missing = np.setdiff1d(np.arange(n_titles), keys % n_titles)
    more = rng.integers(0, n_users, len(missing)) * n_titles + missing
    keys = np.concatenate([keys, more])
    stars = np.concatenate([stars, np.full(len(missing), _MEAN)])

    users = keys // n_titles
    order = np.lexsort((rng.random(len(keys)), users))
    lengths = np.bincount(users, minlength=n_users)
    return Histories(
        user_ids=np.arange(1, n_users + 1),
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        codes=(keys[order] % n_titles).astype(np.int32),
        values=stars[order],
    )


def ids_of(histories: Histories) -> NDArray[np.object_]:
    """Return ids of the titles that the codes of generated histories are of, in alphabetical order.

    The codes are positions in them; ids are names only.
    """
    return np.array(sorted(title_ids(int(histories.codes.max()) + 1)), dtype=object)
