"""What a candidate has to pass: lists and stars, beside baselines and the champion."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.champion_comparison import (
    NEWCOMER_RATINGS,
    AgainstChampion,
    ChampionComparison,
)
from cartelera.evaluation.metrics import METRICS
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.stratified_recall import STRATIFIED_RECALL

LEAST_SHARE: Final = 0.9
"""Share of the champion's stratified recall and of its listed titles that is not given up."""


class Side(StrEnum):
    """Which of a version's two models is judged."""

    lists = "lists"
    stars = "stars"


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
        *_on_files(comparison, rules),
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


def _on_files(comparison: ChampionComparison, rules: Rules) -> Iterator[Check]:
    """Judge by the ratings of the source's files alone: who can send others must not decide."""
    alone = comparison.on_files
    if alone is None:
        return

    where = "On the ratings of the source's files alone, without those received"
    if isinstance(alone, str):
        yield Check(Side.lists, False, f"{where}, it cannot be told which is better: {alone}")
        return

    against = alone.champion or alone
    beside = "the baselines" if alone.champion is None else "the champion's recipe"
    verdict, passed = _not_lower(against.ndcg, rules.margin_ndcg)
    figures = f"{METRICS[NDCG].name(alone.k)}{_interval(against.ndcg, alone.confidence)}"
    yield Check(Side.lists, passed, f"{where}, lists beside {beside}: {figures}: {verdict}.")

    verdict, passed = _not_higher(against.rmse, rules.margin_rmse)
    figures = f"RMSE{_interval(against.rmse, alone.confidence)}"
    yield Check(Side.stars, passed, f"{where}, stars beside {beside}: {figures}: {verdict}.")


def _clearly_higher(difference: Interval, margin: float) -> tuple[str, bool]:
    if not difference.value > margin:
        return f"not better by the margin of {margin}", False
    if not difference.low > 0:
        return "better, but it may be chance: the interval holds 0", False
    return f"better by the margin of {margin}, and clearly so", True


def _not_lower(difference: Interval, margin: float) -> tuple[str, bool]:
    passed = difference.value >= -margin
    return f"{'not ' if passed else ''}worse by more than the margin of {margin}", passed


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
