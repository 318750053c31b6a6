"""What is new since the champion was fitted: its error on new ratings, and how these differ.

The champion's files are no dependency of a stage, because the stages after it bring them up to
date; they are looked at where they are.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

import pandas as pd

from cartelera import columns as c
from cartelera.config_types import EvaluateConfig
from cartelera.errors import InputError
from cartelera.evaluation.comparison import HIGH, LOW
from cartelera.evaluation.drift import Drift, Limits, measure_drift, part_by_time
from cartelera.evaluation.metrics import DIGITS
from cartelera.evaluation.paired import PairedRmse, paired_rmse
from cartelera.evaluation.verdicts import Verdict, difference_verdict
from cartelera.factorization.factors import Factors
from cartelera.files import read_json
from cartelera.paths import Paths
from cartelera.ratings.portrait import REFERENCE, Portrait

logger = logging.getLogger(__name__)

FEWEST_RATINGS: Final = 100
"""With fewer ratings that neither model has seen, they are not compared."""

_CHAMPION = "champion"
_ENDS = (("", "value"), (LOW, "low"), (HIGH, "high"))


@dataclass(frozen=True)
class Champion:
    """The model in the first place when the stage ran.

    Attributes:
        version: Its version in the registry.
        factors: The model as it was measured, fitted on the train part of its day.
        reference: What all ratings looked like then; None if its card does not say.
    """

    version: int
    factors: Factors
    reference: Portrait | None

    @classmethod
    def read(cls, paths: Paths) -> Self | None:
        """Read the champion; None if there is none, or not a whole one."""
        folder = paths.champion / "factors"
        if not folder.is_dir() or not paths.registered.is_file():
            return None
        try:
            registered = read_json(paths.registered)
            if _CHAMPION not in registered["aliases"]:
                return None
            factors = Factors.load(folder)
            reference = factors.card.get(REFERENCE)
            portrait = None if reference is None else Portrait.from_json(reference)
            return cls(int(registered["version"]), factors, portrait)
        except (InputError, KeyError, TypeError, ValueError) as error:
            logger.warning("The champion is not looked at: %s", error)
            return None

    def is_same_as(self, model: Factors) -> bool:
        """Say whether the champion and a model have the same numbers and ids."""
        same = ("sha256", "global_mean", "scale", "biased")
        return all(self.factors.card[name] == model.card[name] for name in same)

    def unseen(self, model: Factors, test: pd.DataFrame) -> pd.DataFrame:
        """Give the test ratings that the champion was not fitted on.

        All, if it was fitted on the same train part; else those given after the last one it was
        fitted on, since others may have been in its train part; none if that is not known.
        """
        own, other = (_fitted_on(factors) for factors in (self.factors, model))
        if own.get("sha256") and own.get("sha256") == other.get("sha256"):
            return test
        last = own.get("last_timestamp")
        return test[test[c.TIMESTAMP] > last] if isinstance(last, int) else test[:0]


def compare_with_champion(
    model: Factors, champion: Champion | None, test: pd.DataFrame, settings: EvaluateConfig
) -> tuple[Mapping[str, Any], list[Verdict]]:
    """Set the model beside the champion on test ratings that neither has seen.

    Returns:
        The numbers and the verdict; both empty if there is no other champion.
    """
    if champion is None or champion.is_same_as(model):
        return {}, []
    unseen = champion.unseen(model, test)
    name = f"the champion, version {champion.version}"
    if len(unseen) < FEWEST_RATINGS:
        sentence = (
            f"Only {len(unseen)} of the {len(test)} held-out ratings are sure to be new to {name}: "
            "too few to compare with it."
        )
        return {}, [Verdict(False, sentence)]
    paired = paired_rmse(
        model,
        champion.factors,
        unseen,
        n_bootstrap=settings.n_bootstrap,
        confidence=settings.confidence,
        seed=settings.seed,
    )
    verdict = difference_verdict(
        paired.difference,
        f"{name}, on the {len(unseen):,} held-out ratings new to both",
        settings.confidence,
    )
    return _numbers(paired, champion, len(unseen)), [verdict]


def drift_since(
    ratings: pd.DataFrame, champion: Champion | None, settings: EvaluateConfig, alpha: float
) -> tuple[Drift | None, str]:
    """Compare the ratings since the champion with those it knew, or the latest with those before.

    Args:
        ratings: All clean ratings, train and test.
        champion: The champion, if there is one.
        settings: Its `drift_...` are read.
        alpha: The p-value below which there is taste.

    Returns:
        How they differ, None if there are no later ones, and which ratings that is about.
    """
    limits = Limits(
        new=settings.drift_new,
        psi=settings.drift_psi,
        alpha=alpha,
        n_permutations=settings.drift_permutations,
        seed=settings.seed,
    )
    if champion is None or champion.reference is None:
        return _drift_over_time(ratings, settings.drift_recent, limits)
    drift, about = _drift_since_champion(ratings, champion, champion.reference, limits)
    if drift is not None:
        return drift, about
    drift, over_time = _drift_over_time(ratings, settings.drift_recent, limits)
    return drift, f"{about} {over_time}"


def _drift_since_champion(
    ratings: pd.DataFrame, champion: Champion, reference: Portrait, limits: Limits
) -> tuple[Drift | None, str]:
    new = ratings[ratings[c.TIMESTAMP] > reference.last_timestamp]
    drift = measure_drift(
        ratings,
        new,
        reference,
        known_users=champion.factors.user_ids,
        known_titles=champion.factors.title_ids,
        limits=limits,
    )
    if drift is None:
        return None, "No ratings are later than those that the champion knew of."
    return drift, (
        f"The {len(new):,} ratings after the last one that the champion, version "
        f"{champion.version}, knew of ({_day(reference.last_timestamp)}), beside its "
        f"{reference.n_ratings:,} ratings."
    )


def _drift_over_time(
    ratings: pd.DataFrame, recent_share: float, limits: Limits
) -> tuple[Drift | None, str]:
    earlier, recent = part_by_time(ratings, recent_share)
    drift = measure_drift(
        ratings,
        recent,
        Portrait.of(earlier),
        known_users=earlier[c.USER_ID].unique(),
        known_titles=earlier[c.TITLE_ID].unique(),
        limits=limits,
    )
    if drift is None:
        return None, "The ratings were all given at the same time: none are new."
    since = _day(drift.new.first_timestamp)
    return drift, (
        f"The latest {len(recent):,} ratings, from {since} on, beside the {len(earlier):,} before."
    )


def _fitted_on(factors: Factors) -> Mapping[str, Any]:
    fitted_on = factors.card.get("train")
    return fitted_on if isinstance(fitted_on, Mapping) else {}


def _numbers(paired: PairedRmse, champion: Champion, n_ratings: int) -> dict[str, Any]:
    difference = {"rmse_difference" + end: getattr(paired.difference, name) for end, name in _ENDS}
    numbers = {"model_rmse": paired.first, "champion_rmse": paired.second, **difference}
    return {
        "beside_champion": {
            "version": champion.version,
            "n_ratings": n_ratings,
            **{name: round(number, DIGITS) for name, number in numbers.items()},
        }
    }


def _day(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d}"
