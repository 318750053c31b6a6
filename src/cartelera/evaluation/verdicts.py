"""What measured differences mean, and how a model was made, in plain words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.comparison import Comparison
from cartelera.evaluation.metrics import METRICS
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.overlap import OVERLAP
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.model_names import model_name
from cartelera.evaluation.newcomer_lists import Newcomers


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
    name, metric = _in_sentence(other), METRICS[NDCG].name(comparison.k)
    if math.isnan(difference.value):
        return Verdict(False, f"No user has a relevant held-out title: {metric} is unknown.")
    own = comparison.interval(comparison.first, NDCG).value
    return _list_verdict(
        f"The model's lists hit {{}} than those of {name}",
        f"{metric} is {own:.3f} against {own - difference.value:.3f}",
        difference,
        comparison.confidence,
        relative_to=own - difference.value,
    )


def newcomer_verdict(newcomers: Newcomers, other: str, n: int, confidence: float) -> Verdict:
    """Say whether lists made from n ratings hit clearly more than another ranker's.

    Args:
        newcomers: What was measured.
        other: The other ranker.
        n: Number of ratings.
        confidence: Coverage of the intervals.
    """
    first = next(iter(newcomers.ndcg))
    difference = newcomers.differences[other][newcomers.n_ratings.index(n)]
    own, theirs = (newcomers.at(model, n).value for model in (first, other))

    if math.isnan(difference.value):
        return Verdict(False, f"Lists after {n} ratings could not be measured.")
    return _list_verdict(
        f"After {n} ratings a list hits {{}} than that of {_in_sentence(other)}",
        f"NDCG is {own:.3f} against {theirs:.3f}",
        difference,
        confidence,
        relative_to=theirs,
    )


def personal_verdict(comparison: Comparison, impersonal: str) -> Verdict:
    """Say whether the lists are made for each user: how much they share, and what that is worth.

    Args:
        comparison: Its first model is the one in question.
        impersonal: The same ranker with its personal part off.
    """
    difference = comparison.differences[NDCG][impersonal]
    overlap = comparison.interval(comparison.first, OVERLAP)
    if math.isnan(difference.value) or math.isnan(overlap.value):
        return Verdict(False, "Too few users to say how personal the lists are.")

    n_shared = overlap.value * comparison.k
    shared = (
        f"The lists of two users have {n_shared:.1f} of {comparison.k} titles in common on average"
    )

    # What lists are worth without their personal part is what everybody could get.
    without = comparison.interval(impersonal, NDCG).value
    evidence = _evidence(difference, comparison.confidence)
    if difference.low > 0:
        return Verdict(
            True, f"{shared}; with one list for all, NDCG would be only {without:.3f} {evidence}."
        )

    return Verdict(
        False,
        f"{shared}, but what is personal in them is worth nothing that can be told from chance: "
        f"with one list for all, NDCG would be {without:.3f} {evidence}.",
    )


def describe(card: Mapping[str, Any]) -> str:
    """Say in a sentence or two how a model was made; nothing if its card does not say."""
    if "role" not in card:
        return ""
    blend = card.get("blend")
    if not blend:
        return str(card["role"])

    numbers = (
        f"validation RMSE {blend['blend_valid_rmse']:.4f} against {blend['single_valid_rmse']:.4f}"
    )
    if blend["ships"]:
        what = f"The average of {blend['n_models']} models, better than the best alone ({numbers})."
    else:
        what = (
            f"The best trial's model: the average of {blend['n_models']} is not better by the "
            f"margin of {blend['margin']} ({numbers})."
        )
    return f"{what} {card['role']}"


def _list_verdict(
    claim: str, values: str, difference: Interval, confidence: float, *, relative_to: float
) -> Verdict:
    """Fill in `more` or `less` and by how much; `claim` has a place for it."""
    evidence = f"{values} {_evidence(difference, confidence)}"
    by = ""
    if relative_to > 0:
        by = f" by {abs(difference.value) / relative_to:.0%}"
    if difference.low > 0:
        return Verdict(True, f"{claim.format('more')}{by}: {evidence}.")
    if difference.high < 0:
        return Verdict(False, f"{claim.format('less')}{by}: {evidence}.")
    return Verdict(False, f"{claim.format('neither clearly more nor clearly less')}: {evidence}.")


def _in_sentence(model: str) -> str:
    name = model_name(model)
    return name if name.isupper() else (name[0].lower() + name[1:]).replace(" ", "-")


def _evidence(difference: Interval, confidence: float) -> str:
    return (
        f"(paired difference {_signed(difference.value)}, {confidence:.0%} interval "
        f"{_signed(difference.low)} to {_signed(difference.high)})"
    )


def _signed(number: float) -> str:
    return f"{number:+.4f}".replace("-", "\u2212")
