"""Titles to rate first: known to many, and each telling something that the others do not.

A newcomer's scores of all titles are taken for a normal distribution with the covariance Q Q' that
the factors give; a rating observes one of them with some noise. The next title to ask for is the
one that can be expected to leave the least uncertainty about what many watch (expected reduction of
variance: Cohn, Ghahramani and Jordan, Active Learning with Statistical Models, JAIR 4, 1996), times
the chance that the person knows it. Popularity alone asks for titles that all tell the same, and
variance alone for titles nobody has seen: Rashid et al., Getting to Know You, IUI 2002; Golbandi,
Koren and Lempel, On Bootstrapping Recommender Systems, CIKM 2010.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MOST_CANDIDATES: Final = 200
"""So many of the best known titles compete: what is rarer is rarely recognised."""


def titles_to_rate(
    factors: NDArray[np.floating],
    n_ratings: NDArray[np.integer[Any]],
    k: int,
    *,
    allowed: NDArray[np.bool_] | None = None,
    rated: NDArray[np.integer[Any]] | None = None,
) -> NDArray[np.intp]:
    """Choose titles for a person to rate, given what they have rated.

    Chosen one after the other: p_i sum_j p_j K_ij^2 / (K_ii + s^2) is largest, where p is how known
    a title is, K what is uncertain still, and s^2 the noise of a rating, equal to the mean variance
    of the candidates' scores at the start. A rated title lowers K by K_i K_i' / (K_ii + s^2), and a
    chosen one by p_i times as much, for it may remain unrated.

    Args:
        factors: q_j; shape (n_titles, n_factors).
        n_ratings: Of each title; those without any are never chosen; shape (n_titles,).
        k: How many to choose.
        allowed: Which titles may be chosen; shape (n_titles,); all by default.
        rated: Positions of the titles rated so far, never chosen again; none by default.

    Returns:
        Positions of the chosen, the most useful first; fewer than k where fewer are left.

    Raises:
        ValueError: If k is less than 1.
    """
    if k < 1:
        raise ValueError(f"k={k}: a list has at least 1 title.")
    open_to = n_ratings > 0
    if allowed is not None:
        open_to &= allowed
    if rated is not None:
        open_to[rated] = False

    # Who has not heard of a title cannot rate it.
    candidates = _best_known(n_ratings, open_to, max(k, MOST_CANDIDATES))
    if not len(candidates):
        return candidates

    known = n_ratings[candidates] / n_ratings.max()
    vectors = factors[candidates].astype(np.float64)
    noise = float(np.mean(np.square(vectors).sum(axis=1))) or 1.0

    # What was rated already is known about a taste: only the rest is uncertain.
    told = np.zeros((0, vectors.shape[1])) if rated is None else factors[rated].astype(np.float64)
    covariance = vectors @ _uncertainty(told, noise) @ vectors.T
    return candidates[_choose(covariance, known, noise, min(k, len(candidates)))]


def _best_known(
    n_ratings: NDArray[np.integer[Any]], open_to: NDArray[np.bool_], n: int
) -> NDArray[np.intp]:
    """Return the positions of the n titles with the most ratings, of equal ones the first."""
    positions = np.flatnonzero(open_to)
    order = np.argsort(-n_ratings[positions].astype(np.int64), kind="stable")
    return positions[order[:n]]


def _uncertainty(told: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """Return the covariance of a person's vector after ratings: (I + Q' Q / s^2)^-1.

    Args:
        told: q of the rated titles; shape (n, n_factors).
        noise: s^2.
    """
    precision = np.eye(told.shape[1]) + told.T @ told / noise
    return np.linalg.inv(precision).astype(np.float64, copy=False)


def _choose(
    covariance: NDArray[np.float64], known: NDArray[np.float64], noise: float, k: int
) -> NDArray[np.intp]:
    """Choose k of the candidates, one after the other; see `titles_to_rate`.

    Args:
        covariance: K, overwritten; shape (n, n).
        known: p; shape (n,).
        noise: s^2.
        k: At most n.
    """
    chosen = np.empty(k, np.intp)
    is_left = np.ones(len(known), np.bool_)
    for place in range(k):
        variances = covariance.diagonal() + noise
        reduction = np.einsum("j,ji,ji->i", known, covariance, covariance) / variances
        best = int(np.argmax(np.where(is_left, known * reduction, -np.inf)))
        chosen[place], is_left[best] = best, False

        # With this rating known, the others tell less.
        column = covariance[best].copy()
        covariance -= np.outer(column * (known[best] / variances[best]), column)
    return chosen
