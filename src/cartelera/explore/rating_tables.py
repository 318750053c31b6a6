"""What the ratings hold: pure computations on clean ratings and the titles they rate."""

import numpy as np
import pandas as pd
from scipy import special

from cartelera import columns as c
from cartelera.explore.tables import N_TITLES

SHARE = "share"
LEVEL = "level"
LOW = "low"
HIGH = "high"

_UPPER_TAIL = 0.975  # where a 95 % interval ends
_YEARS = "datetime64[Y]"


def scores(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the exact mean and the number of ratings of every rated title, by title id.

    Sums of half stars are exact in float64, so the mean is the nearest float to the true one.
    """
    by_title = ratings.groupby(c.TITLE_ID, sort=True)[c.RATING].agg(["sum", "size"])
    return pd.DataFrame(
        {
            c.TITLE_ID: by_title.index.astype("str"),
            c.SCORE: (by_title["sum"] / by_title["size"]).to_numpy(dtype=np.float64),
            c.N_RATINGS: by_title["size"].to_numpy(dtype=np.int64),
        }
    )


def rated_titles(titles: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Join the rated titles with their score and number of ratings, in the order of the titles."""
    joined = titles.merge(scores(ratings), left_on=c.ID, right_on=c.TITLE_ID, how="inner")
    return joined.drop(columns=c.TITLE_ID)


def rating_distribution(ratings: pd.DataFrame) -> pd.DataFrame:
    """Count the ratings of each value: columns `rating`, `n_ratings`, `share`."""
    counts = ratings[c.RATING].value_counts().sort_index().rename(c.N_RATINGS).reset_index()
    counts[SHARE] = counts[c.N_RATINGS] / max(len(ratings), 1)
    return counts


def ranked_counts(ratings: pd.DataFrame, column: str) -> np.ndarray:
    """Count the ratings of each user or title and give the counts, largest first."""
    return ratings[column].value_counts().to_numpy(dtype=np.int64)


def share_of_top(ranked: np.ndarray, fraction: float) -> float:
    """Return the share of all ratings that the most active fraction holds, at least one."""
    if ranked.size == 0:
        return 0.0
    n_top = max(1, round(fraction * ranked.size))
    return float(ranked[:n_top].sum() / ranked.sum())


def ratings_by_year(ratings: pd.DataFrame) -> pd.Series:
    """Count ratings by the year (UTC) they were given in, without gaps."""
    counts = rating_years(ratings).value_counts()
    if counts.empty:
        return counts
    return counts.reindex(range(counts.index.min(), counts.index.max() + 1), fill_value=0)


def rating_years(ratings: pd.DataFrame) -> pd.Series:
    """Return the year (UTC) of every rating."""
    seconds = ratings[c.TIMESTAMP].to_numpy(dtype="datetime64[s]")
    years = seconds.astype(_YEARS).astype(np.int64) + 1970
    return pd.Series(years, index=ratings.index, name="year")


def score_by(rated: pd.DataFrame, levels: pd.Series) -> pd.DataFrame:
    """Return the mean rating of each level of a title's attribute, with a 95 % interval.

    Ratings of one title are not independent, so titles are the unit that is drawn: the standard
    error is sqrt(T / (T - 1) sum_t (S_t - n_t m)^2) / N, with S_t and n_t the sum and number of a
    title's ratings, m the mean, N the number of all ratings and T that of the titles of the level
    (the ratio estimator of cluster sampling, Cochran, Sampling Techniques, 1977, chapter 9A).
    The interval is that of Student's t with T - 1 degrees of freedom: levels of few titles are
    frequent.

    Args:
        rated: Titles with `score` and `n_ratings` and a unique index.
        levels: The level of each title; its index may repeat (several levels of one title).

    Returns:
        Columns `level`, `n_titles`, `n_ratings`, `score`, `low`, `high`, in the order of the
        levels; a level with one title has no interval (null).
    """
    known = levels.dropna()
    counts = rated.loc[known.index, c.N_RATINGS].to_numpy(dtype=np.float64)
    sums = counts * rated.loc[known.index, c.SCORE].to_numpy(dtype=np.float64)
    codes, names = pd.factorize(known, sort=True)

    n_titles = np.bincount(codes, minlength=len(names))
    n_ratings = np.bincount(codes, weights=counts, minlength=len(names))
    means = np.bincount(codes, weights=sums, minlength=len(names)) / np.maximum(n_ratings, 1)
    residuals = sums - counts * means[codes]
    squares = np.bincount(codes, weights=residuals**2, minlength=len(names))
    freedom = np.maximum(n_titles - 1, 1)
    errors = np.sqrt(squares * n_titles / freedom) / np.maximum(n_ratings, 1)
    reach = np.where(n_titles > 1, special.stdtrit(freedom, _UPPER_TAIL) * errors, np.nan)
    return pd.DataFrame(
        {
            LEVEL: names,
            N_TITLES: n_titles,
            c.N_RATINGS: n_ratings.astype(np.int64),
            c.SCORE: means,
            LOW: means - reach,
            HIGH: means + reach,
        }
    )


def without_gaps(table: pd.DataFrame, step: int) -> pd.DataFrame:
    """Return what `score_by` gave with a row for each level in between, without a score.

    Args:
        table: Its levels are whole multiples of the step, ascending.
        step: From one level to the next.
    """
    if table.empty:
        return table
    first, last = table[LEVEL].iloc[0], table[LEVEL].iloc[-1]
    filled = table.set_index(LEVEL).reindex(range(first, last + 1, step)).rename_axis(LEVEL)
    counts = [N_TITLES, c.N_RATINGS]
    return filled.assign(**{n: filled[n].fillna(0).astype("int64") for n in counts}).reset_index()
