import json
from dataclasses import asdict, replace

import pytest

from cartelera.errors import InputError
from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.champion_comparison import Worth
from cartelera.tracking.gate import GateDecision, Measured, gate

from .conftest import RULES, around, make_contest


def decide(contest) -> GateDecision:
    champion = None if isinstance(contest, str) or contest.champion is None else 3
    return gate(7, champion, contest, RULES)


def test_what_is_clearly_better_is_promoted():
    decision = decide(make_contest(0.15, champion=0.13))

    assert decision.promote
    assert decision.champion == 3
    assert "NDCG@10 0.1500 against 0.1300 (difference +0.0200" in decision.reason
    assert "95% interval +0.0100 to +0.0300): better by the margin of 0.002" in decision.reason


@pytest.mark.parametrize(
    ("champion", "said"),
    [
        (0.15, "not better by the margin of 0.002"),
        (0.149, "not better by the margin of 0.002"),
        (0.145, "may be chance: the interval holds 0"),
        (0.17, "not better by the margin of 0.002"),
    ],
)
def test_lists_that_are_not_clearly_better_than_the_champions_are_refused(champion, said):
    decision = decide(make_contest(0.15, champion=champion))

    assert not decision.promote
    assert decision.reason.startswith("Refused for its lists. ")
    assert said in decision.reason
    assert "`cartelera promote 7 --reason ...`" in decision.reason


@pytest.mark.parametrize(("rmse", "passes"), [(0.85, True), (0.9009, True), (0.9011, False)])
def test_stars_may_not_be_worse_than_the_champions(rmse, passes):
    decision = decide(make_contest(0.15, champion=0.13, rmse=rmse))

    assert decision.promote is passes
    assert passes or decision.reason.startswith("Refused for its stars. ")


def test_newcomers_lists_may_not_be_clearly_worse_than_what_is_popular():
    as_good = decide(make_contest(0.15, champion=0.13, newcomer_ndcg=around(-0.009)))
    worse = decide(make_contest(0.15, champion=0.13, newcomer_ndcg=around(-0.011)))

    assert as_good.promote
    assert not worse.promote
    assert "Lists from 3 ratings" in worse.reason


@pytest.mark.parametrize(
    ("recall", "listed", "said"),
    [
        (0.0909, 91, None),
        (0.0889, 100, "Stratified recall@10"),
        (0.1, 89, "Number of listed titles 89 against 100"),
    ],
)
def test_no_more_than_a_tenth_of_rare_titles_may_be_given_up(recall, listed, said):
    worth = Worth(0.15, 0.1, stratified_recall=recall, n_listed=listed, rmse=0.9)
    decision = decide(make_contest(0.15, champion=0.13, candidate=worth))

    assert decision.promote is (said is None)
    assert said is None or said in decision.reason


def test_a_first_model_has_to_beat_the_baselines_alone():
    first = decide(make_contest(0.15))
    assert first.promote
    assert "There is no champion to compare it with" in first.reason

    impersonal = decide(make_contest(0.105))
    assert not impersonal.promote
    assert "beside what is popular with everyone" in impersonal.reason


@pytest.mark.parametrize(
    ("ndcg", "rmse", "said"),
    [
        (0.13, 0.9, None),
        (0.1281, 0.9, None),
        (0.1279, 0.9, "alone, without those received, lists beside the champion's recipe"),
        (0.15, 0.9011, "alone, without those received, stars beside the champion's recipe"),
    ],
)
def test_on_the_ratings_of_the_files_alone_neither_lists_nor_stars_may_be_worse(ndcg, rmse, said):
    alone = make_contest(ndcg, champion=0.13, rmse=rmse)
    decision = decide(make_contest(0.15, champion=0.13, on_files=alone))

    assert decision.promote is (said is None)
    assert said is None or said in decision.reason


def test_a_first_model_may_not_be_worse_than_the_baselines_on_the_ratings_of_the_files():
    assert decide(make_contest(0.15, on_files=make_contest(0.0981))).promote

    decision = decide(make_contest(0.15, on_files=make_contest(0.0979)))
    assert not decision.promote
    assert "lists beside the baselines: NDCG@10 (difference -0.0021" in decision.reason


def test_received_ratings_alone_promote_nothing():
    decision = decide(make_contest(0.15, champion=0.13, on_files="only 8 users have them."))

    assert not decision.promote
    assert "files alone, without those received, it cannot be told which" in decision.reason
    assert "only 8 users" in decision.reason
    assert "`cartelera promote 7 --reason ...`" in decision.reason


def with_rmse(contest, difference: Interval):
    return replace(contest, rmse=difference)


def test_stars_worse_than_the_best_tuned_baseline_are_refused():
    contest = make_contest(0.15, best_baseline_rmse=0.8972)
    decision = decide(with_rmse(contest, Interval(0.0028, 0.001, 0.0045)))

    assert not decision.promote
    assert "the best tuned baseline (user mean): RMSE 0.9000 against 0.8972" in decision.reason
    assert "worse by more than the margin of 0.001" in decision.reason


