"""Search spaces as data: checked before the first trial, drawn from by Optuna.

A space maps a parameter of a model to what it may be: a fixed value, or a mapping with

- `type: int` or `type: float`, `low`, `high` and optionally `log: true` or `step`;
- `type: categorical` and `choices`;

either with `when`, a mapping from other parameters to lists of values: the parameter is drawn only
in trials in which each of these has one of its values. In all others it is what the model's own
parameters say, if they say anything.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, cast

import optuna

from cartelera.errors import ConfigError
from cartelera.models.model_parameters import N_EPOCHS, ModelParameters
from cartelera.search.conditions import (
    WHEN,
    Condition,
    Value,
    holds,
    in_order,
    parse_condition,
)

_RANGE_KEYS: Final = frozenset({"type", "low", "high", "log", "step", WHEN})
_CATEGORICAL_KEYS: Final = frozenset({"type", "choices", WHEN})


@dataclass(frozen=True)
class Parameter:
    """One drawn parameter.

    Attributes:
        name: The model's name of it.
        kind: What is drawn: whole numbers, numbers, or one of `choices`.
        low: Smallest value drawn (ranges only).
        high: Largest value drawn (ranges only).
        log: Whether draws are even in the logarithm.
        step: Distance of the grid of draws; none for floats without a grid.
        choices: The values to choose from (categorical only).
        when: The condition under which it is drawn; empty if always.
    """

    name: str
    kind: Literal["int", "float", "categorical"]
    low: float = 0
    high: float = 0
    log: bool = False
    step: float | None = None
    choices: tuple[Value, ...] = ()
    when: Condition = field(default_factory=dict[str, tuple[Value, ...]])

    def draw(self, trial: optuna.trial.BaseTrial) -> Value:
        """Draw a value in a trial; the same trial gives the same value each time."""
        if self.kind == "categorical":
            return trial.suggest_categorical(self.name, self.choices)
        if self.kind == "int":
            low, high = int(self.low), int(self.high)
            return trial.suggest_int(self.name, low, high, step=int(self.step or 1), log=self.log)
        return trial.suggest_float(self.name, self.low, self.high, step=self.step, log=self.log)

    def allows(self, value: object) -> bool:
        """Tell whether it could draw a value."""
        if self.kind == "categorical":
            return value in self.choices
        if isinstance(value, bool) or not isinstance(
            value, int if self.kind == "int" else int | float
        ):
            return False
        steps = (value - self.low) / self.step if self.step else 0
        return self.low <= value <= self.high and math.isclose(steps, round(steps), abs_tol=1e-9)

    def whole_numbers(self) -> tuple[int, ...]:
        """List every value of a whole-numbered parameter, ascending."""
        if self.kind == "categorical":
            return tuple(sorted(int(cast(int, choice)) for choice in self.choices))
        return tuple(range(int(self.low), int(self.high) + 1, int(self.step or 1)))


@dataclass(frozen=True)
class Space:
    """A checked search space.

    Attributes:
        drawn: The parameters that trials differ in, by name, each behind those it depends on.
        fixed: The parameters that all trials share.
        otherwise: What conditional parameters are where they are not drawn; the model's defaults
            for those that are missing here.
    """

    drawn: Mapping[str, Parameter]
    fixed: Mapping[str, Value]
    otherwise: Mapping[str, Value]

    def draw(
        self, trial: optuna.trial.BaseTrial, *, without: str | None = None
    ) -> dict[str, Value]:
        """Return all parameters of a trial, drawing what is drawn, but for one."""
        values = dict(self.fixed)
        for name, parameter in self.drawn.items():
            if name == without:
                continue
            if holds(parameter.when, values):
                values[name] = parameter.draw(trial)
            elif name in self.otherwise:
                values[name] = self.otherwise[name]
        return values


def parse_space(
    space: Mapping[str, Any], params: Mapping[str, Any], known: ModelParameters
) -> Space:
    """Check a search space and the model's own parameters, which hold where the space is silent.

    Args:
        space: Name to range, choices or fixed value.
        params: The model's parameters; those in the space are overridden.
        known: The parameters the model takes, and where the settings stand.

    Raises:
        ConfigError: If a parameter is unknown to the model, a range is empty, of the wrong
            type or not fit for a logarithm, a key is unknown, or a condition can never be met; says
            which and what is allowed.
    """
    drawn: dict[str, Parameter] = {}
    fixed: dict[str, Value] = {}
    otherwise: dict[str, Value] = {}
    for name, value in params.items():
        fixed[name] = known.checked(f"{known.params}.{name}", name, value)

    # A range beats the model's own parameter, which then holds where a condition excludes it.
    for name, entry in space.items():
        where = f"{known.space}.{name}"
        if isinstance(entry, Mapping):
            drawn[name] = _parse_entry(where, name, cast(Mapping[str, Any], entry), known)
            if name in fixed:
                otherwise[name] = fixed.pop(name)
        else:
            fixed[name] = known.checked(where, name, entry)

    if known.has_epochs and N_EPOCHS not in drawn and N_EPOCHS not in fixed:
        raise ConfigError(f"{N_EPOCHS} is missing: add it to {known.space} or to {known.params}.")
    if not any(name not in known.seeds for name in drawn):
        raise ConfigError(f"{known.space} draws nothing: give at least one parameter a range.")

    return Space(_by_dependence(drawn, fixed), fixed, otherwise)


def _by_dependence(
    drawn: Mapping[str, Parameter], fixed: Mapping[str, Value]
) -> dict[str, Parameter]:
    possible: dict[str, tuple[Value, ...]] = {name: (value,) for name, value in fixed.items()}
    possible |= {name: p.choices for name, p in drawn.items() if p.choices}
    possible.pop(N_EPOCHS, None)  # it is read off a curve after all others are drawn
    conditions = {name: parameter.when for name, parameter in drawn.items()}
    return {name: drawn[name] for name in in_order(conditions, possible)}


def _parse_entry(
    where: str, name: str, entry: Mapping[str, Any], known: ModelParameters
) -> Parameter:
    known.check_searchable(where, name)
    if WHEN not in entry:
        return _parse_kind(where, name, entry, known)
    if name == N_EPOCHS:
        raise ConfigError(f"{where}: {N_EPOCHS} is needed in every trial; remove {WHEN}.")
    when = parse_condition(where, entry[WHEN], known.checked)
    return replace(_parse_kind(where, name, entry, known), when=when)


def _parse_kind(
    where: str, name: str, entry: Mapping[str, Any], known: ModelParameters
) -> Parameter:
    kind = entry.get("type")
    if kind == "categorical":
        return _parse_choices(where, name, entry, known)
    if kind not in ("int", "float"):
        raise ConfigError(f"{where}.type={kind!r}: allowed are int, float, categorical.")
    _check_keys(where, entry, allowed=_RANGE_KEYS, needed={"low", "high"})
    if name in known.flags:
        raise ConfigError(
            f"{where} is true or false: use type: categorical, choices: [true, false]."
        )
    if (name in known.whole) != (kind == "int"):
        allowed = "int" if name in known.whole else "float"
        raise ConfigError(f"{where}.type={kind}: allowed is {allowed}.")
    return _parse_range(where, name, kind, entry, known)


def _parse_range(
    where: str,
    name: str,
    kind: Literal["int", "float"],
    entry: Mapping[str, Any],
    known: ModelParameters,
) -> Parameter:
    low, high = (
        _number(f"{where}.{key}", entry[key], whole=kind == "int") for key in ("low", "high")
    )
    log = entry.get("log", False)
    if not isinstance(log, bool):
        raise ConfigError(f"{where}.log={log!r}: allowed are true and false.")

    step = entry.get("step")
    if step is not None and _number(f"{where}.step", step, whole=kind == "int") <= 0:
        raise ConfigError(f"{where}.step={step}: allowed is more than 0.")
    if step is not None and log:
        raise ConfigError(f"{where}: log and step exclude each other; keep one of them.")
    if low > high:
        raise ConfigError(f"{where}: low={low} is above high={high}.")
    if log and low <= 0:
        raise ConfigError(f"{where}: with log: true, low={low} must be more than 0.")

    for bound in (low, high):
        known.checked(where, name, bound)
    return Parameter(name, kind, low=low, high=high, log=log, step=step)


def _parse_choices(
    where: str, name: str, entry: Mapping[str, Any], known: ModelParameters
) -> Parameter:
    _check_keys(where, entry, allowed=_CATEGORICAL_KEYS, needed={"choices"})
    choices = entry["choices"]
    if not isinstance(choices, list | tuple) or not choices:
        raise ConfigError(f"{where}.choices={choices!r}: allowed is a list of at least one value.")
    checked = tuple(
        known.checked(f"{where}.choices", name, choice) for choice in cast(list[Any], choices)
    )
    if len(set(checked)) < len(checked):
        raise ConfigError(f"{where}.choices={list(checked)}: a value stands there twice.")
    return Parameter(name, "categorical", choices=checked)


def _check_keys(
    where: str, entry: Mapping[str, Any], *, allowed: frozenset[str], needed: set[str]
) -> None:
    unknown = sorted(set(map(str, entry)) - allowed)
    if unknown:
        raise ConfigError(
            f"{where}: unknown key {', '.join(unknown)}; allowed are {', '.join(sorted(allowed))}."
        )
    missing = sorted(needed - set(entry))
    if missing:
        raise ConfigError(f"{where}: {' and '.join(missing)} missing.")


def _number(where: str, value: Any, *, whole: bool) -> float:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ConfigError(f"{where}={value!r}: allowed is a {'whole ' if whole else ''}number.")
    if not math.isfinite(value):
        raise ConfigError(f"{where}={value}: allowed is a finite number.")
    return value
