"""The candidate compared with champion and baselines, all fitted on one train part.

Every user weighs the same, whatever their number of ratings: nobody decides alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.audience import Audience
from cartelera.evaluation.bootstrap import FloatArray, Interval
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.judged_lists import JudgedLists, find_hits
from cartelera.evaluation.metrics.base import stars_off
from cartelera.evaluation.metrics.ndcg import ndcg_at_k
from cartelera.evaluation.metrics.stratified_recall import stratified_recall
from cartelera.evaluation.popularity import TitlePopularity
from cartelera.evaluation.settings import Settings
from cartelera.evaluation.tuned import POPULARITY
from cartelera.factorization.recommender import Rater
from cartelera.models.model import Model
from cartelera.ranking.ranker import Ranker
from cartelera.ratings.received import received_mask

NEWCOMER_RATINGS: Final = 3
"""How many ratings a newcomer's list is made from."""


@dataclass(frozen=True)
class Worth:
    """What a model is worth on the test part, a mean over users each.

    Attributes:
        ndcg: NDCG@k of its lists.
        newcomer_ndcg: The same from each user's latest `NEWCOMER_RATINGS` ratings alone.
        stratified_recall: Popularity-stratified recall@k.
        n_listed: How many titles stand in at least one list.
        rmse: Root of the mean over users of their mean squared error, in stars.
    """

    ndcg: float
    newcomer_ndcg: float
    stratified_recall: float
    n_listed: int
    rmse: float


@dataclass(frozen=True)
class AgainstChampion:
    """The candidate beside the champion's recipe, refitted.

    Attributes:
        worth: What the champion is worth.
        ndcg: The candidate's NDCG@k minus the champion's.
        rmse: The candidate's RMSE minus the champion's, in stars.
    """

    worth: Worth
    ndcg: Interval
    rmse: Interval


