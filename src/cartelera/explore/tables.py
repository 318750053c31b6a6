"""What the catalogues hold: pure computations on clean titles."""

from collections.abc import Sequence

import pandas as pd

from cartelera import columns as c
from cartelera.platforms import PUBLISHED

MISSING_LEVEL = "(missing)"
VALUE = "value"
N_TITLES = "n_titles"
N_IMPUTED = "n_imputed"
YEAR_ADDED = "year_added"

_CELL_SEPARATOR = ", "
_TUKEY_REACH = 1.5


def tokens(values: pd.Series) -> pd.Series:
    """Return one entry a token of comma-joined cells; the index repeats, nulls and repeats go."""
    parts = values.dropna().str.split(_CELL_SEPARATOR).explode().str.strip()
    parts = parts[parts != ""]
    return parts[~parts.to_frame().assign(row=parts.index).duplicated()]


def catalogue_sizes(
    titles: pd.DataFrame, platforms: Sequence[str] = PUBLISHED.names
) -> pd.DataFrame:
    """Count titles by platform (index, all of them, zero included) and type (columns)."""
    sizes = pd.crosstab(titles[c.PLATFORM], titles[c.TYPE])
    return sizes.reindex(index=list(platforms), columns=list(c.TYPES), fill_value=0)


def titles_by_year(
    titles: pd.DataFrame, years: pd.Series, platforms: Sequence[str] = PUBLISHED.names
) -> pd.DataFrame:
    """Count titles by year (index, without gaps) and platform (columns).

    Args:
        titles: Clean titles.
        years: A year for each title, with the same index; a null counts nowhere.
        platforms: The platforms there are, in order.
    """
    known = years.dropna().astype("int64")
    counts = pd.crosstab(known.rename("year"), titles.loc[known.index, c.PLATFORM])
    counts = counts.reindex(columns=list(platforms), fill_value=0)
    if counts.empty:
        return counts
    return counts.reindex(range(known.min(), known.max() + 1), fill_value=0)


def years_added(titles: pd.DataFrame) -> pd.Series:
    """Return the year each title was added to its platform, null where unknown."""
    return pd.to_numeric(titles[c.DATE_ADDED].str[:4]).astype("Int64").rename(YEAR_ADDED)


def with_duration(titles: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return the titles whose duration is known in a unit, shortest first, then by title and id."""
    known = titles[(titles[c.DURATION_TYPE] == unit) & titles[c.DURATION_INT].notna()]
    return known.astype({c.DURATION_INT: "int64"}).sort_values(
        [c.DURATION_INT, c.DISPLAY_TITLE, c.ID]
    )


def duration_fences(durations: pd.Series) -> tuple[float, float]:
    """Return the fences of outliers (Tukey 1977): quartiles -/+ 1.5 interquartile ranges."""
    lower, upper = durations.quantile(0.25), durations.quantile(0.75)
    reach = _TUKEY_REACH * (upper - lower)
    return float(lower - reach), float(upper + reach)


def extreme_titles(titles: pd.DataFrame, unit: str, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the n longest (longest first) and the n shortest titles in a unit."""
    known = with_duration(titles, unit)
    longest = known.sort_values(
        [c.DURATION_INT, c.DISPLAY_TITLE, c.ID], ascending=[False, True, True]
    )
    return longest.head(n), known.head(n)


def missing_shares(
    titles: pd.DataFrame, platforms: Sequence[str] = PUBLISHED.names
) -> pd.DataFrame:
    """Return the share of missing cells by column (index, most missing first) and platform.

    An imputed certificate counts as missing. Columns without a missing cell are left out, and so
    are platforms without titles.
    """
    derived = [c.CERTIFICATE_IMPUTED, *c.DISPLAY_COLUMNS.values()]
    missing = titles.drop(columns=derived).isna()
    missing[c.CERTIFICATE] = titles[c.CERTIFICATE_IMPUTED].astype(bool)
    shares = missing.groupby(titles[c.PLATFORM]).mean().T
    shares = shares.reindex(columns=[name for name in platforms if name in shares])
    overall = missing.mean()
    return shares.loc[overall[overall > 0].sort_values(ascending=False, kind="stable").index]


def top_values(titles: pd.DataFrame, column: str, n: int) -> pd.DataFrame:
    """Count the titles of each token of a column and give the n commonest.

    Returns:
        Columns `value` and `n_titles`, commonest first, ties alphabetically.
    """
    counts = tokens(titles[column]).value_counts().rename(N_TITLES).rename_axis(VALUE).reset_index()
    ranked = counts.sort_values([N_TITLES, VALUE], ascending=[False, True])
    return ranked.head(n).reset_index(drop=True)


def top_certificates(titles: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return the n commonest certificates and how many of their titles had none of their own.

    Returns:
        Columns `value`, `n_titles` and `n_imputed` (included in `n_titles`).
    """
    top = top_values(titles, c.CERTIFICATE, n)
    imputed = titles.loc[titles[c.CERTIFICATE_IMPUTED].astype(bool), c.CERTIFICATE].value_counts()
    top[N_IMPUTED] = top[VALUE].map(imputed).fillna(0).astype("int64")
    return top
