"""The parameters of the ranking model, checked before anything is computed."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Self

from cartelera.errors import ConfigError

NEUTRAL_RATING: Final = 3.5
"""A title rated so, in stars, weighs 1 in a history, whatever `rating_weight` is."""

_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "n_factors": (1, 4096),
    "reg": (1e-6, 1e6),
    "reg_count": (0.0, 1e6),
    "rating_weight": (0.0, 10.0),
    "user_norm": (0.0, 2.0),
    "leave_one_out": (0.0, 2.0),
    "popularity_damping": (0.0, 2.0),
    "half_life": (1.0, math.inf),
    "prior_strength": (0.0, 1e3),
    "prior_ratings": (1e-6, 1e6),
    "seed": (0, 2**32 - 1),
}
_WHOLE: Final = ("n_factors", "seed")


@dataclass(frozen=True, kw_only=True)
class RankingParams:
    """What decides a ranking model, besides the ratings; symbols as in `docs/ranking.md`.

    Attributes:
        n_factors: k, the rank the SVD is cut at.
        reg: l, regularisation of every title, in units of the mean squared norm of a title's
            ratings.
        reg_count: c, regularisation in units of the title's own squared norm.
        rating_weight: beta, how much more a loved title weighs than a neutral one; 0: all the same.
        user_norm: rho, by which power of the number of their ratings busy users count for less.
        leave_one_out: gamma, how far a title is kept from explaining itself; 1: as in EASE.
        popularity_damping: delta, by which power of their number of ratings titles are damped.
        half_life: Of later ratings, after which an earlier one counts half; None: all the same.
        prior_strength: Weight of what is popular for somebody without ratings, times
            `prior_ratings`.
        prior_ratings: Number of ratings after which popularity has half that weight.
        seed: Of the start of the truncated SVD.
    """

    n_factors: int = 64
    reg: float = 5.0
    reg_count: float = 0.5
    rating_weight: float = 0.5
    user_norm: float = 0.4
    leave_one_out: float = 0.7
    popularity_damping: float = 0.1
    half_life: float | None = 100.0
    prior_strength: float = 3.0
    prior_ratings: float = 10.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            _check(name, getattr(self, name), low, high)

    @classmethod
    def from_mapping(cls, params: Mapping[str, Any]) -> Self:
        """Read parameters by name; those left out keep their defaults.

        Raises:
            ConfigError: If a name is unknown, or a value has the wrong type or is out of range.
        """
        names = [one.name for one in fields(cls)]
        if unknown := [str(name) for name in params if name not in names]:
            raise ConfigError(
                f"unknown ranking parameter(s) {', '.join(unknown)}: "
                f"allowed are {', '.join(names)}."
            )
        return cls(**params)

    def to_mapping(self) -> dict[str, Any]:
        """Return the parameters by name, as plain values."""
        return asdict(self)


def _check(name: str, value: Any, low: float, high: float) -> None:
    if value is None and name == "half_life":
        return
    kind = int if name in _WHOLE else int | float
    if isinstance(value, bool) or not isinstance(value, kind):
        what = "a whole number" if name in _WHOLE else "a number"
        raise ConfigError(f"ranking parameter {name}={value!r}: allowed is {what}.")
    if not low <= value <= high or math.isinf(value):
        raise ConfigError(
            f"ranking parameter {name}={value!r}: allowed is a number from {low:g} to {high:g}."
        )
