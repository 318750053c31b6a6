"""The gate: which candidate may become the champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cartelera.errors import InputError
from cartelera.evaluation.accuracy import Interval
from cartelera.tracking.contest import Contest


@dataclass(frozen=True)
class Measured:
    """What the evaluation found out about a model.

    Attributes:
        rmse: The model's test RMSE, in stars.
        bias_only_rmse: That of the baseline that knows biases alone, on the same test part.
        split_digest: Digest of the split both were measured on.
    """

    rmse: float
    bias_only_rmse: float
    split_digest: str

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, Any]) -> Self:
        """Read it from the evaluation's metrics.

        Raises:
            InputError: If one of the numbers is missing.
        """
        try:
            return cls(
                rmse=float(metrics["model"]["rmse"]),
                bias_only_rmse=float(metrics["bias_only"]["rmse"]),
                split_digest=str(metrics["split_digest"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"The metrics lack {error}: needed are model.rmse, bias_only.rmse and "
                "split_digest; run the stage evaluate again."
            ) from error


@dataclass(frozen=True, kw_only=True)
class Rules:
    """When a candidate is better.

    Attributes:
        margin: How much lower its RMSE must be, in stars.
        must_be_clear: Whether the interval of the difference to the champion must exclude 0, too.
        min_ratings: The fewest test ratings new to the champion that say something about both.
        n_bootstrap: Resamples of users behind the interval.
        confidence: Coverage of the interval.
        seed: Seed of the resamples.
    """

    margin: float
    must_be_clear: bool
    min_ratings: int
    n_bootstrap: int
    confidence: float
    seed: int


@dataclass(frozen=True)
class GateDecision:
    """What the gate says.

    Attributes:
        promote: Whether the candidate becomes the champion.
        reason: Why, in a sentence or two.
        champion: The version of the champion it was compared with, none if there was none.
        contest: How the two compare, if they can be compared.
    """

    promote: bool
    reason: str
    champion: int | None = None
    contest: Contest | None = None

    @property
    def is_without_contest(self) -> bool:
        """Whether a champion gives way to a candidate that it was not compared with."""
        return self.promote and self.champion is not None and self.contest is None


def gate(
    candidate: Measured, champion: int | None, contest: Contest | str | None, rules: Rules
) -> GateDecision:
    """Decide whether a candidate becomes the champion.

    It must be better than the bias baseline and than the champion, each by the margin. Where the
    two models cannot be compared, the baseline alone decides.

    Args:
        candidate: The model at the gate.
        champion: The version that holds the place, if there is one.
        contest: How the two compare on ratings that are new to both, or why they cannot be
            compared; none without a champion.
        rules: When it is better.
    """
    against_baseline = (
        f"RMSE {candidate.rmse:.4f} against {candidate.bias_only_rmse:.4f} of the bias baseline"
    )
    if not candidate.rmse < candidate.bias_only_rmse - rules.margin:
        reason = f"{against_baseline}: not better by the margin of {rules.margin}."
        return GateDecision(False, reason, champion)
    if champion is None or contest is None:
        reason = f"{against_baseline}, and there is no champion to compare with."
        return GateDecision(True, reason)
    if isinstance(contest, str):
        reason = (
            f"Promoted on the baseline alone: {against_baseline}. With the champion, version "
            f"{champion}, it cannot be compared: {contest}"
        )
        return GateDecision(True, reason, champion)
    return _against_champion(champion, contest, rules)


def _against_champion(champion: int, contest: Contest, rules: Rules) -> GateDecision:
    difference = contest.difference
    is_better = difference.value < -rules.margin
    is_clear = difference.high < 0
    if not is_better:
        verdict = f"not better by the margin of {rules.margin}"
    elif is_clear:
        verdict = f"better by the margin of {rules.margin}, and clearly so"
    elif rules.must_be_clear:
        verdict = "better, but it may be chance: the interval holds 0"
    else:
        verdict = f"better by the margin of {rules.margin}, though it may be chance"
    reason = (
        f"RMSE {contest.candidate_rmse:.4f} against {contest.champion_rmse:.4f} of the champion, "
        f"version {champion}, on {contest.measured_on}. Difference {difference.value:+.4f} stars, "
        f"{rules.confidence:.0%} interval {difference.low:+.4f} to {difference.high:+.4f}: "
        f"{verdict}."
    )
    promote = is_better and (is_clear or not rules.must_be_clear)
    return GateDecision(promote, reason, champion, contest)


def decision_from(content: Mapping[str, Any]) -> GateDecision:
    """Make a decision again of what `dataclasses.asdict` made of it."""
    contest: Mapping[str, Any] | None = content["contest"]
    return GateDecision(
        promote=content["promote"],
        reason=content["reason"],
        champion=content["champion"],
        contest=None if contest is None else _contest_from(contest),
    )


def _contest_from(content: Mapping[str, Any]) -> Contest:
    numbers = {name: content[name] for name in ("n_ratings", "candidate_rmse", "champion_rmse")}
    return Contest(
        measured_on=content["measured_on"],
        difference=Interval(**content["difference"]),
        **numbers,
    )
