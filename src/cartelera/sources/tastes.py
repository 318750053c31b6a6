"""Planted tastes: who is drawn to which titles, and who likes them how much.

User u and title i meet in two ways, by K factors phi_i of the title, which follow its genres and
cast, and by two vectors of the user:

    choice    log w_ui = log popularity_i + 1.2 theta_u . phi_i / sqrt(K)
    opinion   mu + b_u + b_i + 0.6 psi_u . phi_i / sqrt(K),  psi = sqrt(1 - 0.16) theta + 0.4 eps

A user's titles are drawn by the weights w without replacement; a rating is the opinion, in stars,
with Gaussian noise, rounded to half stars and clipped into the scale. The opinion is the model of
Koren, Bell and Volinsky, "Matrix factorization techniques for recommender systems" (2009), so a
right factorization comes close to the noise floor: the error of the true expectation. People watch
what they expect to like, but not only: psi is theta in part. Nothing drifts in time.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from cartelera.errors import InputError
from cartelera.sources._titles import InventedTitles
from cartelera.sources._words import N_FACTORS
from cartelera.sources._works import FloatArray

LATENT: Final = "latent"

_MEAN: Final = 3.3
_USER_BIAS_SD: Final = 0.3
_TITLE_BIAS_SD: Final = 0.38
_PULL: Final = 1.2  # of taste on the choice of titles
_TASTE_SD: Final = 0.6  # of taste in the opinions, in stars
_OWN_OPINION: Final = 0.4  # what of a user's opinions the choice does not know
_STARS: Final = np.arange(0.5, 5.01, 0.5)
_STEPS: Final = (_STARS[:-1] + _STARS[1:]) / 2  # where one rounded rating gives way to the next

_CAST_WEIGHT: Final = 0.6  # in a title's factors, where genres weigh 1
_OWN_WEIGHT: Final = 0.4
_APPEAL_WEIGHT: Final = 0.5  # in a title's quality, where what is its own weighs 1
_QUALITY_IN_FAME: Final = 0.3

_RATED_SHARE: Final = 0.2  # of the titles; the rest wait for their first rating
_POPULARITY_EXPONENT: Final = 1.4
_POPULARITY_OFFSET: Final = 20
_ACTIVITY_SPREAD: Final = 0.8
_FEWEST_RATINGS: Final = 20


@dataclass(frozen=True, eq=False)
class Tastes:
    """All that is planted about titles and users; the ids of users are 1 to n_users.

    The titles of one work have all in common but their ids.

    Attributes:
        title_ids: Shape (n_titles,).
        works: Position of the first title of the same work, shape (n_titles,).
        log_popularity: How likely the work is chosen by a user without taste, as the logarithm of
            a weight; minus infinity for titles that nobody ever rates; shape (n_titles,).
        title_factors: phi, shape (n_titles, K).
        title_bias: In stars, shape (n_titles,).
        choice_factors: theta, standard normal, shape (n_users, K).
        opinion_factors: psi, shape (n_users, K).
        user_bias: In stars, shape (n_users,).
        n_ratings: How many titles each user rates, shape (n_users,).
        noise: Standard deviation of a rating around the opinion, in stars, before rounding.
    """

    title_ids: NDArray[np.str_]
    works: NDArray[np.intp]
    log_popularity: FloatArray
    title_factors: FloatArray
    title_bias: FloatArray
    choice_factors: FloatArray
    opinion_factors: FloatArray
    user_bias: FloatArray
    n_ratings: NDArray[np.int64]
    noise: float

    @property
    def rated(self) -> NDArray[np.intp]:
        """Positions of the titles that people rate, in the order of the titles."""
        return np.flatnonzero(np.isfinite(self.log_popularity))

    def log_weights(self, users: NDArray[np.intp] | int, titles: NDArray[np.intp]) -> FloatArray:
        """Return log w_ui, how likely a user chooses the work a title belongs to.

        Args:
            users: Positions of users, shape (n_users,), or one position.
            titles: Positions of titles, shape (n_titles,).

        Returns:
            Shape (n_users, n_titles), or (n_titles,) for one user.
        """
        pull = self.choice_factors[users] @ self.title_factors[titles].T
        return self.log_popularity[titles] + _PULL * pull / math.sqrt(N_FACTORS)

    def opinions(self, users: NDArray[np.intp], titles: NDArray[np.intp]) -> FloatArray:
        """Return what users think of titles, in stars, without noise.

        Args:
            users: Positions of users.
            titles: Positions of titles, of a shape that broadcasts with that of users.
        """
        taste = (self.opinion_factors[users] * self.title_factors[titles]).sum(axis=-1)
        biases = self.user_bias[users] + self.title_bias[titles]
        return _MEAN + biases + _TASTE_SD * taste / math.sqrt(N_FACTORS)


def plant_tastes(
    titles: InventedTitles, *, n_users: int, n_ratings: int, noise: float, rng: np.random.Generator
) -> Tastes:
    """Draw what there is to know about titles and users.

    Args:
        titles: Title ids, and what genres and cast say about each title.
        n_users: People.
        n_ratings: How many ratings they will give, all together.
        noise: Standard deviation of a rating around the opinion, in stars, before rounding.
        rng: The source of all chance.

    Raises:
        InputError: If there are fewer pairs of a user and a title than `n_ratings`.
    """
    n_titles = len(titles.ids)
    if n_ratings > n_users * n_titles:
        raise InputError(
            f"data.n_ratings={n_ratings} is more than data.n_users={n_users} times "
            f"data.n_titles={n_titles}: nobody rates a title twice. Lower it or raise the others."
        )

    # What titles are like follows from genre, cast and something of their own.
    own = _normal((n_titles, N_FACTORS), rng)
    title_factors = _standardised(
        _standardised(titles.genre_factors)
        + _CAST_WEIGHT * _standardised(titles.cast_factors)
        + _OWN_WEIGHT * own[titles.works]
    )
    quality = _standardised(
        _APPEAL_WEIGHT * _standardised(titles.appeal) + _normal(n_titles, rng)[titles.works]
    )
    fame = _QUALITY_IN_FAME * quality + _normal(n_titles, rng)[titles.works]

    # Some titles are rated by nobody, however few ratings there are.
    mean_count = math.ceil(n_ratings / n_users)
    n_rated = min(n_titles, max(int(_RATED_SHARE * n_titles), 2 * mean_count))
    choice_factors = _normal((n_users, N_FACTORS), rng)
    own_opinion = _normal((n_users, N_FACTORS), rng)
    return Tastes(
        title_ids=titles.ids,
        works=titles.works,
        log_popularity=_log_popularity(fame, titles.works, n_rated),
        title_factors=title_factors,
        title_bias=_TITLE_BIAS_SD * quality,
        choice_factors=choice_factors,
        opinion_factors=math.sqrt(1 - _OWN_OPINION**2) * choice_factors
        + _OWN_OPINION * own_opinion,
        user_bias=_USER_BIAS_SD * _standardised(_normal(n_users, rng)),
        n_ratings=_ratings_per_user(n_users, n_ratings, max(n_rated // 2, mean_count), rng),
        noise=noise,
    )


def draw_stars(latent: FloatArray, noise: float, rng: np.random.Generator) -> FloatArray:
    """Draw half-star ratings around opinions, clipped into the scale."""
    return _STARS[np.searchsorted(_STEPS, latent + noise * _normal(len(latent), rng))]


def expectation(latent: FloatArray, noise: float) -> FloatArray:
    """Return the exact mean of `draw_stars`: 0.5 stars, and 0.5 for each step that is passed.

    E[rating] = 0.5 + 0.5 * sum over steps s of P(latent + noise * Z > s), Z standard normal.
    """
    return _STARS[0] + 0.5 * _chance_to_pass(latent[:, None], _STEPS, noise).sum(axis=1)


def chance_of(stars: float, latent: FloatArray, noise: float) -> FloatArray:
    """Return the exact chance that `draw_stars` draws so many stars or more.

    Args:
        stars: From 0 to 5.
        latent: Opinions in stars, of any shape.
        noise: In stars.
    """
    passed = np.count_nonzero(stars > _STARS)
    if passed == 0:
        return np.ones_like(latent)
    return _chance_to_pass(latent, _STEPS[passed - 1], noise)


def _chance_to_pass(latent: FloatArray, steps: FloatArray, noise: float) -> FloatArray:
    distances = latent - steps
    return (distances > 0).astype(float) if noise == 0 else ndtr(distances / noise)


def _normal(size: int | tuple[int, int], rng: np.random.Generator) -> FloatArray:
    return rng.standard_normal(size)


def _standardised(values: FloatArray) -> FloatArray:
    """Shift and scale to mean 0 and standard deviation 1, each column for itself."""
    spread = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _log_popularity(fame: FloatArray, works: NDArray[np.intp], n_rated: int) -> FloatArray:
    """Rank the works by fame and let weights fall with the rank; the least famous have none.

    Args:
        fame: Of each title's work, shape (n_titles,).
        works: Position of the first title of the same work, shape (n_titles,).
        n_rated: How many titles have a weight.
    """
    rated = np.lexsort((works, -fame))[:n_rated]
    ranks = np.cumsum(np.diff(works[rated], prepend=-1) != 0) - 1
    log_popularity = np.full(len(fame), -np.inf)
    log_popularity[rated] = -_POPULARITY_EXPONENT * np.log(ranks + _POPULARITY_OFFSET)
    return log_popularity


def _ratings_per_user(
    n_users: int, n_ratings: int, most: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw a long-tailed number of ratings for each user, with the wanted sum."""
    activity = rng.lognormal(0.0, _ACTIVITY_SPREAD, n_users)
    fewest = min(_FEWEST_RATINGS, n_ratings // n_users)
    counts = np.clip((activity / activity.sum() * n_ratings).astype(int), fewest, most)

    while (missing := n_ratings - counts.sum()) != 0:
        can_change = np.flatnonzero(counts < most if missing > 0 else counts > fewest)
        counts[can_change[: abs(missing)]] += np.sign(missing)

    return counts
