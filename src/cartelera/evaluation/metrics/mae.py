"""MAE: the mean absolute error of predicted stars."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from cartelera.evaluation.metrics.base import Better, StarMetric, register, stars_off

MAE: Final = "mae"


def mae(true: ArrayLike, predicted: ArrayLike) -> float:
    """Return the mean absolute error; arguments and errors as for `stars_off`.

    Examples:
        >>> mae([5.0, 3.0, 1.0, 4.0], [4.0, 3.0, 2.0, 2.0])
        1.0
    """
    return float(np.mean(np.abs(stars_off(true, predicted))))


register(
    StarMetric(
        key=MAE,
        label="MAE",
        better=Better.low,
        order=20,
        help="Mean size of the difference of predicted and true stars.",
        digits=4,
        of_errors=np.abs,
    )
)
