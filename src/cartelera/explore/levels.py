"""How the cells of a column fall into levels: what a rating's variance is grouped by."""

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.explore.tables import MISSING_LEVEL, tokens, years_added

N_GROUPS = 10
"""Groups of about equal size that durations and release years are cut into."""

_TOKENS = (c.DIRECTOR, c.CAST, c.COUNTRY, c.LISTED_IN)


def title_levels(titles: pd.DataFrame, column: str) -> pd.Series:
    """Return the levels of each title in a column.

    People, countries and genres: one level a name, so a title may have several and its index
    repeats. Release years: up to ten groups, since 80 levels that know nothing of each other would
    hide what decades show. Durations: up to ten groups in each unit. Dates: the year. Everything
    else: the value. A missing cell is a level of its own, since what a platform leaves out says
    something too.
    """
    if column in _TOKENS:
        levels = tokens(titles[column])
        without = titles.index.difference(levels.index)
        missing = pd.Series(MISSING_LEVEL, index=without, dtype="str")
        return pd.concat([levels, missing]).sort_index(kind="stable")
    if column == c.RELEASE_YEAR:
        return equal_groups(titles[c.RELEASE_YEAR])
    if column == c.DATE_ADDED:
        return years_added(titles).astype("str").fillna(MISSING_LEVEL)
    if column == c.DURATION_INT:
        return _duration_groups(titles).fillna(MISSING_LEVEL)
    return titles[column].astype("str").fillna(MISSING_LEVEL)


def equal_groups(numbers: pd.Series) -> pd.Series:
    """Cut numbers into up to ten groups of about equal size; equal numbers stay together.

    Args:
        numbers: Without nulls.
    """
    values = numbers.to_numpy(dtype=np.float64)
    if values.size == 0:
        return pd.Series(index=numbers.index, dtype="str")
    edges = np.quantile(values, np.arange(1, N_GROUPS) / N_GROUPS)
    groups = np.searchsorted(edges, values, side="left")
    return pd.Series(groups, index=numbers.index).astype("str")


def _duration_groups(titles: pd.DataFrame) -> pd.Series:
    """Cut durations into groups in each unit; null where unknown."""
    groups = pd.Series(pd.NA, index=titles.index, dtype="str")
    for unit in c.DURATION_TYPES:
        known = titles.loc[titles[c.DURATION_TYPE] == unit, c.DURATION_INT].dropna()
        groups.loc[known.index] = unit + " " + equal_groups(known)
    return groups
