"""What is compiled: the inner loop in Surprise's order and precision, and sorting into blocks."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]
Rates: TypeAlias = tuple[float, float, float, float]
"""One number each for user biases, title biases, user factors and title factors."""


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile on the first call, and keep the machine code on disk if there is a place to write.

    The compiled function lets other Python threads run.
    """
    try:
        return numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return numba.njit(nogil=True)(function)


@compiled
def sgd_epoch(
    user_codes: Codes,
    title_codes: Codes,
    values: Vector,
    offset: float,
    bu: Vector,
    bi: Vector,
    pu: Vector,
    qi: Vector,
    biased: bool,
    lr: Rates,
    reg: Rates,
) -> float:
    """Go through all ratings once, in their order, and update the model in place.

    The updates, their order and the order of every sum are those of scikit-surprise 1.1's
    `SVD.sgd`, in float64 and without reassociation, so that the results are equal to the last bit.

    Args:
        user_codes: Shape (n_ratings,).
        title_codes: Shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        offset: The global mean, or 0 for a model without biases.
        bu: User biases; shape (n_users,).
        bi: Title biases; shape (n_titles,).
        pu: User factors; shape (n_users, n_factors).
        qi: Title factors; shape (n_titles, n_factors).
        biased: Whether the biases are learned.
        lr: Learning rates.
        reg: Regularisation terms.

    Returns:
        The sum of squared errors, each taken just before its rating's update.
    """
    lr_bu, lr_bi, lr_pu, lr_qi = lr
    reg_bu, reg_bi, reg_pu, reg_qi = reg
    n_factors = pu.shape[1]
    squared_errors = 0.0

    for row in range(len(values)):
        u = user_codes[row]
        i = title_codes[row]

        # The operations are Surprise's, in its order, so that the results are its to the bit.
        dot = 0.0
        for f in range(n_factors):
            dot += qi[i, f] * pu[u, f]
        err = values[row] - (offset + bu[u] + bi[i] + dot)
        squared_errors += err * err
        if biased:
            bu[u] += lr_bu * (err - reg_bu * bu[u])
            bi[i] += lr_bi * (err - reg_bi * bi[i])
        for f in range(n_factors):
            puf = pu[u, f]
            qif = qi[i, f]
            pu[u, f] += lr_pu * (err * qif - reg_pu * puf)
            qi[i, f] += lr_qi * (err * puf - reg_qi * qif)

    return squared_errors


@compiled
def predict_pairs(
    users: Codes,
    titles: Codes,
    offset: float,
    bu: Vector,
    bi: Vector,
    pu: Vector,
    qi: Vector,
    estimates: Vector,
) -> None:
    """Predict the rating of each pair, not clipped, into `estimates`.

    A negative code is an unknown user or title: what would come from it is left out of the sum.
    """
    for row in range(len(users)):
        u = users[row]
        i = titles[row]
        estimate = offset
        if u >= 0:
            estimate += bu[u]
        if i >= 0:
            estimate += bi[i]
        if u >= 0 and i >= 0:
            for f in range(pu.shape[1]):
                estimate += qi[i, f] * pu[u, f]
        estimates[row] = estimate


@compiled
def count_by_block(
    users: Codes,
    titles: Codes,
    user_strips: Codes,
    title_strips: Codes,
    positions: Codes,
    counts: NDArray[np.int64],
) -> None:
    """Count the ratings of each block.

    Args:
        users: User codes; shape (n_ratings,).
        titles: Title codes; shape (n_ratings,).
        user_strips: Strip of each user; shape (n_users,).
        title_strips: Strip of each title; shape (n_titles,).
        positions: Position of each block in the order of the epoch, a permutation of 0 to
            n_strips² - 1; shape (n_strips of users, n_strips of titles).
        counts: Gets the counts added, by position; shape (n_strips²,).
    """
    for row in range(len(users)):
        counts[positions[user_strips[users[row]], title_strips[titles[row]]]] += 1


@compiled
def deal_into_blocks(
    users: Codes,
    titles: Codes,
    values: NDArray[np.floating],
    user_strips: Codes,
    title_strips: Codes,
    positions: Codes,
    user_rows: Codes,
    title_rows: Codes,
    places: NDArray[np.int64],
    out_users: Codes,
    out_titles: Codes,
    out_values: NDArray[np.float32],
) -> None:
    """Write each rating to the next place of its block; within a block the order stays.

    Args:
        users: As in `count_by_block`, and so on to `positions`.
        titles: See there.
        values: Ratings in stars; shape (n_ratings,).
        user_strips: See there.
        title_strips: See there.
        positions: See there.
        user_rows: What `out_users` holds for each user; shape (n_users,).
        title_rows: What `out_titles` holds for each title; shape (n_titles,).
        places: Where each block begins; moved to where it ends. Shape (n_strips²,).
        out_users: Shape (n_ratings,).
        out_titles: Shape (n_ratings,).
        out_values: Shape (n_ratings,).
    """
    for row in range(len(users)):
        u = users[row]
        i = titles[row]
        position = positions[user_strips[u], title_strips[i]]
        place = places[position]
        places[position] = place + 1
        out_users[place] = user_rows[u]
        out_titles[place] = title_rows[i]
        out_values[place] = values[row]
