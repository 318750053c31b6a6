"""How a comparison is made."""

from dataclasses import dataclass

from cartelera.evaluation import bootstrap
from cartelera.evaluation.bootstrap import FloatArray, Interval


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How a comparison is made.

    Attributes:
        k: Length of a recommendation list.
        relevant_at: Stars from which a held-out title is relevant.
        n_bootstrap: Number of resamples of users behind the intervals.
        confidence: Coverage of the intervals, between 0 and 1.
        max_users: How many users lists are made for at most; stars use all held-out ratings.
        seed: Seed of the draw of users and of the resamples.
    """

    k: int
    relevant_at: float
    n_bootstrap: int
    confidence: float
    max_users: int
    seed: int

    def intervals(self, per_user: FloatArray, statistic: bootstrap.Statistic) -> list[Interval]:
        """Return intervals from resampling users (`bootstrap.bootstrap_intervals`)."""
        return bootstrap.bootstrap_intervals(
            per_user,
            statistic,
            n_bootstrap=self.n_bootstrap,
            confidence=self.confidence,
            seed=self.seed,
        )
