"""The gate: which candidate may become the champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cartelera.errors import InputError


@dataclass(frozen=True)
class Measured:
    """What the gate looks at.

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


@dataclass(frozen=True)
class GateDecision:
    """What the gate says.

    Attributes:
        promote: Whether the candidate becomes the champion.
        reason: Why, in a sentence.
    """

    promote: bool
    reason: str


def gate(candidate: Measured, champion: Measured | None, margin: float) -> GateDecision:
    """Decide whether a candidate becomes the champion.

    It must be better than the bias baseline and than the champion, each by the margin. The numbers
    of a champion that was measured on another split say nothing about this one, so then the
    baseline alone decides.

    Args:
        candidate: The model at the gate.
        champion: The one that holds the place, if there is one.
        margin: How much lower the candidate's RMSE must be, in stars.
    """
    if not candidate.rmse < candidate.bias_only_rmse - margin:
        return GateDecision(
            promote=False,
            reason=f"{_compared(candidate, candidate.bias_only_rmse, 'the bias baseline')}: not "
            f"better by the margin of {margin}.",
        )
    if champion is None:
        return GateDecision(
            promote=True,
            reason=f"{_compared(candidate, candidate.bias_only_rmse, 'the bias baseline')}, and "
            "there is no champion to compare with.",
        )
    if champion.split_digest != candidate.split_digest:
        return GateDecision(
            promote=True,
            reason=f"{_compared(candidate, candidate.bias_only_rmse, 'the bias baseline')}. The "
            "champion was measured on another split, so its RMSE does not compare.",
        )
    is_better = candidate.rmse < champion.rmse - margin
    return GateDecision(
        promote=is_better,
        reason=f"{_compared(candidate, champion.rmse, 'the champion')} on the same split: "
        f"{'' if is_better else 'not '}better by the margin of {margin}.",
    )


def _compared(candidate: Measured, other_rmse: float, other: str) -> str:
    return f"RMSE {candidate.rmse:.4f} against {other_rmse:.4f} of {other}"
