"""The default mode's inner loop: float32, sixteen factors at a time (`lanes`)."""

from typing import Final, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.kernels import Codes, Rates, compiled
from cartelera.factorization.lanes import (
    LANES,
    SIZE,
    load,
    load_one,
    prefetch,
    splat,
    store,
    times,
    times_plus,
    total,
)

_AHEAD: Final = 8
"""How many ratings before their turn factors are asked for; 2 to 16 measured about the same."""

Vector: TypeAlias = NDArray[np.float32]


@numba.njit(inline="always")
def _ask_for(address: int, n_bytes: int) -> None:
    for place in range(address, address + n_bytes, SIZE * LANES):
        prefetch(place)


@numba.njit(inline="always")
def _dot(p: int, q: int, n_factors: int) -> np.float32:
    """Return p_u . q_i from the rows' addresses: two sums take turns, so that none need wait."""
    even = splat(np.float32(0))
    odd = even
    f = 0
    while f + 2 * LANES <= n_factors:
        even = times_plus(load(p + SIZE * f), load(q + SIZE * f), even)
        f += LANES
        odd = times_plus(load(p + SIZE * f), load(q + SIZE * f), odd)
        f += LANES

    # What is left: a row of lanes, then single numbers.
    if f + LANES <= n_factors:
        even = times_plus(load(p + SIZE * f), load(q + SIZE * f), even)
        f += LANES
    dot = total(even, odd)
    while f < n_factors:
        dot += load_one(p + SIZE * f) * load_one(q + SIZE * f)
        f += 1
    return dot


@compiled
def sgd_blocks(
    first: int,
    last: int,
    starts: NDArray[np.int64],
    users: Codes,
    titles: Codes,
    values: Vector,
    offset: np.float32,
    bu: Vector,
    bi: Vector,
    pu: Vector,
    qi: Vector,
    biased: bool,
    lr: Rates,
    reg: Rates,
    squared_errors: NDArray[np.float64],
) -> None:
    """Go through the ratings of some blocks once, in their order, and update the model in place.

    `x += lr (err y - reg x)`, the update of both factors and biases, is computed as
    `x = (1 - lr reg) x + (lr err) y`.

    Args:
        first: Position of the first block.
        last: Position behind the last block.
        starts: Where each block's ratings begin, and where the last one's end.
        users: Rows of `pu`; shape (n_ratings,).
        titles: Rows of `qi`; shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        offset: The global mean, or 0 for a model without biases.
        bu: User biases; shape (n_users,).
        bi: Title biases; shape (n_titles,).
        pu: User factors, filled up with zeros to a multiple of `LANES` columns.
        qi: Title factors, likewise.
        biased: Whether the biases are learned.
        lr: Learning rates.
        reg: Regularisation terms.
        squared_errors: Gets, for each block, the sum of squared errors, each taken just before its
            rating's update.
    """
    lr_bu, lr_bi = np.float32(lr[0]), np.float32(lr[1])
    lr_pu, lr_qi = np.float32(lr[2]), np.float32(lr[3])
    keep_bu, keep_bi = np.float32(1 - lr[0] * reg[0]), np.float32(1 - lr[1] * reg[1])
    keep_pu = splat(np.float32(1 - lr[2] * reg[2]))
    keep_qi = splat(np.float32(1 - lr[3] * reg[3]))
    n_columns = pu.shape[1]
    row_bytes = SIZE * n_columns
    first_p, first_q = pu.ctypes.data, qi.ctypes.data

    for block in range(first, last):
        end = starts[block + 1]
        squared = 0.0
        for row in range(starts[block], end):
            u = np.intp(users[row])
            i = np.intp(titles[row])
            p, q = first_p + u * row_bytes, first_q + i * row_bytes

            # The rows of ratings to come are fetched while this one is computed.
            coming = min(row + _AHEAD, end - 1)
            _ask_for(first_q + np.intp(titles[coming]) * row_bytes, row_bytes)
            if users[coming] != users[row]:
                _ask_for(first_p + np.intp(users[coming]) * row_bytes, row_bytes)

            err = values[row] - (offset + bu[u] + bi[i] + _dot(p, q, n_columns))
            squared += np.float64(err) * np.float64(err)
            if biased:
                bu[u] = keep_bu * bu[u] + lr_bu * err
                bi[i] = keep_bi * bi[i] + lr_bi * err

            # Both rows from what they were before the step.
            step_pu, step_qi = splat(lr_pu * err), splat(lr_qi * err)
            for f in range(0, row_bytes, SIZE * LANES):
                puf, qif = load(p + f), load(q + f)
                store(p + f, times_plus(step_pu, qif, times(puf, keep_pu)))
                store(q + f, times_plus(step_qi, puf, times(qif, keep_qi)))
        squared_errors[block] = squared


@compiled
def predict_pairs(
    users: Codes,
    titles: Codes,
    offset: float,
    bu: Vector,
    bi: Vector,
    pu: Vector,
    qi: Vector,
    estimates: NDArray[np.float64],
) -> None:
    """Predict the rating of each pair, not clipped, into `estimates`.

    A negative code is an unknown user or title: what would come from it is left out of the sum.
    """
    n_factors = pu.shape[1]
    row_bytes = SIZE * n_factors
    first_p, first_q = pu.ctypes.data, qi.ctypes.data
    for row in range(len(users)):
        u = np.intp(users[row])
        i = np.intp(titles[row])
        estimate = offset
        if u >= 0:
            estimate += bu[u]
        if i >= 0:
            estimate += bi[i]
        if u >= 0 and i >= 0:
            estimate += _dot(first_p + u * row_bytes, first_q + i * row_bytes, n_factors)
        estimates[row] = estimate
