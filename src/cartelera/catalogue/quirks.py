"""Counts of the flaws that raw catalogues come with, for the report of the cleaning."""

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.catalogue.people import has_letter, is_nobody, is_suffix
from cartelera.catalogue.text import DURATION, lower, tidy

_LISTS: Final = (c.DIRECTOR, c.CAST, c.COUNTRY, c.LISTED_IN)
_NAMES: Final = (c.DIRECTOR, c.CAST)
_STRAY_COMMA: Final = r"^\s*,|,\s*,|,\s*$"
_DURATION: Final = re.compile(DURATION)
_NO_LENGTH: Final = r"\s*0+ ?(?:min|seasons?)\s*"
_IN_NAMES: Final[dict[str, Callable[[str], bool]]] = {
    "name_without_letter": lambda item: not has_letter(item),
    "word_for_nobody": is_nobody,
    "suffix_after_comma": is_suffix,
}
_IN_CELLS: Final = {
    "cells_with_line_break": r"[\n\r\u2028\u2029]",
    "cells_with_unusual_space": r"[\t\u00a0\u2000-\u200a\u202f\u205f\u3000]",
    "cells_with_zero_width_character": r"[\u200b-\u200f\u2060\ufeff]",
    "cells_with_replacement_character": "\ufffd",
}


def describe(raw: pd.DataFrame, clean: pd.DataFrame) -> dict[str, Any]:
    """Count what one platform's catalogue holds and which flaws it came with.

    Args:
        raw: The raw titles, with index 0 to n - 1.
        clean: The clean titles, with the index of the raw rows they come from.

    Returns:
        Numbers of titles by type, nulls a column, repaired durations by unit, flaws by kind, and
        titles a certificate as published, by spelling; all JSON-able.
    """
    published = clean.loc[~clean[c.CERTIFICATE_IMPUTED], c.CERTIFICATE]
    has_duration = [
        _DURATION.fullmatch(lower(tidy(text))) is not None
        for text in raw.loc[clean.index, c.DURATION]
    ]

    # What has a duration now and had none is what was repaired.
    repaired = clean.loc[~np.array(has_duration, dtype=bool), c.DURATION_TYPE]

    return {
        "titles": len(clean),
        "types": {kind: int((clean[c.TYPE] == kind).sum()) for kind in c.TYPES},
        "nulls": {str(column): int(n) for column, n in clean.isna().sum().items()},
        "certificates_imputed": int(clean[c.CERTIFICATE_IMPUTED].sum()),
        "durations_repaired": {unit: int((repaired == unit).sum()) for unit in c.DURATION_TYPES},
        "flaws": _flaws(raw),
        "certificates": {
            str(spelling): int(n) for spelling, n in sorted(published.value_counts().items())
        },
    }


def _flaws(raw: pd.DataFrame) -> dict[str, int]:
    dates = raw[c.DATE_ADDED]
    counts = {
        "dates_with_outer_space": (dates != dates.str.strip()).sum(),
        "durations_of_0": raw[c.DURATION].str.fullmatch(_NO_LENGTH).sum(),
        **{f"{column}_with_stray_comma": _matches(raw, column, _STRAY_COMMA) for column in _LISTS},
        **{
            f"{column}_with_{kind}": _with_item(raw[column], is_meant)
            for column in _NAMES
            for kind, is_meant in _IN_NAMES.items()
        },
        **{
            kind: sum(_matches(raw, column, pattern) for column in c.RAW_TITLE_COLUMNS)
            for kind, pattern in _IN_CELLS.items()
        },
    }
    return {kind: int(count) for kind, count in counts.items()}


def _matches(raw: pd.DataFrame, column: str, pattern: str) -> int:
    return int(raw[column].str.contains(pattern, regex=True).sum())


def _with_item(column: pd.Series, is_meant: Callable[[str], bool]) -> int:
    """Count the lists of people that hold an item of some kind, empty items aside."""
    return sum(
        any(item and is_meant(item) for item in map(tidy, text.split(","))) for text in column
    )
