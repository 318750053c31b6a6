"""Where a study begins: at known good parameters, as nearly as its space allows."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from cartelera.search.space import Space
from cartelera.search.warm_start import Draw

N_STARTS: Final = 3


def start_draws(space: Space, start: Mapping[str, float], spread: str) -> list[Draw]:
    """Return what the first trials draw: known good parameters, one of them in a few ways.

    A sampler that begins at random may settle where few factors are good enough, and never come by
    what a search of EASE's one parameter finds. What is not named is left to the sampler.

    Args:
        space: The study's space; values outside it become the nearest inside.
        start: The parameters.
        spread: The parameter to draw in a few ways, such as the regularisation.

    Returns:
        `N_STARTS` draws, or one if the space does not draw `spread`; none without ranges to draw
        from.
    """
    ranges = {name: one for name, one in space.drawn.items() if one.kind != "categorical"}
    fixed: dict[str, float | int] = {}
    for name, value in start.items():
        if name in ranges and ranges[name].step is None:
            nearest = float(np.clip(value, ranges[name].low, ranges[name].high))
            fixed[name] = int(nearest) if ranges[name].kind == "int" else nearest
    if not fixed:
        return []
    if spread not in ranges or not ranges[spread].log:
        return [fixed]

    low, high = ranges[spread].low, ranges[spread].high
    return [{**fixed, spread: float(value)} for value in np.geomspace(low, high, N_STARTS + 2)[2:]]
