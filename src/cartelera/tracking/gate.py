"""The gate: which candidate may become the champion.

Lists and stars are judged apart, each against the champion's recipe, refitted on the same ratings,
and against baselines. A candidate has to pass all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from cartelera.errors import InputError
from cartelera.evaluation.champion_comparison import ChampionComparison
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.tuned import BIAS_ONLY, POPULARITY
from cartelera.tracking.checks import Check, Rules, Side, check

_PROMOTE_ANYWAY: Final = "`cartelera promote {version} --reason ...` makes it the champion anyway."


@dataclass(frozen=True)
class Measured:
    """What the evaluation found out about a model.

    Attributes:
        rmse: The rating model's test RMSE, in stars.
        bias_only_rmse: That of the baseline that knows biases alone, on the same test part.
        split_digest: Digest of the split both were measured on.
        ndcg: The ranking model's NDCG@k; None if no user has a relevant held-out title.
        popularity_ndcg: That of what is popular.
    """

    rmse: float
    bias_only_rmse: float
    split_digest: str
    ndcg: float | None = None
    popularity_ndcg: float | None = None

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, Any]) -> Self:
        """Read it from the evaluation's metrics.

        Raises:
            InputError: If one of the numbers is missing.
        """
        try:
            return cls(
                rmse=float(metrics["model"][RMSE]),
                bias_only_rmse=float(metrics[BIAS_ONLY][RMSE]),
                split_digest=str(metrics["split_digest"]),
                ndcg=metrics["model"].get(NDCG),
                popularity_ndcg=metrics.get(POPULARITY, {}).get(NDCG),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"The metrics lack {error}: needed are model.rmse, bias_only.rmse and "
                "split_digest; run the stage evaluate again."
            ) from error


@dataclass(frozen=True)
class GateDecision:
    """What the gate says.

    Attributes:
        promote: Whether the candidate becomes the champion.
        reason: Why, in a few sentences.
        champion: The version of the champion it met, none if there was none.
        contest: How they compare, if they can be compared.
        checks: What the candidate had to pass.
    """

    promote: bool
    reason: str
    champion: int | None = None
    contest: ChampionComparison | None = None
    checks: tuple[Check, ...] = ()

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the decision that `dataclasses.asdict` made a mapping of.

        Raises:
            InputError: If it was another version of this program that wrote it.
        """
        try:
            contest: Mapping[str, Any] | None = content["contest"]
            return cls(
                promote=content["promote"],
                reason=content["reason"],
                champion=content["champion"],
                contest=None if contest is None else ChampionComparison.from_json(contest),
                checks=tuple(
                    Check(Side(one["side"]), one["passed"], one["sentence"])
                    for one in content["checks"]
                ),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"this is no decision of the gate: {error}") from error


def gate(
    candidate: int, champion: int | None, comparison: ChampionComparison | str, rules: Rules
) -> GateDecision:
    """Decide whether a candidate becomes the champion.

    What cannot be compared is refused: a person may promote it.

    Args:
        candidate: The version at the gate.
        champion: The version that holds the place, if there is one.
        comparison: How they compare, or a sentence that says why they cannot be compared.
        rules: When it is better.
    """
    anyway = _PROMOTE_ANYWAY.format(version=candidate)
    if isinstance(comparison, str):
        with_what = "the baselines" if champion is None else f"the champion, version {champion}"
        reason = f"Refused: it cannot be compared with {with_what}: {comparison} {anyway}"
        return GateDecision(False, reason, champion)
    checks = check(champion, comparison, rules)
    failed = [one for one in checks if not one.passed]
    told = " ".join(one.sentence for one in failed or checks)
    if failed:
        sides = " and ".join(dict.fromkeys(one.side.value for one in failed))
        reason = f"Refused for its {sides}. {told} {anyway}"
    else:
        met = " There is no champion to compare it with." if champion is None else ""
        reason = f"Promoted. {told}{met}"
    return GateDecision(not failed, reason, champion, comparison, checks)
