"""How strongly each column goes with the rating, and how much of that chance would give."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse, special

from cartelera import columns as c
from cartelera.explore.levels import title_levels
from cartelera.explore.rating_tables import rated_titles, rating_years

TABLE = "table"
COLUMN = "column"
N_LEVELS = "n_levels"
ETA_SQUARED = "eta_squared"
CHANCE = "chance"
ASSOCIATION = "association"
P_VALUE = "p_value"

TITLES = "titles"
RATINGS = "ratings"

_BATCH = 50  # shuffles at once: bounds the memory for columns with many levels
_ROUNDING = 1e-12  # shares below are rounding
_TIE = 1 - 1e-12  # sums of the same numbers in another order differ by rounding


@dataclass(frozen=True)
class _Membership:
    """Which titles belong to which level.

    Attributes:
        n_levels: Levels of the column.
        shares: Matrix (levels, titles) whose columns sum to one.
    """

    n_levels: int
    shares: Any  # a sparse array: scipy comes without types

    def eta_squared(self, counts: np.ndarray, sums: np.ndarray, sum_of_squares: float) -> Any:
        """Return eta squared for each column of counts and sums, of shape (n_titles, m) or flat."""
        level_counts: np.ndarray = self.shares @ counts
        level_sums: np.ndarray = self.shares @ sums
        return np.sum(level_sums**2 / level_counts, axis=0) / sum_of_squares


@dataclass(frozen=True)
class _Totals:
    """Ratings summed by title, as deviations from the grand mean.

    Attributes:
        counts: Ratings of each title, shape (n_titles,).
        sums: Sum of each title's deviations, shape (n_titles,).
        sum_of_squares: Of all single ratings' deviations.
    """

    counts: np.ndarray
    sums: np.ndarray
    sum_of_squares: float


def associations(
    titles: pd.DataFrame, ratings: pd.DataFrame, *, n_permutations: int, seed: int
) -> pd.DataFrame:
    """Measure how every column goes with the rating.

    `eta_squared` is the share of the ratings' variance that lies between the levels of the column
    (Pearson's correlation ratio, squared). A title with m genres counts with 1/m of its ratings in
    each. Many levels alone make this share large: a column of random names, one a user, would
    "explain" much. `chance` is the share that chance gives, and
    `association` = sqrt(max(0, (eta_squared - chance) / (1 - chance))) what is left beyond it, on
    the scale of a correlation (Kelley's epsilon, 1935, where chance is (k - 1) / (n - 1)).

    Columns of titles: chance and p-value by shuffling the column's cells among the rated titles,
    which keeps every title's ratings together; columns of ratings: by the F test of one-way
    analysis of variance.

    Args:
        titles: Clean titles.
        ratings: Clean ratings.
        n_permutations: Shuffles behind chance and p-value of a title's column.
        seed: Seed of the shuffles.

    Returns:
        Columns `table`, `column`, `n_levels`, `eta_squared`, `chance`, `association`, `p_value`;
        one row for every column but the ids of title and work, the published spellings of columns
        in lower case and the rating itself.
    """
    rated = rated_titles(titles, ratings)
    deviations = ratings[c.RATING].to_numpy(dtype=np.float64)
    mean = float(deviations.mean()) if len(deviations) else 0.0
    deviations = deviations - mean
    totals = _Totals(
        counts=rated[c.N_RATINGS].to_numpy(dtype=np.float64),
        sums=(rated[c.N_RATINGS] * (rated[c.SCORE] - mean)).to_numpy(dtype=np.float64),
        sum_of_squares=float(np.sum(deviations**2)),
    )
    unmeasured = {c.ID, c.WORK_ID, *c.DISPLAY_COLUMNS.values()}
    names = [column for column in c.CLEAN_TITLE_COLUMNS if column not in unmeasured]
    memberships = {name: _membership(title_levels(rated, name), rated.index) for name in names}
    rows = _of_titles(memberships, totals, n_permutations, seed)
    rows += [
        _of_ratings(c.USER_ID, ratings[c.USER_ID], deviations),
        _of_ratings(c.TITLE_ID, ratings[c.TITLE_ID], deviations),
        _of_ratings(c.TIMESTAMP, rating_years(ratings), deviations),
    ]
    found = pd.DataFrame(rows)
    beyond = (found[ETA_SQUARED] - found[CHANCE]) / (1 - found[CHANCE]).clip(lower=1e-12)
    found.insert(5, ASSOCIATION, np.sqrt(beyond.where(beyond > _ROUNDING, 0).clip(upper=1)))

    return found


def _membership(levels: pd.Series, index: pd.Index) -> _Membership:
    """Share every title equally among its levels."""
    rows = index.get_indexer(levels.index)
    codes, names = pd.factorize(levels)
    shares = 1 / np.bincount(rows, minlength=len(index))[rows]
    matrix = sparse.csr_array((shares, (codes, rows)), shape=(len(names), len(index)))
    return _Membership(len(names), matrix)


def _of_titles(
    memberships: dict[str, _Membership], totals: _Totals, n_permutations: int, seed: int
) -> list[dict[str, object]]:
    """Measure the columns of titles, all on the same shuffles."""
    total = totals.sum_of_squares
    tested = {
        name: membership
        for name, membership in memberships.items()
        if total > 0 and membership.n_levels > 1
    }
    observed = dict.fromkeys(memberships, 0.0)
    for name, membership in tested.items():
        observed[name] = float(membership.eta_squared(totals.counts, totals.sums, total))

    null_sums = dict.fromkeys(memberships, 0.0)
    n_as_large = dict.fromkeys(memberships, n_permutations)
    n_as_large.update(dict.fromkeys(tested, 0))
    rng = np.random.default_rng(seed)
    for start in range(0, n_permutations, _BATCH):
        size = min(_BATCH, n_permutations - start)
        orders = np.argsort(rng.random((len(totals.counts), size)), axis=0)
        counts, sums = totals.counts[orders], totals.sums[orders]
        for name, membership in tested.items():
            null = membership.eta_squared(counts, sums, total)
            null_sums[name] += float(np.sum(null))
            n_as_large[name] += int(np.sum(null >= observed[name] * _TIE))
    return [
        {
            TABLE: TITLES,
            COLUMN: name,
            N_LEVELS: membership.n_levels,
            ETA_SQUARED: observed[name],
            CHANCE: null_sums[name] / n_permutations,
            P_VALUE: (1 + n_as_large[name]) / (1 + n_permutations),
        }
        for name, membership in memberships.items()
    ]


def _of_ratings(name: str, levels: pd.Series, deviations: np.ndarray) -> dict[str, object]:
    """Measure a column of the ratings themselves by one-way analysis of variance."""
    codes, names = pd.factorize(levels)
    n, k = len(codes), len(names)
    total = float(np.sum(deviations**2))
    eta_squared = chance = 0.0
    p_value = 1.0
    if total > 0:
        sums = np.bincount(codes, weights=deviations)
        eta_squared = float(np.sum(sums**2 / np.bincount(codes)) / total)
        chance = (k - 1) / (n - 1)
        if 1 < k < n:
            within = max(1 - eta_squared, 1e-300)
            f_ratio = (eta_squared / (k - 1)) / (within / (n - k))
            p_value = float(special.fdtrc(k - 1, n - k, f_ratio))

    return {
        TABLE: RATINGS,
        COLUMN: name,
        N_LEVELS: k,
        ETA_SQUARED: eta_squared,
        CHANCE: chance,
        P_VALUE: p_value,
    }
