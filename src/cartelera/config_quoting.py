"""Quoting the values of settings that are texts: any path can be said as it is."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Final, get_args, get_type_hints

from cartelera.config_sources import SOURCES
from cartelera.config_types import Config

_QUOTED: Final = re.compile(r"'.*'|\".*\"", re.DOTALL)
_OVERRIDE: Final = re.compile(r"(\+{0,2}([\w.-]+))=(.*)", re.DOTALL)
_OF_PLATFORMS: Final = re.compile(r"catalogue\.platforms\.[\w-]+\.(file|initial|label|colour)")


def quoted(override: str) -> str:
    r"""Return an override with its value in quotes, if the setting is a text and it has none yet.

    What Hydra reads as something else stays: null, and interpolations.

    >>> quoted("data.path=/my films, 100% #1")
    "data.path='/my films, 100% #1'"
    >>> quoted("search.n_trials=5")
    'search.n_trials=5'
    """
    parts = _OVERRIDE.fullmatch(override)
    if parts is None or not _is_text(parts[2]):
        return override
    value = parts[3]
    if value in ("", "null", "???") or "${" in value or _QUOTED.fullmatch(value):
        return override
    sign = '"' if "'" in value else "'"
    # Before a quote, and only there, a backslash is one that is meant to escape.
    inner = re.sub(rf"(\\*){sign}", lambda found: found[1] * 2 + "\\" + sign, value)
    inner = re.sub(r"\\+$", lambda found: found[0] * 2, inner)
    return f"{parts[1]}={sign}{inner}{sign}"


def _is_text(key: str) -> bool:
    return key in _TEXTS or key.startswith("etl.columns.") or bool(_OF_PLATFORMS.fullmatch(key))


def _texts(section: type, prefix: str = "") -> Iterator[str]:
    """Yield the names of the settings that are texts, or texts or null."""
    hints = get_type_hints(section)
    for each in fields(section):
        hint, name = hints[each.name], f"{prefix}{each.name}"
        if hint is str or set(get_args(hint)) == {str, type(None)}:
            yield name
        for part in SOURCES.values() if name == "data" else [hint]:
            if isinstance(part, type) and is_dataclass(part):
                yield from _texts(part, f"{name}.")


_TEXTS: Final = frozenset(_texts(Config))
