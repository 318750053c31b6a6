"""Candidate against champion, on test ratings that are new to both."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from cartelera import columns as c
from cartelera.evaluation.accuracy import Interval
from cartelera.evaluation.paired import paired_rmse
from cartelera.factorization.factors import Factors

TRAIN: Final = "train"
LAST_TIMESTAMP: Final = "last_timestamp"


@dataclass(frozen=True)
class Contest:
    """How two models compare on the same ratings.

    Attributes:
        measured_on: Which ratings, in words.
        n_ratings: How many they are.
        candidate_rmse: The candidate's RMSE on them, in stars.
        champion_rmse: The champion's.
        difference: Candidate minus champion, with its interval from resampling users.
    """

    measured_on: str
    n_ratings: int
    candidate_rmse: float
    champion_rmse: float
    difference: Interval


def hold_contest(
    candidate: Factors,
    champion: Factors,
    test: pd.DataFrame,
    *,
    same_split: bool,
    min_ratings: int,
    n_bootstrap: int,
    confidence: float,
    seed: int,
) -> Contest | str:
    """Measure both models on the test ratings that neither has learnt from.

    A champion of the same split has seen none of the test part. One of an earlier split may have
    learnt from ratings that are test ratings now; it cannot have seen those given after the last
    one it was fitted on, so the models are compared on these.

    Args:
        candidate: The model at the gate, fitted on today's train part.
        champion: The champion as it was evaluated, fitted on the train part of its day.
        test: Today's test part.
        same_split: Whether the champion was measured on the same split.
        min_ratings: The fewest ratings to compare with.
        n_bootstrap: Resamples of users behind the interval.
        confidence: Coverage of the interval.
        seed: Seed of the resamples.

    Returns:
        The comparison, or a sentence that says why there is none.
    """
    if same_split:
        unseen, measured_on = test, f"all {len(test)} ratings of the same test part"
    else:
        last = champion.card.get(TRAIN, {}).get(LAST_TIMESTAMP)
        if not isinstance(last, int):
            return (
                "it was measured on another split, and its card does not say up to when it learnt."
            )
        unseen = test[test[c.TIMESTAMP] > last]
        after = f"the last one the champion learnt from ({_moment(last)})"
        if len(unseen) < min_ratings:
            return (
                f"it was measured on another split, and only {len(unseen)} of the {len(test)} test "
                f"ratings were given after {after}; {min_ratings} are needed."
            )
        measured_on = f"the {len(unseen)} of {len(test)} test ratings given after {after}"
    paired = paired_rmse(
        candidate, champion, unseen, n_bootstrap=n_bootstrap, confidence=confidence, seed=seed
    )
    return Contest(measured_on, len(unseen), paired.first, paired.second, paired.difference)


def _moment(timestamp: int) -> str:
    try:
        return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):  # no date of the calendar
        return f"timestamp {timestamp}"
