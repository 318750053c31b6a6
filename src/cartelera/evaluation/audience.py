"""The users that lists are made for, and what a ranker's lists are worth to each of them."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.evaluation.bootstrap import FloatArray
from cartelera.evaluation.judged_lists import JudgedLists
from cartelera.evaluation.metrics import ListMetric, of_kind
from cartelera.evaluation.popularity import TitlePopularity
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker
from cartelera.ranking.top_k import TopK, top_k


class Audience:
    """Users to make lists for: what they rated in train, and what they turned out to like.

    Attributes:
        user_ids: Ascending; shape (n_users,).
        relevant: Their relevant held-out ratings; columns user_id and title_id.
    """

    def __init__(self, user_ids: NDArray[np.int64], train: pd.DataFrame, relevant: pd.DataFrame):
        """Look up users in train and among the relevant held-out ratings; all may hold others."""
        self.user_ids = user_ids
        self.relevant = relevant[relevant[c.USER_ID].isin(user_ids)]
        self._train = train[train[c.USER_ID].isin(user_ids)]
        self._coded: list[tuple[NDArray[Any], Histories]] = []

    @classmethod
    def draw(
        cls,
        train: pd.DataFrame,
        test: pd.DataFrame,
        *,
        relevant_at: float,
        max_users: int,
        seed: int,
    ) -> Self:
        """Draw among the users with a relevant held-out rating, all of them if they are few.

        Args:
            train: What rankers were fitted on.
            test: Held-out ratings.
            relevant_at: Stars from which a title is relevant.
            max_users: How many users at most.
            seed: Seed of the draw.
        """
        relevant = test[test[c.RATING] >= relevant_at]
        users = np.unique(relevant[c.USER_ID].to_numpy(dtype=np.int64))
        if len(users) > max_users:
            drawn = np.random.default_rng(seed).choice(users, max_users, replace=False)
            users = np.sort(drawn)
        return cls(users, train, relevant)

    def histories(self, ranker: Ranker) -> Histories:
        """Return what the users rated in train, coded by a ranker's titles."""
        title_ids = np.asarray(ranker.title_ids)
        for known_ids, histories in self._coded:
            if np.array_equal(known_ids, title_ids):
                return histories
        histories = Histories.from_frame(self._train, title_ids, self.user_ids)
        self._coded.append((title_ids, histories))
        return histories

    def top_k(self, ranker: Ranker, k: int, *, latest: int | None = None) -> TopK:
        """Return the users' lists; what they rated in train is never in them.

        Args:
            ranker: What makes the lists.
            k: Length of a list.
            latest: How many of their latest ratings the ranker is told; by default all.
        """
        everything = self.histories(ranker)
        told = everything if latest is None else everything.latest(latest)
        return top_k(ranker, told, k, seen=everything)


@dataclass(frozen=True)
class ListValues:
    """What a ranker's lists are worth.

    Attributes:
        values: Each `ListMetric`, in their order, of each user, 0 where not determined; shape
            (n_users, n_metrics).
        weights: How much each counts in the mean, 0 where not determined; the same shape.
    """

    values: FloatArray
    weights: FloatArray


def measure_lists(top: TopK, relevant: pd.DataFrame, popularity: TitlePopularity) -> ListValues:
    """Measure lists by all metrics of single lists.

    Args:
        top: The lists.
        relevant: Distinct relevant (user, title) pairs; columns user_id and title_id.
        popularity: How well known titles are.
    """
    lists = JudgedLists.of(top, relevant, popularity)
    metrics = of_kind(ListMetric)
    values = np.column_stack([metric.of_lists(lists) for metric in metrics])
    weights = np.column_stack([metric.weights(lists) for metric in metrics])
    is_known = ~np.isnan(values)
    return ListValues(np.where(is_known, values, 0.0), np.where(is_known, weights, 0.0))
