"""The parameters of a fit: the names of Surprise's SVD, checked before anything is computed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Final

from cartelera.errors import ConfigError


@dataclass(frozen=True)
class _Number:
    """A range of numbers; None is in it if it is optional."""

    low: float = 0
    high: float = math.inf
    is_whole: bool = False
    is_optional: bool = False

    def __str__(self) -> str:
        words = "a whole number" if self.is_whole else "a number"
        if math.isfinite(self.low):
            words += f" from {self.low:g}"
        if math.isfinite(self.high):
            words += f" to {self.high:.0f}"
        return words + (" or null" if self.is_optional else "")

    def holds(self, value: object) -> bool:
        if value is None:
            return self.is_optional
        if type(value) is bool or not isinstance(value, Integral if self.is_whole else Real):
            return False
        number = float(value)
        return math.isfinite(number) and self.low <= number <= self.high

    def plain(self, value: Any) -> int | float | None:
        if value is None:
            return None
        return int(value) if self.is_whole else float(value)


_COUNT = _Number(low=1, is_whole=True)
_SEED = _Number(high=2**32 - 1, is_whole=True, is_optional=True)
_OF_ONE_KIND = _Number(is_optional=True)

_NUMBERS: Final = {
    "n_factors": _COUNT,
    "n_epochs": _COUNT,
    "init_mean": _Number(low=-math.inf),
    "init_std_dev": _Number(),
    "lr_all": _Number(),
    "reg_all": _Number(),
    "lr_bu": _OF_ONE_KIND,
    "lr_bi": _OF_ONE_KIND,
    "lr_pu": _OF_ONE_KIND,
    "lr_qi": _OF_ONE_KIND,
    "reg_bu": _OF_ONE_KIND,
    "reg_bi": _OF_ONE_KIND,
    "reg_pu": _OF_ONE_KIND,
    "reg_qi": _OF_ONE_KIND,
    "random_state": _SEED,
}
_OWN_NUMBERS: Final = {"n_threads": _Number(low=1, is_whole=True, is_optional=True)}

BIASED: Final = "biased"
EXACT: Final = "exact"
_FLAGS: Final = (BIASED, EXACT)

PARAMETER_NAMES: Final = (BIASED, *_NUMBERS)
"""The arguments of Surprise's SVD, without `verbose`, which changes nothing in the model."""

OWN_PARAMETER_NAMES: Final = (EXACT, *_OWN_NUMBERS)
"""The arguments that only this project's SVD has."""


def check_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Check the names, types and ranges of a fit's parameters; those left out keep their defaults.

    Args:
        params: Any of `PARAMETER_NAMES` and `OWN_PARAMETER_NAMES`. A whole number may stand for a
            fractional one, not the other way round.

    Returns:
        The same parameters as plain Python values.

    Raises:
        ConfigError: If a name is unknown, or a value has the wrong type or is out of range.
    """
    allowed = (*PARAMETER_NAMES, *OWN_PARAMETER_NAMES)
    if unknown := [str(name) for name in params if name not in allowed]:
        raise ConfigError(
            f"unknown model parameter(s) {', '.join(unknown)}: allowed are {', '.join(allowed)}."
        )
    return {name: _checked(name, value) for name, value in params.items()}


def _checked(name: str, value: Any) -> int | float | bool | None:
    if name in _FLAGS:
        if not isinstance(value, bool):
            raise ConfigError(f"model parameter {name}={value!r}: allowed is true or false.")
        return value
    number = _NUMBERS.get(name) or _OWN_NUMBERS[name]
    if not number.holds(value):
        raise ConfigError(f"model parameter {name}={value!r}: allowed is {number}.")
    return number.plain(value)
