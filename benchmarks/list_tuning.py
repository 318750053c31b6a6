"""The project's splits and measure, and the same search for every contender."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, Self

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray

from cartelera.evaluation.audience import Audience
from cartelera.evaluation.judged_lists import find_hits
from cartelera.evaluation.metrics.ndcg import ndcg_at_k
from cartelera.ranking.fit import rated_titles
from cartelera.ranking.histories import Histories
from cartelera.ranking.ranker import Ranker
from cartelera.ratings.split import split
from list_rankers import Entry, Params

K, RELEVANT_AT, SEED, MAX_USERS = 10, 4.0, 0, 5000
TEST, INNER = 0.2, (0.15, 0.25, 0.35)
"""Shares of each user's latest ratings: to test with, and of the rest to choose parameters by."""


@dataclass(frozen=True, eq=False)
class Task:
    """Ratings to fit, and lists to measure.

    Attributes:
        histories: The ratings to fit.
        title_ids: The titles their codes are of.
        audience: Whose lists are measured, and what they turned out to like.
        train: The ratings to fit, as a table.
    """

    histories: Histories
    title_ids: NDArray[np.object_]
    audience: Audience
    train: pd.DataFrame = field(repr=False)

    @classmethod
    def of(cls, ratings: pd.DataFrame, fraction: float) -> Self:
        """Split chronologically, as the project does."""
        train, test = split(
            ratings, method="chronological", test_fraction=fraction, n_last=1, seed=SEED
        )
        title_ids = rated_titles(train)
        audience = Audience.draw(
            train, test, relevant_at=RELEVANT_AT, max_users=MAX_USERS, seed=SEED
        )
        histories = Histories.from_frame(train, title_ids)
        for array in (histories.codes, histories.starts, histories.values):
            array.flags.writeable = False  # all contenders read the same: none may change it
        return cls(histories, title_ids, audience, train)

    def ndcg(self, ranker: Ranker) -> NDArray[np.float64]:
        """Return each user's NDCG@10; what they rated already is never listed."""
        top = self.audience.top_k(ranker, K)
        return ndcg_at_k(*find_hits(top, self.audience.relevant))


@dataclass(frozen=True)
class Tuned:
    """The best trial.

    Attributes:
        params: Its parameters.
        value: Its mean NDCG@10 over the inner splits.
    """

    params: dict[str, Any]
    value: float


def inner_tasks(train: pd.DataFrame) -> list[Task]:
    """Split the training part again, with little and with much to predict."""
    return [Task.of(train, fraction) for fraction in INNER]


def tune(
    entry: Entry, tasks: list[Task], n_trials: int, on_trial: Callable[[int], None] = lambda _: None
) -> Tuned:
    """Search by TPE, the project's own way, for the highest mean over the inner splits."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(
        n_startup_trials=min(10, n_trials), multivariate=True, group=True, seed=SEED
    )
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for first in entry.first:
        study.enqueue_trial(dict(first))

    def objective(trial: optuna.Trial) -> float:
        params = draw(trial, entry)
        on_trial(trial.number)
        return fmean(
            float(np.mean(task.ndcg(entry.trial_fit(task.histories, task.title_ids, params))))
            for task in tasks
        )

    study.optimize(objective, n_trials)
    return Tuned(study.best_params, study.best_value)


def draw(trial: optuna.Trial, entry: Entry) -> Params:
    """Draw a point of an entry's space."""
    params: dict[str, Any] = {}
    for name, spec in entry.space.items():
        if spec["type"] == "categorical":
            params[name] = trial.suggest_categorical(name, spec["choices"])
        else:
            suggest = trial.suggest_int if spec["type"] == "int" else trial.suggest_float
            params[name] = suggest(name, spec["low"], spec["high"], log=spec.get("log", False))
    return params
