"""What lists are like apart from hits: how many titles they share out, how novel, how personal."""

import numpy as np
from numpy.typing import NDArray

from cartelera.evaluation.accuracy import FloatArray
from cartelera.factorization.selection import NO_TITLE
from cartelera.ranking.top_k import TopK


def coverage_at_k(top: TopK, n_titles: int) -> float:
    """Return the share of titles that stand in at least one user's list.

    Catalogue coverage of Ge, Delgado-Battenfeld and Jannach, Beyond Accuracy, RecSys 2010. NaN
    without users.

    Args:
        top: The lists.
        n_titles: How many titles there are, whether they compete or not.
    """
    if len(top.user_ids) == 0:
        return float("nan")
    return np.count_nonzero(times_listed(top)) / n_titles


def gini_at_k(top: TopK, n_titles: int) -> float:
    """Return how unequally the places of all lists are shared out among titles.

    The Gini coefficient of n counts x in ascending order, sum_i (2i - n - 1) x_i / (n sum x): 0 if
    every title is listed equally often, nearly 1 if one title has all places; for recommendations:
    Fleder and Hosanagar, Blockbuster Culture's Next Rise or Fall, Management Science 55 (2009). NaN
    without lists.

    Args:
        top: The lists.
        n_titles: How many titles there are, whether they compete or not.
    """
    counts = np.sort(times_listed(top))
    total = counts.sum()
    if total == 0:
        return float("nan")
    # Titles that do not compete come first, with counts of 0.
    places = np.arange(n_titles - len(counts) + 1, n_titles + 1)
    return float(((2 * places - n_titles - 1) * counts).sum() / (n_titles * total))


def novelty_at_k(top: TopK, self_information: FloatArray) -> FloatArray:
    """Return the mean self-information of the titles in each list, in bits, shape (n_users,).

    The novelty of Zhou et al., Solving the apparent diversity-accuracy dilemma of recommender
    systems, PNAS 107 (2010). NaN for an empty list.

    Args:
        top: The lists.
        self_information: Of each title, in bits, shape (n_titles,).
    """
    bits = np.append(self_information, 0.0)[top.positions].sum(axis=1)
    lengths = (top.positions != NO_TITLE).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return bits / lengths


def overlap_at_k(top: TopK) -> FloatArray:
    """Return the mean share of k places that a user's list has in common with another user's.

    sum over the titles of the list of (lists that hold it - 1) / (k (n_users - 1)); its mean over
    users is the mean over all pairs, 1 less the personalisation of Zhou et al. (2010). NaN if there
    is one user.
    """
    n_users, k = top.positions.shape
    others = np.append(times_listed(top) - 1, 0)[top.positions].sum(axis=1)
    if n_users < 2:
        return np.full(n_users, np.nan)
    return others / (k * (n_users - 1))


def times_listed(top: TopK) -> NDArray[np.int64]:
    """Return in how many lists each title stands, shape (n_titles,)."""
    listed = top.positions[top.positions != NO_TITLE]
    return np.bincount(listed, minlength=len(top.title_ids)).astype(np.int64)
