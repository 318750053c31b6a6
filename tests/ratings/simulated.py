"""Ratings with what is planted in them, and nothing else."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cartelera import columns as c


def frame(users, titles, ratings) -> pd.DataFrame:
    return pd.DataFrame({c.USER_ID: users, c.TITLE_ID: titles, c.RATING: ratings}).astype(
        {c.TITLE_ID: "str", c.RATING: "float64"}
    )


@dataclass(frozen=True)
class World:
    """How users rate titles.

    Attributes:
        n_users: Users.
        n_titles: Titles.
        n_each: Ratings of a user, on average.
        quality: Standard deviation of titles' levels, in stars.
        taste: That of the interaction, in stars.
        n_tastes: Its rank.
        slopes: That of the logarithm of the users' use of the scale.
        noise: That of the noise, in stars.
        uneven_noise: That of the logarithm of the noise, between users and between titles.
        skew: Exponent of the titles' popularity by rank, and spread of users' activity.
        mean: Of the ratings, in stars.
        in_stars: Whether ratings are rounded to half stars and end at 0.5 and at 5.
    """

    n_users: int = 80
    n_titles: int = 60
    n_each: int = 15
    quality: float = 0.5
    taste: float = 0.0
    n_tastes: int = 2
    slopes: float = 0.0
    noise: float = 0.8
    uneven_noise: float = 0.0
    skew: float = 0.0
    mean: float = 3.5
    in_stars: bool = False

    def rate(self, seed: int) -> pd.DataFrame:
        """Draw ratings."""
        rng = np.random.default_rng(seed)
        activity = np.exp(self.skew * rng.normal(size=self.n_users) - self.skew**2 / 2)
        counts = np.clip(self.n_each * activity, 2, self.n_titles // 2).astype(int)
        keys = rng.gumbel(size=(self.n_users, self.n_titles))
        keys -= self.skew * np.log(np.arange(1, self.n_titles + 1))
        ranks = np.argsort(np.argsort(-keys, axis=1), axis=1)
        users, titles = np.nonzero(ranks < counts[:, None])

        slopes = np.exp(rng.normal(0, self.slopes, self.n_users))
        opinions = self.mean + rng.normal(0, 0.5, self.n_users)[users]
        opinions += slopes[users] * rng.normal(0, self.quality, self.n_titles)[titles]
        likings = rng.normal(size=(self.n_users, self.n_tastes))
        traits = rng.normal(size=(self.n_titles, self.n_tastes)) / np.sqrt(self.n_tastes)
        opinions += self.taste * np.sum(likings[users] * traits[titles], axis=1)

        spread = np.exp(rng.normal(0, self.uneven_noise, self.n_users))[users]
        spread *= np.exp(rng.normal(0, self.uneven_noise, self.n_titles))[titles]
        stars = opinions + self.noise * spread * rng.normal(size=len(users))
        if self.in_stars:
            stars = np.clip(np.round(2 * stars) / 2, 0.5, 5)
        return frame(users, [f"as{title}" for title in titles], stars)