@dataclass(frozen=True)
class ChampionComparison:
    """How a candidate does against baselines and, if there is one, the champion.

    Differences are the candidate's value minus the other's, paired user by user, with intervals
    from resampling users.

    Attributes:
        n_users: How many users' lists were compared.
        n_raters: How many users' stars were compared.
        n_ratings: How many ratings these are.
        k: Length of a list.
        confidence: Coverage of the intervals.
        candidate: What the candidate is worth.
        popularity_ndcg: NDCG@k of what is popular.
        popularity_newcomer_ndcg: The same for newcomers.
        ndcg: NDCG@k minus that of what is popular.
        newcomer_ndcg: The same for newcomers.
        best_baseline: Name of the baseline with the lowest RMSE.
        best_baseline_rmse: That RMSE, in stars.
        rmse: RMSE minus that of the best baseline, in stars.
        champion: The same against the champion; None without one.
        on_files: The same on the test ratings of the source's files alone, or why there is none;
            None if no others are in the test part.
    """

    n_users: int
    n_raters: int
    n_ratings: int
    k: int
    confidence: float
    candidate: Worth
    popularity_ndcg: float
    popularity_newcomer_ndcg: float
    ndcg: Interval
    newcomer_ndcg: Interval
    best_baseline: str
    best_baseline_rmse: float
    rmse: Interval
    champion: AgainstChampion | None
    on_files: "ChampionComparison | str | None" = None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the comparison that `dataclasses.asdict` made a mapping of."""
        against: Mapping[str, Any] | None = content["champion"]
        on_files: Any = content["on_files"]
        parts = {
            "candidate": Worth(**content["candidate"]),
            **{name: Interval(**content[name]) for name in ("ndcg", "newcomer_ndcg", "rmse")},
            "champion": None
            if against is None
            else AgainstChampion(
                worth=Worth(**against["worth"]),
                ndcg=Interval(**against["ndcg"]),
                rmse=Interval(**against["rmse"]),
            ),
            "on_files": cls.from_json(on_files) if isinstance(on_files, Mapping) else on_files,
        }
        return cls(**cast(dict[str, Any], {**content, **parts}))


def compare_to_champion(
    candidate: Model,
    champion: Model | None,
    baselines: Mapping[str, Entry],
    train: pd.DataFrame,
    test: pd.DataFrame,
    settings: Settings,
    *,
    min_users: int,
) -> ChampionComparison | str:
    """Measure a candidate against the champion and the baselines.

    Where ratings were received, they also compare on those of the source's files alone.

    Args:
        candidate: Fitted on train.
        champion: The champion's recipe, fitted on the same train; None if there is no champion.
        baselines: Fitted on the same train, by name: popularity as a ranker, and raters.
        train: Columns user_id, title_id, rating and timestamp, one row a pair.
        test: Held-out ratings; the same columns.
        settings: How lists are made, and the intervals.
        min_users: The fewest users whose lists are compared.

    Returns:
        The comparison, or a sentence that says why there is none.

    Raises:
        InputError: If a model predicts something that is not a finite number.
        ValueError: If the baselines have no popularity or no rater.
    """
    popular = baselines[POPULARITY].ranker if POPULARITY in baselines else None
    of_stars = {name: one.rater for name, one in baselines.items() if one.rater is not None}
    if popular is None or not of_stars:
        raise ValueError("a candidate is compared with popularity and at least one rater")

    audience = Audience.draw(
        train,
        test,
        relevant_at=settings.relevant_at,
        max_users=settings.max_users,
        seed=settings.seed,
    )
    n_users = len(audience.user_ids)
    if n_users < max(min_users, 1):
        return (
            f"only {n_users} users have a held-out rating of {settings.relevant_at:g} stars or "
            f"more, and {min_users} are needed."
        )

    # The candidate first, then the champion if there is one, popularity last.
    models = [candidate] if champion is None else [candidate, champion]
    popularity = TitlePopularity.of(train)
    rankers = [*(model.ranking for model in models), popular]
    lists = [_Lists.of(ranker, audience, popularity, settings.k) for ranker in rankers]
    raters = [*(model.rating for model in models), *of_stars.values()]
    errors = _squared_errors(raters, test)

    # All intervals are of paired differences: the same users are drawn for all.
    worths = [
        one.worth(_root_of_mean(errors[:, place])) for place, one in enumerate(lists[: len(models)])
    ]
    ndcg = np.column_stack([one.ndcg for one in lists])
    newcomer_ndcg = np.column_stack([one.newcomer_ndcg for one in lists])
    means = settings.intervals(_counted(ndcg), _differences_of_means)
    of_newcomers = settings.intervals(_counted(newcomer_ndcg), _differences_of_means)
    rmses = settings.intervals(_counted(errors), _differences_of_roots)

    of_baselines = {
        name: _root_of_mean(errors[:, len(models) + place]) for place, name in enumerate(of_stars)
    }
    best = min(of_baselines, key=of_baselines.__getitem__)

    # Once more without what came through the open door.
    on_files = None
    if (is_received := received_mask(test)).any():
        of_files = test[~is_received]
        on_files = compare_to_champion(
            candidate, champion, baselines, train, of_files, settings, min_users=min_users
        )

    return ChampionComparison(
        n_users=n_users,
        n_raters=len(errors),
        n_ratings=len(test),
        k=settings.k,
        confidence=settings.confidence,
        candidate=worths[0],
        popularity_ndcg=float(lists[-1].ndcg.mean()),
        popularity_newcomer_ndcg=float(lists[-1].newcomer_ndcg.mean()),
        ndcg=means[-1],
        newcomer_ndcg=of_newcomers[-1],
        best_baseline=best,
        best_baseline_rmse=of_baselines[best],
        rmse=rmses[len(models) - 1 + list(of_baselines).index(best)],
        champion=None if champion is None else AgainstChampion(worths[1], means[0], rmses[0]),
        on_files=on_files,
    )


@dataclass(frozen=True)
class _Lists:
    """What a ranker's lists are worth for each user, in the order of the audience."""

    ndcg: FloatArray
    newcomer_ndcg: FloatArray
    stratified_recall: FloatArray
    n_listed: int

    @classmethod
    def of(cls, ranker: Ranker, audience: Audience, popularity: TitlePopularity, k: int) -> Self:
        lists = JudgedLists.of(audience.top_k(ranker, k), audience.relevant, popularity)
        of_newcomers = audience.top_k(ranker, k, latest=NEWCOMER_RATINGS)
        return cls(
            ndcg=ndcg_at_k(lists.hits, lists.n_relevant),
            newcomer_ndcg=ndcg_at_k(*find_hits(of_newcomers, audience.relevant)),
            stratified_recall=stratified_recall(lists),
            n_listed=int(np.count_nonzero(lists.top.times_listed())),
        )

    def worth(self, rmse: float) -> Worth:
        return Worth(
            ndcg=float(self.ndcg.mean()),
            newcomer_ndcg=float(self.newcomer_ndcg.mean()),
            stratified_recall=float(self.stratified_recall.mean()),
            n_listed=self.n_listed,
            rmse=rmse,
        )


def _squared_errors(raters: list[Rater], test: pd.DataFrame) -> FloatArray:
    """Return each user's mean squared error with each rater; shape (n_users, n_raters)."""
    users, codes = np.unique(test[c.USER_ID].to_numpy(dtype=np.int64), return_inverse=True)
    n_ratings = np.bincount(codes, minlength=len(users))
    true = test[c.RATING].to_numpy(dtype=np.float64)
    columns: list[FloatArray] = []
    for rater in raters:
        squared = np.square(stars_off(true, rater.predict(test[c.USER_ID], test[c.TITLE_ID])))
        columns.append(np.bincount(codes, squared, len(users)) / n_ratings)
    return np.column_stack(columns)


def _counted(per_user: FloatArray) -> FloatArray:
    """Return the values with a first column that counts the users."""
    return np.column_stack([np.ones(len(per_user)), per_user])


def _differences_of_means(sums: FloatArray) -> FloatArray:
    """Turn sums over users into the first model's mean minus that of each other."""
    means = sums[:, 1:] / sums[:, :1]
    return means[:, :1] - means[:, 1:]


def _differences_of_roots(sums: FloatArray) -> FloatArray:
    """Turn sums over users into the first model's root of the mean minus that of each other."""
    roots = np.sqrt(sums[:, 1:] / sums[:, :1])
    return roots[:, :1] - roots[:, 1:]


def _root_of_mean(per_user: FloatArray) -> float:
    return float(np.sqrt(per_user.mean()))
