"""How far the content of titles counts for somebody: what their history is about.

Among rated titles the knowledge of ratings and of content adds up,

    s_i = p_u . q_i + prior_i + w_u sum_j x_uj z_j . z_i

with one number w_u a user, so that each rating's share of a score stays exact. It is a constant of
the model that brings content into the range of the rest (`scales`), times a pull that is the
stronger, the more alike the rated titles are:

    pull_u = b n_b / (n_b + n_u) + c max(focus_u, unrated_u)
    focus_u = min(1, max(0, (coherence_u - low) / (high - low)))

Coherence is the mean cosine between two rated titles, shrunken towards 0 where they are few; since
z is centred at what people rate, it is about 0 for titles taken at random. Of the part of a history
that nobody else rated, unrated_u, content alone can speak. So content decides where a history says
what it is about, and hardly elsewhere. Calibrated recommendations (Steck, RecSys 2018) have the
same aim.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cartelera.ranking.score_scales import Scales

_NOTHING: Final = 1e-12


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """How much content counts; symbols as above.

    Attributes:
        base: b, the pull of content on a list, in spreads, whatever the history is about.
        base_ratings: n_b, after how many ratings that has halved.
        coherent: c, the further pull of a history about one thing, or of unrated titles.
        coherence_low: Where that begins. Nine of ten histories of five ratings are below 0.3.
        coherence_high: From where on it is full.
        unrated: The pull among titles that nobody rated, beside `coherent`.
        least_fit: Share of the history's own likeness below which a rated title does not fit it.
        selective_from: Which part of `coherent` a history must have for titles not to fit it.
    """

    base: float = 0.25
    base_ratings: float = 30.0
    coherent: float = 1.25
    coherence_low: float = 0.15
    coherence_high: float = 0.45
    unrated: float = 0.4
    least_fit: float = 0.7
    selective_from: float = 0.5


@dataclass(frozen=True, eq=False)
class Taste:
    """What a history is about.

    Attributes:
        content: sum_j x_uj z_j, whose product with z_i is a title's content score; shape (m,).
        weight: sum_j x_uj.
        focus: 0 for a history about anything, 1 for one about one thing.
        own_likeness: How like the rest of the history its titles are: mean cosine.
        unrated_share: Which part of the weight is on titles that nobody rated, 0 to 1.
        n_ratings: Length of the history.
    """

    content: NDArray[np.floating]
    weight: float
    focus: float
    own_likeness: float
    unrated_share: float
    n_ratings: int


def read_taste(
    weights: NDArray[np.floating],
    directions: NDArray[np.floating],
    n_ratings: NDArray[np.integer[Any]],
    mixing: Mixing,
) -> Taste:
    """Say what a history is about.

    Args:
        weights: x_uj of its titles, at least 0; shape (n,).
        directions: Their z_j, of length 1 or 0; shape (n, m).
        n_ratings: How many people the model knows to have rated each; shape (n,).
        mixing: See `Mixing`.

    >>> weights, same = np.ones(3), np.array([[1.0, 0.0]] * 3)
    >>> taste = read_taste(weights, same, np.array([9, 9, 0]), Mixing())
    >>> taste.focus, taste.own_likeness, round(taste.unrated_share, 2)
    (1.0, 1.0, 0.33)
    """
    content = weights @ directions
    total, squares = float(weights.sum()), float(np.square(weights).sum())

    # Each title's likeness to itself is taken off, or short histories would look alike.
    own = weights * np.einsum("nm,nm->n", directions, directions)
    focus = _focus(content @ content, weights @ own, total, squares, mixing)
    return Taste(
        content=content,
        weight=total,
        focus=float(focus),
        own_likeness=_own_likeness(weights, directions @ content - own, total),
        unrated_share=_mean(n_ratings == 0, weights),
        n_ratings=len(weights),
    )


def pulls_without_each(
    weights: NDArray[np.floating],
    directions: NDArray[np.floating],
    n_ratings: NDArray[np.integer[Any]],
    mixing: Mixing,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the pulls of content if one rating of a history were not there, for each of them.

    Args:
        weights: As for `read_taste`; shape (n,).
        directions: Likewise.
        n_ratings: Likewise.
        mixing: Likewise.

    Returns:
        Among rated titles and among those nobody rated; shape (n,) each.
    """
    content = weights @ directions
    lengths = np.einsum("nm,nm->n", directions, directions)
    own = np.square(weights) * lengths
    total, squares = weights.sum() - weights, np.square(weights).sum() - np.square(weights)

    # (v - x z)² without making v anew for each rating.
    content_squares = content @ content - 2 * weights * (directions @ content) + own

    focus = _focus(content_squares, own.sum() - own, total, squares, mixing)
    unrated = weights * (n_ratings == 0)
    rest = unrated.sum() - unrated
    share = np.divide(rest, total, out=np.zeros_like(total), where=total > _NOTHING)
    return pulls(np.maximum(focus, share), len(weights) - 1, mixing)


