"""What recommenders have in common: the interface, ids, fallback means."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, Final, Protocol, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MODEL: Final = "model"
FOLD_IN: Final = "fold-in"
FALLBACK: Final = "fallback"

UNKNOWN: Final = -1
"""The code of an id that a recommender has not seen."""

SHRINKAGE: Final = 10.0
"""How many ratings of the global mean a title's mean is mixed with (`shrunken_means`)."""

Ids: TypeAlias = "pd.Series[Any] | pd.Index[Any] | NDArray[Any] | Sequence[Any]"
Codes: TypeAlias = NDArray[np.intp]


class Rater(Protocol):
    """What predicts stars. Unknown ids are never an error: every rater has an answer for them."""

    def predict(self, user_ids: Ids, title_ids: Ids) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars, inside the scale; all of shape (n,)."""
        ...


class Recommender(Rater, Protocol):
    """What also scores every title of those it knows."""

    @property
    def title_ids(self) -> NDArray[np.object_]:
        """The titles it can recommend, each once; shape (n_titles,)."""
        ...

    def score_titles(self, user_ids: Ids) -> NDArray[np.floating]:
        """Return each user's score of every title: the higher, the earlier it is recommended.

        Shape (n, n_titles), columns in the order of `title_ids`. A score need not be in stars. The
        array is the caller's to change.
        """
        ...


@dataclass(frozen=True)
class Recommendation:
    """One line of a recommendation list.

    Attributes:
        title_id: The title.
        score: The predicted rating before it is clipped into the scale, so that it still ranks.
        origin: `model`, `fold-in` for a user known only by the ratings that came with the question,
            or `fallback` when the user is unknown and the title's mean stands in.
    """

    title_id: str
    score: float
    origin: str


def look_up_users(known: "pd.Index[Any]", user_ids: Ids) -> Codes:
    """Return the position of each user id among the known ones, or `UNKNOWN`; shape (n,).

    Raises:
        TypeError: If the ids are not whole numbers: the text "5" would pass for an unknown user.
    """
    ids = np.asarray(user_ids)
    if ids.size and ids.dtype.kind not in "iu":
        raise TypeError(f"user ids are whole numbers, not {ids.dtype}: convert them with int().")
    return known.get_indexer(pd.Index(ids.astype(np.int64)))


def look_up_user(known: "pd.Index[Any]", user_id: int) -> int:
    """Return the position of one user id, or `UNKNOWN`, without the cost of an array.

    Raises:
        TypeError: If the id is not a whole number.
    """
    try:
        return cast(int, known.get_loc(index(user_id)))
    except KeyError:
        return UNKNOWN


def look_up_titles(known: "pd.Index[Any]", title_ids: Ids) -> Codes:
    """Return the position of each title id among the known ones, or `UNKNOWN`; shape (n,)."""
    return known.get_indexer(pd.Index(np.asarray(title_ids, dtype=object), dtype=object))


def look_up_pairs(
    known_users: "pd.Index[Any]", known_titles: "pd.Index[Any]", user_ids: Ids, title_ids: Ids
) -> tuple[Codes, Codes]:
    """Look up users and titles that belong together, pair by pair.

    Raises:
        TypeError: If the user ids are not whole numbers.
        ValueError: If there are not as many users as titles.
    """
    users = look_up_users(known_users, user_ids)
    titles = look_up_titles(known_titles, title_ids)
    if users.shape != titles.shape:
        raise ValueError(f"{users.size} users and {titles.size} titles do not make pairs.")
    return users, titles


def shrunken_means(
    codes: NDArray[np.integer], values: NDArray[np.floating], n: int
) -> NDArray[np.float64]:
    """Return each title's mean rating, drawn towards the global mean when its ratings are few.

    `mu + sum(r - mu) / (n_ratings + SHRINKAGE)`: the mean after `SHRINKAGE` further ratings of
    exactly `mu`, the mean of all values. Without ratings it is `mu`.

    Args:
        codes: Which title each value belongs to, 0 to n - 1; shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        n: The number of titles.

    Returns:
        Means in stars; shape (n,).
    """
    stars = values.astype(np.float64)
    global_mean = float(stars.mean())
    deviations = np.bincount(codes, weights=stars - global_mean, minlength=n)
    return global_mean + deviations / (np.bincount(codes, minlength=n) + SHRINKAGE)
