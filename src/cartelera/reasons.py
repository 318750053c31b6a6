"""Why rows were dropped or rejected, rule by rule."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd

from cartelera import columns as c

NO_HINTS: Final[Mapping[str, str]] = MappingProxyType({})


def reasons(rows: pd.DataFrame) -> dict[str, int]:
    """Count dropped or rejected rows by rule, without the offending values; commonest first."""
    rules = rows[c.REASON].str.split(": ", n=1).str[0]
    counts: dict[str, int] = {str(rule): int(n) for rule, n in rules.value_counts().items()}
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def hint_for(rejected: pd.DataFrame, hints: Mapping[str, str]) -> str | None:
    """Return what to do about the rule that rejects most, if it is known.

    Args:
        rejected: Rejected rows with their reasons.
        hints: What to do, by the beginning of a rule.
    """
    rule = next(iter(reasons(rejected)), "")
    return next((hint for start, hint in hints.items() if rule.startswith(start)), None)
