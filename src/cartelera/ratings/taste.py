"""Do people differ in taste beyond titles' quality? A test on ratings kept aside."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array

from cartelera.ratings.scales import Beyond, Scales
from cartelera.ratings.tested import TIE, UNTESTED, Outcome, RatingsUnderTest

_FIT_SHARE = 2 / 3
_FEW_RATINGS = 20.0  # likeness is doubted as if each user had so many more ratings of no deviation
_CELLS = 4_000_000  # of a dense block
_NOTHING = 1e-9  # a prediction of which less than this share is left is rounding


def find_taste(
    rows: RatingsUnderTest, *, n_flips: int, alpha: float, rng: np.random.Generator
) -> Outcome:
    """Test whether people differ in taste: an interaction of users and titles.

    A third of the ratings is kept aside at random. On the others users' levels, their use of the
    scale and titles' quality are fitted (`Scales`), and what deviates from them is compared between
    people: a user is predicted to deviate on a title as those do who deviated like the user on
    others (`predict_deviations`). The statistic is the correlation of these predictions with the
    ratings kept aside, once `Beyond` has taken users' curves and titles' levels off both.

    Predictions without such columns are orthogonal to any ratings without taste but for noise,
    which they have not seen: the mean of their product is 0 under the null, however sparse the
    ratings are and however unlike the noise of users and titles is. (On the ratings fitted it is
    not: the two raters of a title deviate by opposite amounts, for instance.) Each user's share in
    the product is taken with `Scales`'s expectation off, which the product as a whole is free of,
    so that shares are independent given the fit. The p-value flips their signs at random (a wild
    bootstrap of clusters, Cameron, Gelbach & Miller 2008) and counts the observed signs as one of
    the draws (Phipson & Smyth 2010).

    Args:
        rows: Ratings, not all of them equal to their user's mean.
        n_flips: Draws; the smallest possible p-value is 1 / (1 + n_flips).
        alpha: The largest p-value that counts as taste.
        rng: Splits the ratings, and flips.

    Returns:
        The correlation, -1 to 1, and 0, which is its mean under the null; `UNTESTED` where the
        ratings kept aside leave nothing to predict.
    """
    is_fit = rng.random(len(rows.users)) < _FIT_SHARE
    if is_fit.all() or not is_fit.any():
        return UNTESTED
    shape = (rows.n_users, int(rows.titles.max()) + 1)
    scales = Scales.fit(rows.users[is_fit], rows.titles[is_fit], rows.values[is_fit], shape)
    deviations = rows.values - scales.expect(rows.users, rows.titles)
    fitted = csr_array((deviations[is_fit], (rows.users[is_fit], rows.titles[is_fit])), shape=shape)

    # Ratings that curves and levels explain whatever they are say nothing.
    aside = np.flatnonzero(~is_fit)
    aside = aside[_can_deviate(rows.users[aside], rows.titles[aside])]
    if not aside.size:
        return UNTESTED
    users, titles, kept_aside = rows.users[aside], rows.titles[aside], deviations[aside]

    raw = predict_deviations(fitted, users, titles)
    beyond = Beyond(users, titles, scales.quality[titles])
    predicted, left = beyond(raw), beyond(kept_aside)
    if predicted @ predicted <= _NOTHING * (raw @ raw) or left @ left <= _NOTHING:
        return UNTESTED

    shares = np.bincount(users, predicted * kept_aside)
    p_value = _p_value(shares[shares != 0], n_flips, rng)
    correlation = float(predicted @ left / np.sqrt((predicted @ predicted) * (left @ left)))
    return Outcome(correlation, 0.0, p_value, p_value <= alpha)


def predict_deviations(deviations: csr_array, users: np.ndarray, titles: np.ndarray) -> np.ndarray:
    """Predict how users deviate on titles from how people like them do.

    The sum over all others v of w_uv r_vt, where w_uv = sum_j r_uj r_vj / sqrt((n_u + c)(n_v + c))
    is the likeness of two users, shrunken for those with few ratings: the neighbours of Resnick et
    al. (1994), all of them. It sums over paths u - j - v - t of distinct cells, so noise alone adds
    nothing to it on average; singular vectors, which fit the noise of their own cells too, found
    far less in real ratings (tried with 3 to 20).

    Args:
        deviations: r, in stars, of the ratings fitted; shape (n_users, n_titles).
        users: Codes of the pairs to predict, none of them fitted; shape (n,).
        titles: Codes of the pairs to predict; shape (n,).

    Returns:
        Predictions, up to a factor; shape (n,).
    """
    damped = 1 / np.sqrt(np.diff(deviations.indptr) + _FEW_RATINGS)
    scaled = csr_array(diags_array(damped) @ deviations)
    by_title = csr_array(deviations.T)
    n_users, n_titles = (len(rows.indptr) - 1 for rows in (deviations, by_title))
    predicted = np.empty(len(users))

    # Dense blocks along the shorter side: of users x users, or of titles x titles.
    if n_users <= n_titles:
        back = csr_array(scaled.T)
        for first, last in _blocks(n_users, n_titles):
            likeness = (scaled[first:last] @ by_title).toarray()
            block = back @ np.ascontiguousarray(likeness.T)
            here = (users >= first) & (users < last)
            predicted[here] = block[titles[here], users[here] - first]
    else:
        columns = csc_array(scaled)
        for first, last in _blocks(n_titles, n_users):
            likeness = (by_title @ columns[:, first:last]).toarray()
            block = scaled @ likeness
            here = (titles >= first) & (titles < last)
            predicted[here] = block[users[here], titles[here] - first]
    return predicted


def _can_deviate(users: np.ndarray, titles: np.ndarray) -> np.ndarray:
    """Mark ratings of users with more than `Beyond` takes off, of titles with two, among them."""
    marked = np.ones(len(users), dtype=bool)
    n_before = -1
    while n_before != marked.sum():
        n_before = marked.sum()
        marked &= np.bincount(users, marked)[users] > Beyond.N_OF_USER
        marked &= np.bincount(titles, marked)[titles] > 1
    return marked


def _blocks(n: int, other: int) -> Iterator[tuple[int, int]]:
    size = max(1, _CELLS // max(n, other))
    return ((first, min(first + size, n)) for first in range(0, n, size))


def _p_value(shares: np.ndarray, n_flips: int, rng: np.random.Generator) -> float:
    """Return how often the sum of the shares is as large with signs at random."""
    observed = shares.sum() - TIE * np.abs(shares).sum()
    n_as_large = 0
    for first, last in _blocks(n_flips, len(shares)):
        is_kept = rng.integers(0, 2, (last - first, len(shares)), dtype=np.int8)
        flipped = 2 * (is_kept @ shares) - shares.sum()
        n_as_large += int(np.sum(flipped >= observed))
    return (1 + n_as_large) / (1 + n_flips)
