"""How one list is put together of rated titles and of titles that nobody has rated yet.

Unrated titles do not compete with rated ones by score: theirs are guesses, and would win too often.
They have the share of the list that titles unrated by others have in the history, and take the
place of a rated title that does not fit a history about one thing. Where a filter leaves no rated
titles, the list is theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.content_taste import Mixing, Taste

RANKING: Final = "ranking"
CONTENT: Final = "content"
POPULARITY: Final = "popularity"
ORIGINS: Final = (RANKING, CONTENT, POPULARITY)

_WHOLE: Final = 1 - 1e-9
"""Shares that add up to so much are worth a place."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Titles and their scores for somebody.

    Attributes:
        codes: Positions of titles; shape (n,).
        content: Scores by content; shape (n,).
        prior: Popularity's part of the scores; shape (n,).
        scores: Of ranking, content and popularity; those of rated and of unrated titles cannot be
            compared; shape (n,).
    """

    codes: NDArray[np.intp]
    content: NDArray[np.float64]
    prior: NDArray[np.float64]
    scores: NDArray[np.float64]

    def take(self, places: NDArray[np.integer]) -> "Scored":
        """Return some of the titles, in the order asked for."""
        return Scored(*(getattr(self, each.name)[places] for each in fields(self)))

    def and_then(self, other: "Scored") -> "Scored":
        """Return these titles and then others."""
        return Scored(
            *(
                np.concatenate([getattr(self, each.name), getattr(other, each.name)])
                for each in fields(self)
            )
        )


def compose(
    rated: Scored, find_unrated: Callable[[], Scored], taste: Taste, k: int, mixing: Mixing
) -> tuple[Scored, list[str]]:
    """Choose the k titles of a list.

    Args:
        rated: The k best that anybody has rated, or all that may be listed, best first.
        find_unrated: Returns the same of titles that nobody has rated; most lists need none.
        taste: Of the user.
        k: Length of the list.
        mixing: See `Mixing`.

    Returns:
        The list, best first, shorter than k only if there are fewer titles, and where each comes
        from, one of `ORIGINS`.
    """
    n_rated = len(rated.codes)
    fits = np.ones(n_rated, np.bool_)
    if taste.focus >= mixing.selective_from:
        fits = rated.content >= mixing.least_fit * taste.own_likeness * taste.weight

    # Most lists take none of the titles that nobody rated, and their scores are spared.
    if n_rated == k and fits.all() and k * taste.unrated_share < _WHOLE:
        places, listed = np.arange(k), rated
    else:
        unrated = find_unrated()
        others = n_rated + np.arange(len(unrated.codes))
        places = interleave(np.arange(n_rated), others, fits, taste.unrated_share, k)
        listed = rated.and_then(unrated).take(places)

    is_popular = listed.prior > listed.scores - listed.prior
    origins = np.where(is_popular, POPULARITY, RANKING)
    origins[places >= n_rated] = CONTENT
    return listed, origins.tolist()


def interleave(
    rated: NDArray[np.intp],
    unrated: NDArray[np.intp],
    fits: NDArray[np.bool_],
    unrated_share: float,
    k: int,
) -> NDArray[np.intp]:
    """Lay rated and unrated titles into one list.

    Unrated titles come at even distances, the first as soon as their share adds up to a place. A
    rated title that does not fit gives its place to an unrated one and returns where these run out.

    Args:
        rated: Best first; shape (n,).
        unrated: Best first; shape (m,).
        fits: Which of `rated` fit; shape (n,).
        unrated_share: 0 to 1.
        k: Length of the list.

    >>> rated, unrated = np.array([1, 2, 3, 4]), np.array([11, 12, 13])
    >>> interleave(rated, unrated, np.array([True] * 4), 0.5, 4).tolist()
    [1, 11, 2, 12]
    >>> interleave(rated, unrated, np.array([True, False, True, True]), 0.0, 4).tolist()
    [1, 11, 3, 4]
    """
    waiting, others = list(zip(rated, fits, strict=True)), list(unrated)
    late: list[np.intp] = []
    codes: list[np.intp] = []
    due = 0.0

    # Who does not fit waits until there is nobody else.
    for _ in range(min(k, len(rated) + len(unrated))):
        due += unrated_share
        if others and due > _WHOLE:
            due -= 1
            codes.append(others.pop(0))
        elif waiting:
            title, fit = waiting.pop(0)
            if fit or not others:
                codes.append(title)
            else:
                late.append(title)
                codes.append(others.pop(0))
        else:
            codes.append((others or late).pop(0))

    return np.array(codes, dtype=np.intp)
