"""Where a study begins: at known good parameters, as nearly as its space allows.

Which of several such points is near the best depends on the ratings. A sampler that begins at
random may settle beside one of them and never come by the others; from here it finds no less than a
search of each alone.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np

from cartelera.models.registry import KnownPoint
from cartelera.search.space import Parameter, Space
from cartelera.search.warm_start import Draw

N_STARTS: Final = 3
"""So many draws of each point, at different values of the one parameter it is tuned by."""


def start_draws(space: Space, points: Iterable[KnownPoint]) -> list[Draw]:
    """Return what the first trials draw; what is not named is left to the sampler.

    Args:
        space: The study's space; values outside it become the nearest inside.
        points: Where to begin.

    Returns:
        `N_STARTS` draws of each point, or one where the space does not draw what it is tuned by;
        none without ranges to draw from.
    """
    return [draw for point in points for draw in _draws_of(space, point)]


def _draws_of(space: Space, point: KnownPoint) -> list[Draw]:
    ranges = {name: one for name, one in space.drawn.items() if one.kind != "categorical"}
    fixed = {
        name: _inside(ranges[name], value)
        for name, value in point.params.items()
        if name in ranges and ranges[name].step is None
    }
    if not fixed:
        return []
    if point.tuned not in ranges or not ranges[point.tuned].log:
        return [fixed]

    tuned = ranges[point.tuned]
    places = np.geomspace(tuned.low, tuned.high, N_STARTS + 2)
    values = places[-N_STARTS:] if point.upper else places[:N_STARTS]
    return [{**fixed, point.tuned: _inside(tuned, float(value))} for value in values]


def _inside(parameter: Parameter, value: float) -> float | int:
    nearest = float(np.clip(value, parameter.low, parameter.high))
    return round(nearest) if parameter.kind == "int" else nearest
