"""Optuna's samplers and pruners by import path."""

import importlib
import inspect
import warnings
from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler

from cartelera.errors import ConfigError

TARGET: Final = "_target_"

Built = TypeVar("Built")


def build_sampler(settings: Mapping[str, Any], seed: int) -> BaseSampler:
    """Build a sampler from `_target_` and its keyword arguments, with an explicit seed.

    Raises:
        ConfigError: If there is no such sampler in Optuna or it does not take the arguments.
    """
    if "seed" in settings:
        raise ConfigError("search.sampler.seed is not a setting of its own: set search.seed.")
    where = "search.sampler"
    takes_seed = "seed" in inspect.signature(_find(where, settings)).parameters
    seeded = {**settings, "seed": seed} if takes_seed else settings
    return _build(where, seeded, BaseSampler)


def build_pruner(settings: Mapping[str, Any]) -> BasePruner:
    """Build a pruner from `_target_` and its keyword arguments.

    Raises:
        ConfigError: If there is no such pruner in Optuna or it does not take the arguments.
    """
    return _build("search.pruner", settings, BasePruner)


def draw_seed(seed: int, number: int) -> int:
    """Derive the seed of one trial's draw, so that it depends on nothing but the trials before."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _build(where: str, settings: Mapping[str, Any], kind: type[Built]) -> Built:
    factory = _find(where, settings)
    arguments = {
        name: _argument(f"{where}.{name}", value)
        for name, value in settings.items()
        if name != TARGET
    }
    if not (inspect.isclass(factory) and issubclass(factory, kind)):
        raise ConfigError(f"{where}.{TARGET}={settings[TARGET]} is not a {kind.__name__}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return factory(**arguments)
    except (TypeError, ValueError, AssertionError) as error:
        raise ConfigError(f"{where}: {settings[TARGET]} does not take this: {error}") from error


def _argument(where: str, value: Any) -> object:
    """Build a nested component, such as the pruner a `PatientPruner` wraps."""
    if not isinstance(value, Mapping) or TARGET not in value:
        return cast(object, value)
    return _build(where, cast(Mapping[str, Any], value), object)


def _find(where: str, settings: Mapping[str, Any]) -> Any:
    path = settings.get(TARGET)
    if not isinstance(path, str) or not path.startswith("optuna."):
        raise ConfigError(
            f"{where}.{TARGET}={path!r}: allowed are import paths inside Optuna, "
            "such as optuna.samplers.TPESampler or optuna.pruners.MedianPruner."
        )
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{where}.{TARGET}={path}: Optuna has nothing of that name.") from error
