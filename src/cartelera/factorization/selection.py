"""The best few of many scores: fast with rounded scores, exact in what it returns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cartelera.errors import InputError

NO_TITLE: Final = -1
"""Stands where a list has no title left."""

Rows: TypeAlias = NDArray[np.intp]
Cells: TypeAlias = tuple[Rows | slice, Rows]
"""An index into a matrix users x titles: single cells, or whole columns."""
Exact: TypeAlias = Callable[[Rows, Rows], NDArray[np.float64]]

_GROUPS_PER_PLACE = 16
_MIN_GROUPS = 1024
_CROWDED = 256


@dataclass(frozen=True)
class Best:
    """The best titles of some rows of scores.

    Attributes:
        positions: Columns, best first, shape (n, k); `NO_TITLE` where nothing is left.
        scores: Their scores, shape (n, k); NaN where nothing is left.
    """

    positions: NDArray[np.int32]
    scores: NDArray[np.float64]


def alphabetical_ranks(title_ids: NDArray[Any]) -> NDArray[np.int32]:
    """Return each title's place in the alphabet of the ids; shape (n_titles,)."""
    ranks = np.empty(len(title_ids), dtype=np.int32)
    ranks[np.argsort(title_ids.astype(str), kind="stable")] = np.arange(len(title_ids))
    return ranks


def best_in_rows(
    scores: NDArray[np.floating],
    k: int,
    ranks: NDArray[np.int32],
    *,
    exact: Exact | None = None,
    error: NDArray[np.float64] | float = 0.0,
) -> Best:
    """Return the k highest scores of each row, best first, equal ones by rank.

    Scores that were rounded may be given with a bound of their error and a function that scores
    single pairs exactly. Then the answer is the one the exact scores give: a title among the exact
    best k has a rounded score of at least the k-th highest rounded one less twice the error, and
    only those few are scored again.

    Args:
        scores: Shape (n, n_titles); -inf hides a title.
        k: Length of a list, 1 or more; lists are shorter where fewer titles are not hidden.
        ranks: Who comes first among equals, each place once; shape (n_titles,).
        exact: Gets rows and columns, shape (m,) each, and gives the scores to sort by.
        error: How far `scores` may be from `exact`; one for all rows, or shape (n,).

    Raises:
        InputError: If a score is NaN.
    """
    n_rows, n_titles = scores.shape
    best = Best(
        np.full((n_rows, k), NO_TITLE, dtype=np.int32), np.full((n_rows, k), np.nan, np.float64)
    )
    if not n_rows or not n_titles:
        return best

    lowest = reached_by_k(scores, min(k, n_titles), error)
    rows, columns = divmod(np.flatnonzero(scores >= lowest[:, np.newaxis]), n_titles)
    values = scores[rows, columns].astype(np.float64) if exact is None else exact(rows, columns)

    kept = _without_surplus(rows, values, ranks[columns], k)
    rows, columns, values = rows[kept], columns[kept], values[kept]

    # By row, then score, then rank; the place in a row is the distance to its first.
    order = np.lexsort((ranks[columns], -values, rows))
    rows, columns, values = rows[order], columns[order], values[order]
    places = np.arange(len(rows)) - np.searchsorted(rows, rows)
    listed = places < k
    best.positions[rows[listed], places[listed]] = columns[listed]
    best.scores[rows[listed], places[listed]] = values[listed]

    return best


def reached_by_k(
    scores: NDArray[np.floating], k: int, error: NDArray[np.float64] | float = 0.0
) -> NDArray[np.floating]:
    """Return a score that at least k of each row reach, and few more, less twice the error.

    The k-th highest of the maxima of groups of columns: finding it reads the scores once and in
    order, which is several times faster than selecting among all of them.

    Args:
        scores: Shape (n, n_titles); -inf hides a title.
        k: From 1 to n_titles.
        error: How far `scores` may be from the true ones.

    Returns:
        Shape (n,).

    Raises:
        InputError: If a score is NaN.
    """
    n_rows, n_titles = scores.shape
    n_groups = min(n_titles, max(_MIN_GROUPS, _GROUPS_PER_PLACE * k))
    size, n_left = divmod(n_titles, n_groups)
    maxima = scores[:, : n_titles - n_left].reshape(n_rows, size, n_groups).max(axis=1)
    np.maximum(maxima[:, :n_left], scores[:, n_titles - n_left :], out=maxima[:, :n_left])
    if np.isnan(maxima).any():
        raise InputError("The model gives scores that are not numbers: train it anew.")
    maxima.partition(maxima.shape[1] - k, axis=1)
    lowest = (maxima[:, -k] - 2.0 * np.asarray(error)).astype(scores.dtype)
    one_down = np.nextafter(lowest, -np.inf, dtype=scores.dtype)
    return np.maximum(one_down, np.finfo(scores.dtype).min)  # what is hidden stays hidden


def _without_surplus(
    rows: Rows, values: NDArray[np.float64], ranks: NDArray[np.int32], k: int
) -> NDArray[np.bool_]:
    """Tell which candidates to sort: in rows where very many are equal, only the best k."""
    kept = np.ones(len(rows), dtype=np.bool_)
    if len(rows) <= _CROWDED + k:
        return kept

    # Sorting thousands of equal scores takes longer than all the rest.
    crowds = np.flatnonzero(np.bincount(rows) > _CROWDED + k)
    for start, end in zip(
        np.searchsorted(rows, crowds), np.searchsorted(rows, crowds, side="right"), strict=True
    ):
        crowd = values[start:end]
        kth_highest = np.partition(crowd, -k)[-k]
        is_above, is_equal = crowd > kth_highest, crowd == kth_highest
        n_missing = k - int(is_above.sum())
        last_rank = np.partition(ranks[start:end][is_equal], n_missing - 1)[n_missing - 1]
        kept[start:end] = is_above | (is_equal & (ranks[start:end] <= last_rank))
    return kept
