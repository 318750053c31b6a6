"""Optuna's samplers and pruners by import path."""

import importlib
import inspect
import warnings
from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

import numpy as np
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler, GridSampler

from cartelera.errors import ConfigError

TARGET: Final = "_target_"

Built = TypeVar("Built")


def build_sampler(settings: Mapping[str, Any], seed: int, number: int = 0) -> BaseSampler:
    """Build the sampler of one trial from `_target_` and its keyword arguments.

    Each trial has a sampler of its own, and so a seed of its own; samplers inside it, too.

    Args:
        settings: Import path and arguments; an argument may be a component itself.
        seed: The search's seed.
        number: The trial's number.

    Raises:
        ConfigError: If there is no such sampler in Optuna, it does not take the arguments, or it
            needs what is not installed.
    """
    return _build("search.sampler", settings, BaseSampler, (seed, number))


def build_pruner(settings: Mapping[str, Any]) -> BasePruner:
    """Build a pruner from `_target_` and its keyword arguments.

    Raises:
        ConfigError: If there is no such pruner in Optuna or it does not take the arguments.
    """
    return _build("search.pruner", settings, BasePruner, (0, 0))


def draw_seed(seed: int, number: int) -> int:
    """Derive the seed of one trial's draw, so that it depends on nothing but the trials before."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _build(
    where: str, settings: Mapping[str, Any], kind: type[Built], seeds: tuple[int, int]
) -> Built:
    """Build a component, those among its arguments first, such as what a `PatientPruner` wraps."""
    factory = _find(where, settings)
    if not (inspect.isclass(factory) and issubclass(factory, kind)):
        raise ConfigError(f"{where}.{TARGET}={settings[TARGET]} is not a {kind.__name__}.")

    # A component among the arguments is built first, as in Hydra's recursive instantiation.
    arguments: dict[str, Any] = {
        name: _build(f"{where}.{name}", cast(Mapping[str, Any], value), object, seeds)
        if isinstance(value, Mapping) and TARGET in value
        else value
        for name, value in settings.items()
        if name != TARGET
    }

    if issubclass(factory, BaseSampler):
        arguments |= _seed(where, factory, arguments, *seeds)

    # Some of Optuna's parts are experimental for years; who names one knows.
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            return factory(**arguments)
    except (TypeError, ValueError, AssertionError) as error:
        raise ConfigError(f"{where}: {settings[TARGET]} does not take this: {error}") from error
    except ImportError as error:
        raise ConfigError(
            f"{where}: {settings[TARGET]} needs a package that is not installed: {error}"
        ) from error


def _seed(
    where: str, sampler: type[BaseSampler], arguments: Mapping[str, Any], seed: int, number: int
) -> dict[str, int]:
    if "seed" in arguments:
        raise ConfigError(f"{where}.seed is not a setting of its own: set search.seed.")
    if "seed" not in inspect.signature(sampler).parameters:
        return {}
    # A grid's seed says in which order all trials together go through it.
    return {"seed": seed if issubclass(sampler, GridSampler) else draw_seed(seed, number)}


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
