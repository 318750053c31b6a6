"""Who rates what, and when, by planted tastes."""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.sources._works import FloatArray
from cartelera.sources.tastes import LATENT, Tastes, draw_stars

_DAY_S: Final = 86_400
_FIRST_DAY_S: Final = 1_640_995_200  # 2022-01-01, when all titles are out
_JOINING_DAYS: Final = 900


def draw_opinions(tastes: Tastes, rng: np.random.Generator) -> pd.DataFrame:
    """Draw who rates what, when and how; no pair of a user and a title comes twice.

    A user's titles stand in random order: the later ones come from the same taste as the earlier
    ones.

    Returns:
        `columns.CLEAN_RATING_COLUMNS` and `LATENT`, the opinion without noise, sorted by user and
        time.
    """
    counts = tastes.n_ratings
    users = np.repeat(np.arange(len(counts)), counts)
    titles = _draw_titles(tastes, rng)

    latent = tastes.opinions(users, titles)
    return pd.DataFrame(
        {
            c.USER_ID: users + 1,
            c.TITLE_ID: pd.Series(tastes.title_ids[titles], dtype="str"),
            c.RATING: draw_stars(latent, tastes.noise, rng),
            c.TIMESTAMP: _timestamps(counts, rng),
            LATENT: latent,
        }
    )


def _draw_titles(tastes: Tastes, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw each user's titles without replacement, by weight, and shuffle them.

    The titles with the largest log w + Gumbel noise (Gumbel top-n: Vieira 2014; Kool, van Hoof and
    Welling, "Stochastic beams and where to find them", ICML 2019). The titles of one work share its
    weight, and a user takes one of them: which comes first decides, and as the larger of two Gumbel
    variables is one again, the work is as likely as its weight says. The other is left for who has
    rated everything else.

    Returns:
        Positions of titles, user by user, shape (n_ratings,).
    """
    # The first title of each work comes first: `firsts` leads from a title to the place of its
    # work's first one, and `seconds` are the places of the others.
    rated = tastes.rated
    _, firsts, of_work, sizes = np.unique(
        tastes.works[rated], return_index=True, return_inverse=True, return_counts=True
    )

    # Two titles of one work are one choice: they share its weight, and one of them is drawn.
    seconds = np.setdiff1d(np.arange(len(rated)), firsts)
    rivals = firsts[of_work[seconds]]
    shares = np.log(sizes[of_work])

    # The largest of weights plus Gumbel noise are a draw without replacement.
    drawn: list[NDArray[np.intp]] = []
    for user, count in enumerate(tastes.n_ratings):
        keys: FloatArray = tastes.log_weights(user, rated) - shares
        keys += rng.gumbel(size=len(rated))
        losers = np.where(keys[seconds] < keys[rivals], seconds, rivals)
        keys[losers] = -np.inf
        best = np.argsort(-keys, kind="stable")[:count]
        drawn.append(rated[rng.permutation(best)])
    return np.concatenate(drawn)


def _timestamps(counts: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw rising times for each user's ratings: sessions of minutes, weeks apart, over years."""
    n_ratings = int(counts.sum())
    within_session = rng.exponential(90.0, n_ratings)
    between_sessions = rng.exponential(15.0 * _DAY_S, n_ratings)
    gaps = np.where(rng.random(n_ratings) < 0.1, between_sessions, within_session)
    elapsed = np.cumsum(1 + gaps.astype(np.int64))

    starts = np.cumsum(counts) - counts
    joined = _FIRST_DAY_S + rng.integers(0, _JOINING_DAYS * _DAY_S, len(counts))
    before = np.append(0, elapsed)[starts]
    return elapsed + np.repeat(joined - before, counts)
