"""Where a study of the ranking model begins: at EASE, as nearly as its space allows."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from cartelera.search.space import Space
from cartelera.search.warm_start import Draw

N_STARTS: Final = 3

_EASE: Final[Mapping[str, float]] = {
    "n_factors": np.inf,
    "reg_count": 0.0,
    "user_norm": 0.0,
    "leave_one_out": 1.0,
    "popularity_damping": 0.0,
}
"""At full rank, with these parameters, the model is EASE (`docs/ranking.md`)."""


def ease_draws(space: Space) -> list[Draw]:
    """Return what the first trials draw: EASE, regularised in a few ways.

    A sampler that begins at random may settle where few factors are good enough, and never come by
    what a search of EASE's one parameter finds. What is not named here is left to the sampler.

    Args:
        space: The study's space; values outside it become the nearest inside.

    Returns:
        `N_STARTS` draws, or one if the space does not draw `reg`; none without ranges to draw from.
    """
    ranges = {name: one for name, one in space.drawn.items() if one.kind != "categorical"}
    fixed: dict[str, float | int] = {}
    for name, value in _EASE.items():
        if name in ranges and ranges[name].step is None:
            nearest = float(np.clip(value, ranges[name].low, ranges[name].high))
            fixed[name] = int(nearest) if ranges[name].kind == "int" else nearest
    if not fixed:
        return []
    if "reg" not in ranges or not ranges["reg"].log:
        return [fixed]

    low, high = ranges["reg"].low, ranges["reg"].high
    return [{**fixed, "reg": float(reg)} for reg in np.geomspace(low, high, N_STARTS + 2)[2:]]
