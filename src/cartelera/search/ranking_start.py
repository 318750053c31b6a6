"""Where a study of the ranking model begins: at EASE and at PureSVD, as nearly as its space allows.

Both are points of the model's space (`docs/ranking.md`), far from each other, and which is near the
best depends on the ratings. A sampler that begins at random may settle beside one of them and never
come by the other; from here it finds no less than a search of either alone.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from cartelera.search.space import Parameter, Space
from cartelera.search.warm_start import Draw

N_STARTS: Final = 3
"""So many draws of each, at different values of the one parameter it is tuned by."""

_EASE: Final[Mapping[str, float]] = {
    "n_factors": np.inf,
    "reg_count": 0.0,
    "user_norm": 0.0,
    "leave_one_out": 1.0,
    "popularity_damping": 0.0,
}
"""At full rank, with these parameters, the model is EASE."""

_PURE_SVD: Final[Mapping[str, float]] = {
    "reg": 0.0,
    "reg_count": 0.0,
    "user_norm": 0.0,
    "leave_one_out": 0.0,
    "popularity_damping": 0.0,
}
"""With hardly any regularisation, and titles that explain themselves, it is PureSVD."""


def known_draws(space: Space) -> list[Draw]:
    """Return what the first trials draw: EASE by `reg` and PureSVD by `n_factors`.

    What is not named here is left to the sampler.

    Args:
        space: The study's space; values outside it become the nearest inside.

    Returns:
        `N_STARTS` draws of each, or one where the space does not draw what it is tuned by; none
        without ranges to draw from.
    """
    # EASE wants much regularisation of that many factors, PureSVD few factors.
    of_ease = _varied(space, _EASE, "reg", slice(2, None))
    return of_ease + _varied(space, _PURE_SVD, "n_factors", slice(N_STARTS))


def _varied(space: Space, point: Mapping[str, float], name: str, places: slice) -> list[Draw]:
    """Vary one parameter of a point, at some of the even places of its logarithmic range."""
    ranges = {each: one for each, one in space.drawn.items() if one.kind != "categorical"}
    fixed = {
        each: _inside(ranges[each], value)
        for each, value in point.items()
        if each in ranges and ranges[each].step is None
    }
    if not fixed:
        return []
    if name not in ranges or not ranges[name].log:
        return [fixed]

    values = np.geomspace(ranges[name].low, ranges[name].high, N_STARTS + 2)[places]
    return [{**fixed, name: _inside(ranges[name], float(value))} for value in values]


def _inside(parameter: Parameter, value: float) -> float | int:
    nearest = float(np.clip(value, parameter.low, parameter.high))
    return round(nearest) if parameter.kind == "int" else nearest
