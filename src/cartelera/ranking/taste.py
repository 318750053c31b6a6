"""How far the content of titles counts for somebody: what their history is about.

Among rated titles the knowledge of ratings and of content adds up,

    s_i = p_u . q_i + prior_i + w_u sum_j x_uj z_j . z_i

with one number w_u a user, so that each rating's share of a score stays exact. w_u brings content
into the range of the rest, times a pull that is the stronger, the more alike the rated titles are:

    w_u = pull_u spread(p_u . q + prior) / spread(content)
    pull_u = b n_b / (n_b + n_u) + c max(focus_u, unrated_u)
    focus_u = min(1, max(0, (coherence_u - low) / (high - low)))

where spread is the distance from the tenth best title to the median one. Coherence is the mean
cosine between two rated titles, shrunken towards 0 where they are few; since z is centred at what
people rate, it is about 0 for titles taken at random. Of the part of a history that nobody else
rated, unrated_u, content alone can speak. So content decides where a history says what it is about,
and hardly elsewhere. Calibrated recommendations (Steck, RecSys 2018) have the same aim.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_SPREAD_FROM: Final = 10
"""The spread of scores is measured from this place to the median."""

_MEDIAN_OF: Final = 1024
"""The median is taken of about so many scores."""


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
    coherent: float = 2.5
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


@dataclass(frozen=True, eq=False)
class Mixed:
    """Scores of ranking and content together.

    Attributes:
        scores: s_i; those of rated and of unrated titles are not comparable; shape (n_titles,).
        rated_weight: w_u of rated titles.
        unrated_weight: w_u of unrated titles.
    """

    scores: NDArray[np.floating]
    rated_weight: float
    unrated_weight: float


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

    # Cosines of two different titles: all pairs less each title with itself.
    own = weights * np.einsum("nm,nm->n", directions, directions)
    pairs = total**2 - squares
    mean_cosine = 0.0
    if pairs > 1e-9 * total**2:
        mean_cosine = float(content @ content - weights @ own) / pairs

    # One title's evidence is halved, that of n equal ones is worth (n - 1) / n.
    n_effective = total**2 / squares if squares > 0 else 1.0
    coherence = mean_cosine * (n_effective - 1) / n_effective
    low, high = mixing.coherence_low, mixing.coherence_high
    return Taste(
        content=content,
        weight=total,
        focus=float(np.clip((coherence - low) / (high - low), 0.0, 1.0)),
        own_likeness=_own_likeness(weights, directions @ content - own, total),
        unrated_share=_mean(n_ratings == 0, weights),
        n_ratings=len(weights),
    )


def mix(
    ranking: NDArray[np.floating],
    content: NDArray[np.floating],
    n_rated: int,
    taste: Taste,
    mixing: Mixing,
) -> Mixed:
    """Add content to the scores of the ranking model.

    Args:
        ranking: p_u . q_i + prior_i, of the rated titles first; shape (n_titles,).
        content: taste.content . z_i; shape (n_titles,).
        n_rated: How many titles anybody has rated.
        taste: Of the same user.
        mixing: See `Mixing`.
    """
    focused = mixing.coherent * max(taste.focus, taste.unrated_share)
    base = mixing.base * mixing.base_ratings / (mixing.base_ratings + taste.n_ratings)
    rated = (base + focused) * _ratio(ranking[:n_rated], content[:n_rated])
    unrated = (mixing.unrated + focused) * _ratio(ranking[n_rated:], content[n_rated:])

    scores = ranking.copy()
    scores[:n_rated] += content[:n_rated] * scores.dtype.type(rated)
    scores[n_rated:] += content[n_rated:] * scores.dtype.type(unrated)
    return Mixed(scores, rated, unrated)


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


def _ratio(ranking: NDArray[np.floating], content: NDArray[np.floating]) -> float:
    """Return by what to multiply content so that it spreads as far as the ranking scores do."""
    spread = _spread(content)
    return _spread(ranking) / spread if spread > 1e-12 else 0.0


def _spread(scores: NDArray[np.floating]) -> float:
    """Return the distance from the tenth highest score to the median; of few, from the highest.

    The median of very many is that of a part of them, at even distances.
    """
    if not len(scores):
        return 0.0
    median = np.median(scores[:: max(1, len(scores) // _MEDIAN_OF)])
    tenth = len(scores) - _SPREAD_FROM
    if tenth <= len(scores) // 2:
        return float(scores.max() - median)
    return float(np.partition(scores, tenth)[tenth] - median)
