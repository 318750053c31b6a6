"""Why a title is in a list: which of a person's ratings brought it there, and how far.

A score of the ranking model is a sum over the person's ratings and a prior, so each rating's share
of it is exact: it is what the score loses when the rating is taken away. Loved titles that many
love bring every title of a list up, and would be the reason on every card; what tells the cards
apart is by how much a rating brings a title up more than it does the others of the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LIKED: Final = 3.5
"""A title rated lower, in stars, is no reason for another."""

MOST_OVERLAP: Final = 0.2
"""Of the reasons of two cards, on average, as far as there are enough reasons."""

_LEAST_OF_BEST: Final = 0.25
"""A further reason brings the title up by at least so much of what the best one does."""


@dataclass(frozen=True)
class Reason:
    """A rating that is part of why a title is in a list.

    Attributes:
        title_id: What was rated.
        rating: In stars.
        share: The part of the score that comes from this rating, in the unit of the score.
        loss: What the score loses when the rating is taken away: the share, and what the rating
            changes about the shares of others.
        fraction: The same as a part of the whole score; above 1 where other ratings take away
            from the score, 0 where the score is not positive.
    """

    title_id: str
    rating: float
    share: float
    loss: float
    fraction: float


@dataclass(frozen=True)
class Explanation:
    """Why a title is in a list.

    Attributes:
        reasons: The ratings that tell it from the others of the list, the most telling first.
        popular: Whether more of its score comes from what everybody likes than from all ratings.
    """

    reasons: tuple[Reason, ...]
    popular: bool


def shares(
    weights: NDArray[np.float64],
    rated: NDArray[np.floating],
    listed: NDArray[np.floating],
) -> NDArray[np.float64]:
    """Return the exact share c_j(i) = w_j v_j . v_i of each rating in the score of each title.

    The share of a rating in a score of several parts is the sum of its shares in each, here with
    x_uj a_j and q in the ranking part, and with the part's weight times x_uj and z in that of
    content.

    Args:
        weights: w, of the ratings; shape (n_rated,).
        rated: v, of the rated titles; shape (n_rated, k).
        listed: v, of the titles of the list; shape (n_listed, k).

    Returns:
        In double precision; shape (n_rated, n_listed).
    """
    weighted = weights[:, np.newaxis] * rated.astype(np.float64)
    return weighted @ listed.astype(np.float64).T


def explain(
    contributions: NDArray[np.float64],
    prior: NDArray[np.float64],
    rated_ids: Sequence[str],
    ratings: NDArray[np.float64],
    most: int = 3,
    *,
    losses: NDArray[np.float64] | None = None,
) -> list[Explanation]:
    """Explain the titles of a list.

    Args:
        contributions: Share of each rating in each title's score; shape (n_rated, n_listed).
        prior: What is in each title's score besides; shape (n_listed,).
        rated_ids: The rated titles; n_rated.
        ratings: In stars; shape (n_rated,).
        most: How many reasons a title has at most.
        losses: What each title's score loses when a rating is taken away, if that is more than its
            share; shape (n_rated, n_listed).

    Returns:
        One for each title of the list; see `choose_reasons`. A title that is in the list for its
        popularity has no reasons.
    """
    losses = contributions if losses is None else losses
    personal = contributions.sum(axis=0)
    scores = personal + prior
    popular = prior > personal
    chosen = choose_reasons(contributions, ratings, ~popular, most)

    explanations: list[Explanation] = []
    for card, reasons in enumerate(chosen):
        found = tuple(
            Reason(
                title_id=str(rated_ids[reason]),
                rating=float(ratings[reason]),
                share=float(contributions[reason, card]),
                loss=float(losses[reason, card]),
                fraction=_fraction(float(contributions[reason, card]), float(scores[card])),
            )
            for reason in reasons
        )
        explanations.append(Explanation(found, bool(popular[card])))
    return explanations


def choose_reasons(
    contributions: NDArray[np.float64],
    ratings: NDArray[np.float64],
    wanting: NDArray[np.bool_],
    most: int = 3,
) -> list[list[int]]:
    """Choose the ratings that tell the titles of a list from each other.

    Candidates for a card are ratings of 3.5 stars or more whose share in it is positive and above
    their mean share over the list; the excess over the mean says how telling they are. One rating
    is the reason of at most m cards, m = 1 + floor(0.2 (n - 1)) of n: a card then shares reasons
    with others at most m - 1 times a reason, and as |A n B| / |A u B| <= |A n B| / |A| the mean
    overlap (Jaccard) of two cards is at most (m - 1) / (n - 1) <= 0.2.

    First every card gets one reason, the most telling pairs of rating and card first. A card whose
    candidates have all been used m times gets the one used least, and a card without candidates the
    liked rating with the largest share, if positive: few ratings cannot differ on many cards, and
    one reason that is true is better than none. Only these may bring the overlap above 0.2. Then
    the most telling of the remaining pairs follow, as long as neither the card has enough nor the
    rating is used up.

    Args:
        contributions: Shape (n_rated, n_listed).
        ratings: In stars; shape (n_rated,).
        wanting: Which cards are to have reasons; shape (n_listed,).
        most: How many reasons a card has at most.

    Returns:
        Positions of ratings for each card, the most telling first.
    """
    n_rated, n_listed = contributions.shape
    chosen: list[list[int]] = [[] for _ in range(n_listed)]
    if not n_rated or not n_listed:
        return chosen
    most_uses = 1 + int(MOST_OVERLAP * (n_listed - 1))
    true = (ratings >= LIKED)[:, np.newaxis] & (contributions > 0) & wanting
    # A card that stands alone has no others to differ from.
    usual = contributions.mean(axis=1, keepdims=True) if n_listed > 1 else 0.0
    excess = contributions - usual
    telling = np.where(true & (excess > 0), excess, 0.0)

    pairs = _sorted_pairs(telling)
    uses = np.zeros(n_rated, np.intp)
    for reason, card in pairs:
        if not chosen[card] and uses[reason] < most_uses:
            chosen[card].append(reason)
            uses[reason] += 1
    _give_one_each(chosen, uses, telling, np.where(true, contributions, 0.0))

    enough = _LEAST_OF_BEST * telling.max(axis=0)
    for reason, card in pairs:
        has_room = 0 < len(chosen[card]) < most and uses[reason] < most_uses
        if has_room and reason not in chosen[card] and telling[reason, card] >= enough[card]:
            chosen[card].append(reason)
            uses[reason] += 1
    return [sorted(some, key=lambda j: -telling[j, card]) for card, some in enumerate(chosen)]


def _fraction(share: float, score: float) -> float:
    return share / score if score > 0 else 0.0


def _sorted_pairs(telling: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the (rating, card) with a positive value, the largest first."""
    reasons, cards = np.nonzero(telling)
    order = np.argsort(-telling[reasons, cards], kind="stable")
    return list(zip(reasons[order].tolist(), cards[order].tolist(), strict=True))


def _give_one_each(
    chosen: list[list[int]],
    uses: NDArray[np.intp],
    telling: NDArray[np.float64],
    true: NDArray[np.float64],
) -> None:
    """Assign cards without a reason the least used of their candidates, or the largest share."""
    for card, reasons in enumerate(chosen):
        candidates = np.flatnonzero(telling[:, card])
        if reasons or not true[:, card].any():
            continue
        if len(candidates):
            by_use = np.lexsort((-telling[candidates, card], uses[candidates]))
            reason = int(candidates[by_use[0]])
        else:
            reason = int(np.argmax(true[:, card]))
        reasons.append(reason)
        uses[reason] += 1