def pulls(about: NDArray[np.floating] | float, n_ratings: int, mixing: Mixing) -> tuple[Any, Any]:
    """Return how strongly content pulls, among rated titles and among those nobody rated.

    Args:
        about: How far a history is about one thing, 0 to 1.
        n_ratings: Its length.
        mixing: See `Mixing`.
    """
    base = mixing.base * mixing.base_ratings / (mixing.base_ratings + n_ratings)
    return base + mixing.coherent * about, mixing.unrated + mixing.coherent * about


def _focus(content_squares: Any, own_squares: Any, total: Any, squares: Any, mixing: Mixing) -> Any:
    """Return how far a history is about one thing, 0 to 1, from sums over its titles.

    Args:
        content_squares: |sum_j x_j z_j|².
        own_squares: sum_j x_j² |z_j|².
        total: sum_j x_j.
        squares: sum_j x_j².
        mixing: See `Mixing`.
    """
    # Cosines of two different titles: all pairs less each title with itself.
    pairs = np.asarray(total * total - squares, dtype=np.float64)
    is_some = pairs > 1e-9 * np.maximum(total * total, _NOTHING)
    cosines = np.zeros_like(pairs)
    np.divide(content_squares - own_squares, pairs, out=cosines, where=is_some)

    # One title's evidence is none, that of n equal ones is worth (n - 1) / n.
    alone = np.ones_like(pairs)
    np.divide(squares, total * total, out=alone, where=is_some)
    low, high = mixing.coherence_low, mixing.coherence_high
    return np.clip((cosines * (1 - alone) - low) / (high - low), 0.0, 1.0)


def content_weights(taste: Taste, scales: Scales, mixing: Mixing) -> tuple[float, float]:
    """Return w_u, by what the content of titles is multiplied.

    Args:
        taste: Of the user.
        scales: Of the model.
        mixing: See `Mixing`.

    Returns:
        Of rated titles, and of titles that nobody rated.
    """
    about = max(taste.focus, taste.unrated_share)
    of_rated, of_unrated = pulls(about, taste.n_ratings, mixing)
    return of_rated * scales.rated, of_unrated * scales.unrated


def _own_likeness(
    weights: NDArray[np.floating], to_others: NDArray[np.floating], total: float
) -> float:
    """Return the mean likeness of each rated title to the others.

    `to_others` is sum over others k of x_uk z_k . z_j; shape (n,).
    """
    rest = total - weights
    means = np.divide(to_others, rest, out=np.zeros_like(rest), where=rest > 1e-9 * total)
    return _mean(means, weights)


def _mean(values: NDArray[Any], weights: NDArray[np.floating]) -> float:
    """Return the weighted mean, and 0 where nothing weighs anything."""
    total = float(weights.sum())
    return float(weights @ values) / total if total > 0 else 0.0
