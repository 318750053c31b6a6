"""RMSE: the root mean squared error of predicted stars."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from cartelera import columns as c
from cartelera.evaluation.metrics.base import Better, StarMetric, register, stars_off

RMSE: Final = c.RMSE


def rmse(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the root mean squared error; arguments and errors as for `stars_off`.

    Examples:
        >>> rmse([5.0, 3.0, 1.0, 4.0], [4.0, 2.0, 2.0, 3.0])
        1.0
    """
    return float(np.sqrt(np.mean(np.square(stars_off(true, predicted)))))


register(
    StarMetric(
        key=RMSE,
        label="RMSE",
        better=Better.low,
        order=10,
        help="Root of the mean squared difference of predicted and true stars.",
        digits=4,
        is_paired=True,
        headline="interval",
        of_errors=np.square,
        finish=lambda resampled, _: np.sqrt(resampled),
    )
)