def test_without_taste_both_models_are_refused():
    decision = decide(with_rmse(make_contest(0.1), Interval(0.0005, -0.001, 0.002)))

    assert not decision.promote
    assert decision.reason.startswith("Refused for its lists and stars. ")
    assert "nothing is learnt beyond means" in decision.reason


def test_stars_as_good_as_biases_are_enough_where_the_lists_show_taste():
    assert decide(with_rmse(make_contest(0.15), Interval(0.0005, -0.001, 0.002))).promote


def test_what_cannot_be_compared_is_refused_with_the_way_out():
    decision = gate(7, 3, "only 8 users have something to compare.", RULES)

    assert not decision.promote
    assert "cannot be compared with the champion, version 3: only 8 users" in decision.reason
    assert "`cartelera promote 7 --reason ...`" in decision.reason
    assert "with the baselines" in gate(1, None, "only 8 users.", RULES).reason


@pytest.mark.parametrize(
    "contest",
    [
        "only 8 users.",
        make_contest(0.15, champion=0.13),
        make_contest(0.15, on_files=make_contest(0.1)),
        make_contest(0.15, on_files="only 8 users."),
    ],
)
def test_a_decision_survives_its_way_through_json(contest):
    decision = decide(contest)
    assert GateDecision.from_json(json.loads(json.dumps(asdict(decision)))) == decision


def test_the_decision_of_another_version_of_the_program_is_not_read():
    with pytest.raises(InputError, match="no decision"):
        GateDecision.from_json({"promote": True, "reason": "x", "champion": 1, "contest": {}})


def test_what_was_measured_is_read_from_the_metrics():
    metrics = {
        "model": {"rmse": 0.9, "ndcg_at_k": 0.2},
        "bias_only": {"rmse": 1},
        "popularity": {"ndcg_at_k": 0.1},
        "split_digest": "ab",
    }
    assert Measured.from_metrics(metrics) == Measured(0.9, 1.0, "ab", 0.2, 0.1)
    with pytest.raises(InputError, match="bias_only"):
        Measured.from_metrics({"model": {"rmse": 0.9}, "split_digest": "ab"})


@pytest.mark.parametrize(
    ("lists", "promote"),
    [
        (Interval(0.01, 0.001, 0.02), True),
        (Interval(0.01, 0.0, 0.02), False),  # holds 0
        (Interval(0.002, 0.001, 0.003), False),  # the margin itself
    ],
)
def test_lists_have_to_be_above_the_margin_and_above_chance(lists, promote):
    assert decide(replace(make_contest(0.15), ndcg=lists)).promote is promote
    contest = make_contest(0.15, champion=0.13)
    against = replace(contest.champion, ndcg=lists)
    assert decide(replace(contest, champion=against)).promote is promote


@pytest.mark.parametrize(
    ("stars", "promote", "said"),
    [
        (Interval(0.001, 0.0005, 0.002), True, ": not worse by more than the margin of 0.001."),
        (Interval(-0.01, -0.02, 0.0), True, ": not worse by more than the margin of 0.001."),
        (Interval(-0.01, -0.02, -0.001), True, ": clearly better."),
        (Interval(0.0011, 0.0005, 0.002), False, ": worse by more than the margin of 0.001."),
    ],
)
def test_stars_may_be_worse_up_to_the_margin_and_are_clearly_better_below_zero(
    stars, promote, said
):
    decision = decide(with_rmse(make_contest(0.15), stars))

    assert decision.promote is promote
    assert said in decision.reason.split("Stars beside the best tuned baseline")[1]


@pytest.mark.parametrize(
    ("stars", "lists", "said"),
    [
        (Interval(-0.01, -0.02, 0.0), Interval(0.01, 0.0, 0.02), True),
        (Interval(-0.01, -0.02, 0.0), Interval(0.01, 0.001, 0.02), False),
        (Interval(-0.01, -0.02, -0.001), Interval(0.01, 0.0, 0.02), False),
    ],
)
def test_nothing_is_learnt_where_neither_lists_nor_stars_are_clearly_better(stars, lists, said):
    decision = decide(replace(make_contest(0.15), ndcg=lists, rmse=stars))

    assert ("nothing is learnt beyond means" in decision.reason) is said


def test_newcomers_lists_may_touch_zero_from_below():
    at_zero = make_contest(0.15, newcomer_ndcg=Interval(-0.01, -0.02, 0.0))
    assert decide(at_zero).promote
    assert ": not clearly worse." in decide(at_zero).reason
    below = make_contest(0.15, newcomer_ndcg=Interval(-0.02, -0.03, -0.01))
    assert ": clearly worse." in decide(below).reason


def test_exactly_nine_tenths_of_rare_titles_are_enough():
    worth = Worth(0.15, 0.1, stratified_recall=0.1, n_listed=90, rmse=0.9)
    assert decide(make_contest(0.15, champion=0.13, candidate=worth)).promote


@pytest.mark.parametrize(("difference", "promote"), [(-0.002, True), (-0.0021, False)])
def test_on_the_files_alone_lists_may_be_worse_up_to_the_margin(difference, promote):
    alone = replace(make_contest(0.15), ndcg=around(difference))
    assert decide(make_contest(0.15, on_files=alone)).promote is promote
