"""Ratings with planted tastes and a planted noise floor.

An opinion is mean + user bias + title bias + user lean x title darkness, in stars; a rating is the
opinion with Gaussian noise, rounded to half stars and clipped into the scale. It is the model of
Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems" (2009), with one
factor, so a right factorization comes close to the floor: the error of the true expectation.
Nothing drifts in time.
"""

import math
from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtr

from cartelera import columns as c
from cartelera.errors import InputError

LATENT: Final = "latent"

_MEAN: Final = 3.3
_USER_BIAS_SD: Final = 0.3
_TITLE_BIAS_SD: Final = 0.38
_TASTE_SD: Final = 0.45
_STARS: Final = np.arange(0.5, 5.01, 0.5)
_STEPS: Final = (_STARS[:-1] + _STARS[1:]) / 2  # where one rounded rating gives way to the next

_RATED_SHARE: Final = 0.25  # of the titles; the rest wait for their first rating
_POPULARITY_EXPONENT: Final = 1.4
_POPULARITY_OFFSET: Final = 20
_CHOOSING_BY_TASTE: Final = 0.3
_ACTIVITY_SPREAD: Final = 0.8
_FEWEST_RATINGS: Final = 20

_DAY_S: Final = 86_400
_FIRST_DAY_S: Final = 1_640_995_200  # 2022-01-01, when all titles are out
_JOINING_DAYS: Final = 900


def draw_opinions(
    ids: np.ndarray,
    darkness: np.ndarray,
    appeal: np.ndarray,
    *,
    n_users: int,
    n_ratings: int,
    noise: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw who rates what, when and how.

    Args:
        ids: Title ids, shape (n_titles,).
        darkness: What the titles' genres say about the planted taste, shape (n_titles,).
        appeal: How much the titles' genres are liked, shape (n_titles,).
        n_users: People; their ids are 1 to n_users.
        n_ratings: Pairs of a user and a title; no pair comes twice.
        noise: Standard deviation of a rating around the opinion, in stars, before rounding.
        rng: The source of all chance.

    Returns:
        `columns.CLEAN_RATING_COLUMNS` and `LATENT`, the opinion without noise, sorted by user and
        time.

    Raises:
        InputError: If there are fewer pairs than `n_ratings`.
    """
    n_titles = len(ids)
    if n_ratings > n_users * n_titles:
        raise InputError(
            f"data.n_ratings={n_ratings} is more than data.n_users={n_users} times "
            f"data.n_titles={n_titles}: nobody rates a title twice. Lower it or raise the others."
        )
    quality = _standardised(0.5 * _standardised(appeal) + _normal(n_titles, rng))
    title_bias = _TITLE_BIAS_SD * quality
    title_darkness = _standardised(_standardised(darkness) + 0.5 * _normal(n_titles, rng))
    user_bias = _USER_BIAS_SD * _standardised(_normal(n_users, rng))
    lean = _standardised(_normal(n_users, rng))
    mean_count = math.ceil(n_ratings / n_users)
    n_rated = min(n_titles, max(int(_RATED_SHARE * n_titles), 2 * mean_count))
    counts = _ratings_per_user(n_users, n_ratings, max(n_rated // 2, mean_count), rng)
    rated = _by_popularity(quality, n_rated, rng)
    log_popularity = -_POPULARITY_EXPONENT * np.log(np.arange(len(rated)) + _POPULARITY_OFFSET)

    users = np.repeat(np.arange(n_users), counts)
    titles = np.concatenate(
        [
            rated[_without_replacement(log_popularity + pull * title_darkness[rated], count, rng)]
            for pull, count in zip(_CHOOSING_BY_TASTE * lean, counts, strict=True)
        ]
    )
    taste = _TASTE_SD * lean[users] * title_darkness[titles]
    latent = _MEAN + user_bias[users] + title_bias[titles] + taste
    return pd.DataFrame(
        {
            c.USER_ID: users + 1,
            c.TITLE_ID: pd.Series(ids[titles], dtype="str"),
            c.RATING: draw_stars(latent, noise, rng),
            c.TIMESTAMP: _timestamps(counts, rng),
            LATENT: latent,
        }
    )


def draw_stars(latent: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    """Draw half-star ratings around opinions, clipped into the scale."""
    return _STARS[np.searchsorted(_STEPS, latent + noise * _normal(len(latent), rng))]


def expectation(latent: np.ndarray, noise: float) -> np.ndarray:
    """Give the exact mean of `draw_stars`: 0.5 stars, and 0.5 for each step that is passed.

    E[rating] = 0.5 + 0.5 * sum over steps s of P(latent + noise * Z > s), Z standard normal.
    """
    distances = latent[:, None] - _STEPS
    passed = (distances > 0).astype(float) if noise == 0 else ndtr(distances / noise)
    return _STARS[0] + 0.5 * passed.sum(axis=1)


def _normal(size: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(size)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() or 1.0)


def _ratings_per_user(
    n_users: int, n_ratings: int, most: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw a long-tailed number of ratings for each user, with the wanted sum."""
    activity = rng.lognormal(0.0, _ACTIVITY_SPREAD, n_users)
    fewest = min(_FEWEST_RATINGS, n_ratings // n_users)
    counts = np.clip((activity / activity.sum() * n_ratings).astype(int), fewest, most)
    while (missing := n_ratings - counts.sum()) != 0:
        can_change = np.flatnonzero(counts < most if missing > 0 else counts > fewest)
        counts[can_change[: abs(missing)]] += np.sign(missing)
    return counts


def _by_popularity(quality: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Choose the titles people rate, the most popular first; better ones tend to be popular."""
    fame = 0.3 * quality + _normal(len(quality), rng)
    return np.argsort(-fame, kind="stable")[:count]


def _without_replacement(
    log_weights: np.ndarray, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw positions by weight without replacement, in random order (Gumbel top-k)."""
    keys = log_weights + rng.gumbel(size=len(log_weights))
    return rng.permutation(np.argsort(-keys, kind="stable")[:count])


def _timestamps(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each user's ratings rising times: sessions of minutes, weeks apart, over years."""
    n_ratings = int(counts.sum())
    within_session = rng.exponential(90.0, n_ratings)
    between_sessions = rng.exponential(15.0 * _DAY_S, n_ratings)
    gaps = np.where(rng.random(n_ratings) < 0.1, between_sessions, within_session)
    elapsed = np.cumsum(1 + gaps.astype(np.int64))
    starts = np.cumsum(counts) - counts
    joined = _FIRST_DAY_S + rng.integers(0, _JOINING_DAYS * _DAY_S, len(counts))
    before = np.append(0, elapsed)[starts]
    return elapsed + np.repeat(joined - before, counts)
