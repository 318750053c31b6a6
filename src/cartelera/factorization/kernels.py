"""The inner loop of the fit, compiled."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]
Rates: TypeAlias = tuple[float, float, float, float]
"""One number each for user biases, title biases, user factors and title factors."""


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile on the first call, and keep the machine code on disk if there is a place to write."""
    try:
        return numba.njit(cache=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return numba.njit(function)


def _sgd_epoch(
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


sgd_epoch: Callable[..., float] = _compiled(_sgd_epoch)
