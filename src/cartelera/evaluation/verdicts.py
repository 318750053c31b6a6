"""What measured differences mean, in plain words."""

import math
from dataclasses import dataclass

from cartelera.evaluation.accuracy import Interval
from cartelera.evaluation.comparison import NDCG, RMSE, Comparison
from cartelera.evaluation.words import measure_name, model_name


@dataclass(frozen=True)
class Verdict:
    """Whether the first model beats another, in plain words."""

    is_better: bool
    sentence: str


def rmse_verdict(comparison: Comparison, other: str) -> Verdict:
    """Say whether the first model predicts ratings clearly better than another model.

    It does if the interval of the paired difference in RMSE lies wholly below 0.
    """
    difference = comparison.differences[RMSE][other]
    return difference_verdict(
        difference, f"the {_in_sentence(other)} baseline", comparison.confidence
    )


def difference_verdict(difference: Interval, other: str, confidence: float) -> Verdict:
    """Say whether the model's RMSE is clearly lower than another's.

    Args:
        difference: The model's RMSE minus the other's, in stars, paired.
        other: What the other is called in a sentence.
        confidence: Coverage of the interval.
    """
    size = f"{abs(difference.value):.4f} stars {_evidence(difference, confidence)}"
    if difference.high < 0:
        return Verdict(
            True, f"The model is clearly better than {other}: its RMSE is lower by {size}."
        )
    if difference.low > 0:
        return Verdict(
            False, f"The model is clearly worse than {other}: its RMSE is higher by {size}."
        )
    return Verdict(
        False,
        f"The model is not clearly better than {other}: their RMSE differs by {size}, which may be "
        "chance.",
    )


def list_verdict(comparison: Comparison, other: str) -> Verdict:
    """Say whether the first model's lists hit clearly more than another's, judged on NDCG."""
    difference = comparison.differences[NDCG][other]
    name, measure = _in_sentence(other), measure_name(NDCG, comparison.k)
    if math.isnan(difference.value):
        return Verdict(False, f"No user has a relevant held-out title: {measure} is unknown.")
    evidence = (
        f"{measure} is {comparison.interval(comparison.first, NDCG).value:.3f} against "
        f"{comparison.interval(other, NDCG).value:.3f} "
        f"{_evidence(difference, comparison.confidence)}"
    )
    if difference.low > 0:
        return Verdict(True, f"The model's lists hit more than those of {name}: {evidence}.")
    if difference.high < 0:
        return Verdict(
            False,
            f"The model's lists hit less than those of {name}: {evidence}. Predicting ratings well "
            "and guessing what somebody will watch next are different tasks.",
        )
    return Verdict(
        False, f"The model's lists hit neither more nor less than those of {name}: {evidence}."
    )


def _in_sentence(model: str) -> str:
    return model_name(model).lower().replace(" ", "-")


def _evidence(difference: Interval, confidence: float) -> str:
    return (
        f"(paired difference {_signed(difference.value)}, {confidence:.0%} interval "
        f"{_signed(difference.low)} to {_signed(difference.high)})"
    )


def _signed(number: float) -> str:
    return f"{number:+.4f}".replace("-", "\u2212")
