import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.errors import InputError
from cartelera.evaluation.accuracy import Interval
from cartelera.tracking.contest import Contest
from cartelera.tracking.gate import Measured, Rules, decision_from, gate

RULES = Rules(
    margin=0.01, must_be_clear=True, min_ratings=1, n_bootstrap=100, confidence=0.95, seed=0
)
LENIENT = replace(RULES, must_be_clear=False)


def measured(rmse: float, *, baseline: float = 0.95) -> Measured:
    return Measured(rmse=rmse, bias_only_rmse=baseline, split_digest="a")


def contest(difference: float, half_width: float = 0.005) -> Contest:
    interval = Interval(difference, difference - half_width, difference + half_width)
    return Contest("all 8 ratings of the same test part", 8, 0.9, 0.9 - difference, interval)


@pytest.mark.parametrize(
    ("candidate", "champion", "met", "rules", "promote", "reason"),
    [
        (measured(0.90), None, None, RULES, True, "there is no champion"),
        (measured(0.95), None, None, RULES, False, "the bias baseline: not better"),
        (measured(0.945), None, None, RULES, False, "not better by the margin of 0.01"),
        (measured(float("nan")), None, None, RULES, False, "the bias baseline"),
        (measured(0.90), 3, contest(-0.02), RULES, True, "clearly so"),
        (measured(0.90), 3, contest(-0.02, 0.03), RULES, False, "may be chance"),
        (measured(0.90), 3, contest(-0.02, 0.03), LENIENT, True, "though it may be chance"),
        (measured(0.90), 3, contest(-0.005), LENIENT, False, "not better by the margin"),
        (measured(0.90), 3, contest(0.0), RULES, False, "not better"),
        (measured(0.90), 3, contest(0.1), LENIENT, False, "not better"),
        (measured(0.96), 3, contest(-0.1), RULES, False, "the bias baseline: not better"),
        (measured(0.90), 3, "they are too far apart.", RULES, True, "cannot be compared: they"),
        (measured(0.96), 3, "they are too far apart.", RULES, False, "the bias baseline"),
    ],
)
def test_the_gate(candidate, champion, met, rules, promote, reason):
    decision = gate(candidate, champion, met, rules)

    assert decision.promote is promote
    assert reason in decision.reason


def test_the_reason_says_what_was_measured_on_what():
    assert gate(measured(0.9), 3, contest(-0.02), RULES).reason == (
        "RMSE 0.9000 against 0.9200 of the champion, version 3, on all 8 ratings of the same test "
        "part. Difference -0.0200 stars, 95% interval -0.0250 to -0.0150: better by the margin of "
        "0.01, and clearly so."
    )


@pytest.mark.parametrize(
    ("champion", "met", "is_without_contest"),
    [(None, None, False), (3, contest(-0.02), False), (3, "they are too far apart.", True)],
)
def test_a_decision_says_whether_a_champion_gives_way_without_a_contest(
    champion, met, is_without_contest
):
    assert gate(measured(0.9), champion, met, RULES).is_without_contest is is_without_contest
    assert not gate(measured(0.96), champion, met, RULES).is_without_contest


@given(st.floats(-1, 1), st.floats(0, 1), st.booleans())
def test_no_two_models_beat_each_other(difference, half_width, must_be_clear):
    rules = replace(RULES, must_be_clear=must_be_clear)
    one, other = contest(difference, half_width), contest(-difference, half_width)

    assert not (
        gate(measured(0.1), 1, one, rules).promote and gate(measured(0.1), 2, other, rules).promote
    )


@pytest.mark.parametrize("met", [contest(-0.02), "they are too far apart."])
def test_a_decision_survives_being_written_down(met):
    decision = gate(measured(0.9), 3, met, RULES)

    assert decision_from(json.loads(json.dumps(asdict(decision)))) == decision


def test_what_the_gate_reads_in_the_metrics():
    metrics = {"model": {"rmse": 0.9}, "bias_only": {"rmse": 0.95}, "split_digest": "a"}

    assert Measured.from_metrics(metrics) == measured(0.9)
    for missing in metrics:
        with pytest.raises(InputError, match=missing):
            Measured.from_metrics({k: v for k, v in metrics.items() if k != missing})
