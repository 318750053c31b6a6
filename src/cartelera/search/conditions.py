"""Conditions of a search space: which parameters are drawn only beside certain values of others."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from cartelera.errors import ConfigError

WHEN: Final = "when"

Value: TypeAlias = int | float | bool | str | None
Condition: TypeAlias = Mapping[str, tuple[Value, ...]]
"""The values that each of some other parameters may have; empty if there is no condition."""


def holds(condition: Condition, values: Mapping[str, Value]) -> bool:
    """Tell whether a condition is met; a parameter without a value meets none."""
    return all(name in values and values[name] in some for name, some in condition.items())


def parse_condition(
    where: str, entry: object, check: Callable[[str, str, Any], Value]
) -> dict[str, tuple[Value, ...]]:
    """Read what stands under `when`.

    Args:
        where: Key of the parameter that has the condition.
        entry: Other parameters' names to lists of values.
        check: Gets key, parameter and value; gives the value, or raises.

    Raises:
        ConfigError: If the entry has another form, or a value is wrong.
    """
    if not isinstance(entry, Mapping) or not entry:
        raise ConfigError(
            f"{where}.{WHEN}={entry!r}: allowed are other parameters with lists of their values, "
            "such as {biased: [true]}."
        )
    return {
        str(name): _values(f"{where}.{WHEN}.{name}", str(name), values, check)
        for name, values in cast(Mapping[Any, Any], entry).items()
    }


def in_order(
    conditions: Mapping[str, Condition], possible: Mapping[str, Sequence[Value]]
) -> tuple[str, ...]:
    """Check conditions, and order parameters so that each comes behind those it depends on.

    Args:
        conditions: The condition of each drawn parameter, in the order of the space.
        possible: The values of those parameters that others may depend on: the choices of
            categorical ones, the one value of fixed ones.

    Raises:
        ConfigError: If a condition names a parameter that is not there or is drawn from a range,
            can never be met, or depends on itself.
    """
    for name, condition in conditions.items():
        for other, values in condition.items():
            _check_reachable(f"search.space.{name}.{WHEN}.{other}", other, values, possible)

    # Whoever waits for none that waits is next; if nobody is, they wait for each other.
    ordered: list[str] = []
    waiting = list(conditions)
    while waiting:
        ready = [name for name in waiting if not set(conditions[name]) & set(waiting)]
        if not ready:
            raise ConfigError(
                f"search.space: the conditions of {', '.join(waiting)} go in a circle; "
                f"remove {WHEN} from one of them."
            )
        ordered += ready
        waiting = [name for name in waiting if name not in ready]

    return tuple(ordered)


def _values(
    where: str, name: str, values: Any, check: Callable[[str, str, Any], Value]
) -> tuple[Value, ...]:
    if not isinstance(values, list | tuple) or not values:
        raise ConfigError(f"{where}={values!r}: allowed is a list of at least one value.")
    return tuple(check(where, name, value) for value in cast(Sequence[Any], values))


def _check_reachable(
    where: str, other: str, values: Sequence[Value], possible: Mapping[str, Sequence[Value]]
) -> None:
    if other not in possible:
        known = f"allowed are {', '.join(sorted(possible))}" if possible else "there are none"
        raise ConfigError(
            f"{where}: a condition can only be on a fixed or a categorical parameter; {known}."
        )
    if unreachable := [value for value in values if value not in possible[other]]:
        raise ConfigError(
            f"{where}: {other} is never {' or '.join(map(str, unreachable))}; "
            f"allowed are {', '.join(map(str, possible[other]))}."
        )
