"""How one list is put together of rated titles and of titles that nobody has rated yet.

Unrated titles do not compete with rated ones by score: theirs are guesses, and would win too often.
They have the share of the list that titles unrated by others have in the history, and take the
place of a rated title that does not fit a history about one thing. Where a filter leaves no rated
titles, the list is theirs.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.selection import NO_TITLE, best_in_rows
from cartelera.ranking.content_taste import Mixing, Taste

RANKING: Final = "ranking"
CONTENT: Final = "content"
POPULARITY: Final = "popularity"
ORIGINS: Final = (RANKING, CONTENT, POPULARITY)


@dataclass(frozen=True, eq=False)
class Listed:
    """A list.

    Attributes:
        codes: Positions of titles, best first; shape (n,), where n is k or all that are allowed.
        origins: Where each comes from, one of `ORIGINS`.
    """

    codes: NDArray[np.intp]
    origins: tuple[str, ...]


def compose(
    scores: NDArray[np.floating],
    content: NDArray[np.floating],
    prior: NDArray[np.floating],
    n_rated: int,
    allowed: NDArray[np.bool_],
    taste: Taste,
    k: int,
    ranks: NDArray[np.int32],
    mixing: Mixing,
) -> Listed:
    """Choose the k titles of a list.

    Args:
        scores: Of `mix`, those of the rated titles first; shape (n_titles,).
        content: As for `mix`; shape (n_titles,).
        prior: Popularity's part of `scores`; shape (n_titles,).
        n_rated: How many titles anybody has rated.
        allowed: Titles that pass the filters and are not seen; shape (n_titles,).
        taste: Of the user.
        k: Length of the list.
        ranks: Who comes first among equal scores, each place once; shape (n_titles,).
        mixing: See `Mixing`.

    Returns:
        Shorter than k only if fewer titles are allowed.
    """
    rated = best_allowed(scores[:n_rated], allowed[:n_rated], k, ranks[:n_rated])
    unrated = n_rated + best_allowed(scores[n_rated:], allowed[n_rated:], k, ranks[n_rated:])

    fits = np.ones(len(rated), np.bool_)
    if taste.focus >= mixing.selective_from:
        fits = content[rated] >= mixing.least_fit * taste.own_likeness * taste.weight
    codes = interleave(rated, unrated, fits, taste.unrated_share, k)

    is_popular = prior[codes] > scores[codes] - prior[codes]
    origins = np.where(is_popular, POPULARITY, RANKING)
    origins[codes >= n_rated] = CONTENT
    return Listed(codes, tuple(origins.tolist()))


def best_allowed(
    scores: NDArray[np.floating],
    allowed: NDArray[np.bool_],
    k: int,
    ranks: NDArray[np.int32],
) -> NDArray[np.intp]:
    """Return the allowed titles with the k highest scores, best first, equal ones by rank."""
    found = best_in_rows(np.where(allowed, scores, -np.inf)[np.newaxis], k, ranks).positions[0]
    return found[found != NO_TITLE].astype(np.intp)


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

    for _ in range(min(k, len(rated) + len(unrated))):
        due += unrated_share
        if others and due > 1 - 1e-9:
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
