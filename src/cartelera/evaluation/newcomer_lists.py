"""Lists for people of whom little is known: quality by the number of ratings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cartelera.evaluation.audience import Audience
from cartelera.evaluation.bootstrap import FloatArray, Interval
from cartelera.evaluation.judged_lists import find_hits
from cartelera.evaluation.metrics.ndcg import NDCG, ndcg_at_k
from cartelera.evaluation.resampling import mean_intervals
from cartelera.evaluation.settings import Settings
from cartelera.ranking.ranker import Ranker

N_RATINGS: Final = (1, 3, 5, 10)
"""Numbers of ratings after which lists are measured."""


@dataclass(frozen=True)
class Newcomers:
    """NDCG of lists made from a user's latest ratings alone.

    Attributes:
        n_ratings: Numbers of ratings, ascending.
        ndcg: By model, one interval for each number.
        differences: By model after the first, the first model's NDCG minus its, paired.
    """

    n_ratings: tuple[int, ...]
    ndcg: dict[str, list[Interval]]
    differences: dict[str, list[Interval]]

    def at(self, model: str, n: int) -> Interval:
        """Return a model's NDCG after n ratings."""
        return self.ndcg[model][self.n_ratings.index(n)]


def measure_newcomers(
    rankers: Mapping[str, Ranker],
    audience: Audience,
    settings: Settings,
    n_ratings: Sequence[int] = N_RATINGS,
) -> Newcomers:
    """Measure lists made from each user's last n ratings in train.

    All that the user rated in train stays out of the lists, and all that they liked in test is
    relevant: the lists differ from those of the whole history by what the ranker is told alone.
    Users with fewer than n ratings count with those they have.

    Args:
        rankers: By name; the first is the one in question.
        audience: Whom lists are made for.
        settings: How lists are measured.
        n_ratings: Numbers of ratings, ascending.
    """
    ndcg: dict[str, list[Interval]] = {name: [] for name in rankers}
    differences: dict[str, list[Interval]] = {name: [] for name in list(rankers)[1:]}
    for n in n_ratings:
        values = [_ndcg(ranker, audience, n, settings.k) for ranker in rankers.values()]
        measured = mean_intervals(values, NDCG, settings)
        for name, own in zip(ndcg, measured.own, strict=True):
            ndcg[name].append(own[NDCG])
        for name, paired in zip(differences, measured.paired, strict=True):
            differences[name].append(paired[NDCG])
    return Newcomers(tuple(n_ratings), ndcg, differences)


def _ndcg(ranker: Ranker, audience: Audience, n: int, k: int) -> FloatArray:
    hits, n_relevant = find_hits(audience.top_k(ranker, k, latest=n), audience.relevant)
    return ndcg_at_k(hits, n_relevant)
