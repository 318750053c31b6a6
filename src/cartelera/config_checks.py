"""Checks of single settings, with errors that name the key and what it may be."""

import math
import re

from cartelera.errors import ConfigError


def require(holds: bool, key: str, value: object, allowed: str) -> None:
    """Refuse a value that is out of range.

    Raises:
        ConfigError: If it is; the other checks raise the same.
    """
    if not holds:
        raise ConfigError(f"{key}={value} is out of range: allowed is {allowed}.")


def require_at_least(minimum: float, **values: float) -> None:
    """Refuse values below a minimum, and those that are not finite."""
    for key, value in values.items():
        require(math.isfinite(value) and value >= minimum, key, value, f"{minimum} or more")


def require_fraction(**values: float) -> None:
    """Refuse values that do not lie between 0 and 1."""
    for key, value in values.items():
        require(0 < value < 1, key, value, "a number between 0 and 1")


def require_no_password(key: str, uri: str, instead: str) -> None:
    """Keep secrets out of what is written to params.yaml, dvc.lock and MLflow."""
    if re.search(r"://[^/@:]*:[^@]*@|[?&]password=", uri):
        raise ConfigError(f"{key} has a password in it: leave it out and set {instead}.")
