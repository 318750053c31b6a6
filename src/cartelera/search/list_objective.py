"""The objective of a model of lists: mean NDCG@k over several inner splits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Self

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray
from optuna.trial import BaseTrial

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.metrics.ndcg import ndcg_at_k
from cartelera.factorization.selection import alphabetical_ranks, best_in_rows
from cartelera.models.registry import ListModel
from cartelera.ranking.fit import rated_titles
from cartelera.ranking.histories import Histories
from cartelera.ratings.split import split
from cartelera.search.settings import SearchSettings
from cartelera.search.space import Space
from cartelera.search.star_objective import PARAMS

_CELLS_AT_ONCE = 1 << 22
"""So many scores are in memory at a time."""


@dataclass(frozen=True, eq=False)
class RankingPart:
    """Ratings to fit on, and lists to measure.

    Attributes:
        histories: All users' ratings to fit on.
        title_ids: The titles their codes are of; shape (n_titles,).
        users: The users whose lists are measured, as positions in `histories`; shape (n_users,).
        relevant: Relevant validation titles as keys `place in users * n_titles + title`; sorted.
        n_relevant: How many each of them has, titles unknown to the fit included; (n_users,).
    """

    histories: Histories
    title_ids: NDArray[np.object_]
    users: NDArray[np.intp]
    relevant: NDArray[np.int64]
    n_relevant: NDArray[np.int64]

    @classmethod
    def of(cls, train: pd.DataFrame, valid: pd.DataFrame, settings: SearchSettings) -> Self:
        """Code two ratings tables; of very many users a part is drawn."""
        title_ids = rated_titles(train)
        histories = Histories.from_frame(train, title_ids)
        liked = valid[valid[c.RATING] >= settings.relevant_at]

        # Only who liked something of the validation part has an NDCG.
        user_ids = np.unique(liked[c.USER_ID].to_numpy(dtype=np.int64))
        if len(user_ids) > settings.max_users:
            rng = np.random.default_rng(settings.seed)
            user_ids = np.sort(rng.choice(user_ids, settings.max_users, replace=False))

        # Cells of users x titles as one sorted number each: hits are found by bisection.
        rows = pd.Index(user_ids).get_indexer(pd.Index(liked[c.USER_ID]))
        codes = pd.Index(title_ids).get_indexer(pd.Index(liked[c.TITLE_ID].astype(object)))
        asked, known = rows >= 0, (rows >= 0) & (codes >= 0)
        keys = rows[known].astype(np.int64) * len(title_ids) + codes[known]
        return cls(
            histories,
            title_ids,
            pd.Index(histories.user_ids).get_indexer(pd.Index(user_ids)),
            np.sort(keys),
            np.bincount(rows[asked], minlength=len(user_ids)),
        )

    def ndcg(self, model: ListModel, params: Mapping[str, Any], k: int) -> float:
        """Fit, make the users' lists and return their mean NDCG@k."""
        ranker = model.fit(self.histories, self.title_ids, params)
        n_titles = len(self.title_ids)
        ranks = alphabetical_ranks(self.title_ids)
        size = max(1, _CELLS_AT_ONCE // n_titles)
        hits: list[NDArray[np.bool_]] = []
        for start in range(0, len(self.users), size):
            histories = self.histories.take(self.users[start : start + size])
            scores = ranker.score_histories(histories)
            scores[histories.rows, histories.codes] = -np.inf
            places = best_in_rows(scores, k, ranks).positions
            rows = np.arange(start, start + len(places), dtype=np.int64)[:, np.newaxis]
            keys = rows * n_titles + places
            hits.append(np.isin(keys, self.relevant) & (places >= 0))
        return float(np.mean(ndcg_at_k(np.concatenate(hits), self.n_relevant)))


@dataclass(frozen=True)
class RankingObjective:
    """The mean NDCG@k of a trial's parameters over inner splits, higher is better.

    Several splits, with little and with much to predict, tell parameters that suit the ratings from
    those that suit one split by chance.

    Attributes:
        model: What is fitted.
        parts: The splits.
        space: The checked search space.
        k: Length of a list.
    """

    model: ListModel
    parts: Sequence[RankingPart]
    space: Space
    k: int

    @classmethod
    def of(
        cls, model: ListModel, train: pd.DataFrame, settings: SearchSettings, space: Space
    ) -> Self:
        """Split the ratings the way train and test were.

        Raises:
            InputError: If nothing is left to validate with, or nobody likes what is.
        """
        parts: list[RankingPart] = []
        # The last n ratings of each user are the same whatever share is asked for.
        n_splits = 1 if settings.split_method == "leave_last_n" else None
        for fraction in settings.valid_fractions[:n_splits]:
            known, valid = split(
                train,
                method=settings.split_method,
                test_fraction=fraction,
                n_last=settings.n_last,
                seed=settings.seed,
            )
            parts.append(RankingPart.of(known, valid, settings))

        if not any(len(part.users) for part in parts):
            raise InputError(
                f"no validation rating reaches {settings.relevant_at:g} stars: there are no lists "
                "to measure the ranking model by; lower evaluate.relevant_at."
            )

        return cls(model, [part for part in parts if len(part.users)], space, settings.k)

    def __call__(self, trial: BaseTrial) -> float:
        """Fit a trial's parameters on each split and return the mean NDCG@k.

        Raises:
            optuna.TrialPruned: If the pruner ends the trial.
        """
        drawn: dict[str, Any] = self.space.draw(trial)
        trial.set_user_attr(PARAMS, drawn)
        values: list[float] = []
        for step, part in enumerate(self.parts, 1):
            values.append(part.ndcg(self.model, drawn, self.k))
            trial.report(fmean(values), step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return fmean(values)
