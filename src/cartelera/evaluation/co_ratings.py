"""How many users rated both of two titles, some titles at a time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.kernels import compiled
from cartelera.ranking.histories import Histories


def count_co_ratings(
    histories: Histories, n_titles: int, at_once: int
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield, for one run of titles after the other, how many users rated each other title too.

    The work grows with the sum over users of their squared number of ratings, the memory with
    `at_once` times the number of titles.

    Args:
        histories: Who rated what.
        n_titles: How many titles their codes are of.
        at_once: How many titles a run has at most.

    Yields:
        The position of the first title of the run, and whole numbers of shape (n, n_titles), those
        of a title with itself included; they are the caller's to change.
    """
    order = np.argsort(histories.codes, kind="stable")
    users = histories.rows[order]
    counts = np.bincount(histories.codes, minlength=n_titles)
    starts = np.concatenate([[0], np.cumsum(counts)])
    for first in range(0, n_titles, at_once):
        together = np.zeros((min(at_once, n_titles - first), n_titles))
        _count(starts, users, histories.starts, histories.codes, first, together)
        yield first, together


@compiled
def _count(
    title_starts: NDArray[Any],
    users: NDArray[Any],
    user_starts: NDArray[Any],
    titles: NDArray[Any],
    first: int,
    together: NDArray[np.float64],
) -> None:
    """Add up pairs: for each rating of a title, the other ratings of its user."""
    for row in range(together.shape[0]):
        for rating in range(title_starts[first + row], title_starts[first + row + 1]):
            user = users[rating]
            for other in range(user_starts[user], user_starts[user + 1]):
                together[row, titles[other]] += 1.0
