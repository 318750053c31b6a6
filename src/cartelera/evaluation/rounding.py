"""How many decimals written numbers keep, so that files do not differ between machines."""

from collections.abc import Mapping
from typing import Any, Final

DIGITS: Final = 6
"""Decimals kept: float32 arithmetic differs beyond them from one machine to the next."""


def rounded(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same with `DIGITS` decimals, at any depth.

    >>> rounded({"rmse": 0.12345678, "of": {"n": 3}})
    {'rmse': 0.123457, 'of': {'n': 3}}
    """
    return {
        name: rounded(value)
        if isinstance(value, Mapping)
        else round(value, DIGITS)
        if isinstance(value, float)
        else value
        for name, value in content.items()
    }
