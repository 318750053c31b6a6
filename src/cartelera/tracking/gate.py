"""The gate: which candidate may become the champion.

Lists and stars are judged apart, each against the champion's recipe, refitted on the same ratings,
and against baselines. A candidate has to pass all of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from cartelera.errors import InputError
from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.champion_comparison import (
    NEWCOMER_RATINGS,
    AgainstChampion,
    ChampionComparison,
)
from cartelera.evaluation.metrics import METRICS
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.metrics.stratified_recall import STRATIFIED_RECALL
from cartelera.evaluation.tuned import BIAS_ONLY, POPULARITY

LEAST_SHARE: Final = 0.9
"""Share of the champion's stratified recall and of its listed titles that is not given up."""

_PROMOTE_ANYWAY: Final = "`cartelera promote {version} --reason ...` makes it the champion anyway."


class Side(StrEnum):
    """Which of a version's two models is judged."""

    lists = "lists"
    stars = "stars"


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


@dataclass(frozen=True, kw_only=True)
class Rules:
    """When a candidate is better.

    Attributes:
        margin_ndcg: How much higher its NDCG@k must be than the champion's and popularity's.
        margin_rmse: How much higher than the champion's and the best baseline's its RMSE may be, in
            stars.
        min_users: The fewest users whose lists say something about both.
    """

    margin_ndcg: float
    margin_rmse: float
    min_users: int


@dataclass(frozen=True)
class Check:
    """One thing a candidate has to pass.

    Attributes:
        side: Which of its models it is about.
        passed: Whether it passed.
        sentence: What was found.
    """

    side: Side
    passed: bool
    sentence: str


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


def check(champion: int | None, comparison: ChampionComparison, rules: Rules) -> tuple[Check, ...]:
    """Check everything that a candidate has to pass.

    Args:
        champion: The version that holds the place, if there is one.
        comparison: How they compare.
        rules: When a candidate is better.
    """
    return (
        _against_popularity(comparison, rules),
        _of_newcomers(comparison),
        _against_best_baseline(comparison, rules),
        *_against_champion(champion, comparison, rules),
    )


def _against_popularity(comparison: ChampionComparison, rules: Rules) -> Check:
    figures = (
        f"{METRICS[NDCG].name(comparison.k)} {comparison.candidate.ndcg:.4f} against "
        f"{comparison.popularity_ndcg:.4f}"
        f"{_interval(comparison.ndcg, comparison.confidence)}"
    )
    verdict, passed = _clearly_higher(comparison.ndcg, rules.margin_ndcg)
    sentence = f"Lists beside what is popular with everyone: {figures}: {verdict}."
    return Check(Side.lists, passed, sentence)


def _of_newcomers(comparison: ChampionComparison) -> Check:
    figures = (
        f"{METRICS[NDCG].name(comparison.k)} {comparison.candidate.newcomer_ndcg:.4f} against "
        f"{comparison.popularity_newcomer_ndcg:.4f}"
        f"{_interval(comparison.newcomer_ndcg, comparison.confidence)}"
    )
    passed = comparison.newcomer_ndcg.high >= 0
    verdict = "not clearly worse" if passed else "clearly worse"
    sentence = (
        f"Lists from {NEWCOMER_RATINGS} ratings beside what is popular: {figures}: {verdict}."
    )
    return Check(Side.lists, passed, sentence)


def _against_best_baseline(comparison: ChampionComparison, rules: Rules) -> Check:
    """Judge stars: as good as means and biases is enough only where the lists show taste."""
    verdict, passed = _not_higher(comparison.rmse, rules.margin_rmse)
    if passed and comparison.rmse.high >= 0 and comparison.ndcg.low <= 0:
        verdict, passed = "not clearly better: nothing is learnt beyond means", False
    figures = (
        f"RMSE {comparison.candidate.rmse:.4f} against {comparison.best_baseline_rmse:.4f}"
        f"{_interval(comparison.rmse, comparison.confidence)}"
    )
    name = comparison.best_baseline.replace("_", " ")
    sentence = f"Stars beside the best tuned baseline ({name}): {figures}: {verdict}."
    return Check(Side.stars, passed, sentence)


def _against_champion(
    version: int | None, comparison: ChampionComparison, rules: Rules
) -> Iterator[Check]:
    against = comparison.champion
    if against is None:
        return
    own, champion = comparison.candidate, against.worth
    name = f"the recipe of the champion, version {version}, fitted on the same ratings"
    figures = (
        f"{METRICS[NDCG].name(comparison.k)} {own.ndcg:.4f} against {champion.ndcg:.4f}"
        f"{_interval(against.ndcg, comparison.confidence)}"
    )
    verdict, passed = _clearly_higher(against.ndcg, rules.margin_ndcg)
    yield Check(Side.lists, passed, f"Lists beside {name}: {figures}: {verdict}.")
    yield from _not_given_up(comparison, against)

    figures = (
        f"RMSE {own.rmse:.4f} against {champion.rmse:.4f}"
        f"{_interval(against.rmse, comparison.confidence)}"
    )
    verdict, passed = _not_higher(against.rmse, rules.margin_rmse)
    yield Check(Side.stars, passed, f"Stars beside {name}: {figures}: {verdict}.")


def _not_given_up(comparison: ChampionComparison, against: AgainstChampion) -> Iterator[Check]:
    own, champion = comparison.candidate, against.worth
    recall = METRICS[STRATIFIED_RECALL].name(comparison.k)
    for what, ours, theirs in (
        (recall, own.stratified_recall, champion.stratified_recall),
        ("Number of listed titles", own.n_listed, champion.n_listed),
    ):
        passed = ours >= LEAST_SHARE * theirs
        verdict = "at least" if passed else "less than"
        yield Check(
            Side.lists,
            passed,
            f"{what} {ours:.4g} against {theirs:.4g} of the champion: {verdict} "
            f"{LEAST_SHARE:.0%} of it.",
        )


def _clearly_higher(difference: Interval, margin: float) -> tuple[str, bool]:
    if not difference.value > margin:
        return f"not better by the margin of {margin}", False
    if not difference.low > 0:
        return "better, but it may be chance: the interval holds 0", False
    return f"better by the margin of {margin}, and clearly so", True


def _not_higher(difference: Interval, margin: float) -> tuple[str, bool]:
    if not difference.value <= margin:
        return f"worse by more than the margin of {margin}", False
    if difference.high < 0:
        return "clearly better", True
    return f"not worse by more than the margin of {margin}", True


def _interval(difference: Interval, confidence: float) -> str:
    return (
        f" (difference {difference.value:+.4f}, {confidence:.0%} interval {difference.low:+.4f} to "
        f"{difference.high:+.4f})"
    )
