import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.errors import InputError
from cartelera.tracking.gate import Measured, gate


def measured(rmse: float, *, baseline: float = 0.95, split: str = "a") -> Measured:
    return Measured(rmse=rmse, bias_only_rmse=baseline, split_digest=split)


@pytest.mark.parametrize(
    ("candidate", "champion", "promote", "reason"),
    [
        (measured(0.90), None, True, "there is no champion"),
        (measured(0.95), None, False, "the bias baseline: not better"),
        (measured(0.945), None, False, "the bias baseline: not better by the margin of 0.01"),
        (measured(0.90), measured(0.92), True, "0.9000 against 0.9200 of the champion"),
        (measured(0.90), measured(0.905), False, "not better by the margin"),
        (measured(0.90), measured(0.90), False, "not better"),
        (measured(0.90), measured(0.80), False, "not better"),
        (measured(0.96), measured(0.99), False, "the bias baseline: not better"),
        (measured(0.90), measured(0.80, split="b"), True, "measured on another split"),
        (measured(0.96), measured(0.99, split="b"), False, "the bias baseline"),
        (measured(float("nan")), None, False, "the bias baseline"),
    ],
)
def test_the_gate(candidate, champion, promote, reason):
    decision = gate(candidate, champion, margin=0.01)

    assert decision.promote is promote
    assert reason in decision.reason


@given(st.floats(0, 2), st.floats(0, 2), st.floats(0, 0.5))
def test_no_two_models_beat_each_other(one, other, margin):
    first, second = measured(one, baseline=9), measured(other, baseline=9)

    assert not (gate(first, second, margin).promote and gate(second, first, margin).promote)


def test_what_the_gate_reads_in_the_metrics():
    metrics = {"model": {"rmse": 0.9}, "bias_only": {"rmse": 0.95}, "split_digest": "ab"}

    assert Measured.from_metrics(metrics) == measured(0.9, split="ab")
    for missing in metrics:
        with pytest.raises(InputError, match=missing):
            Measured.from_metrics({k: v for k, v in metrics.items() if k != missing})
