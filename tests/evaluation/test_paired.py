import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.comparison import RMSE, compare
from cartelera.evaluation.paired import paired_rmse

SETTINGS = {"n_bootstrap": 200, "confidence": 0.9, "seed": 0}


def test_values_worked_by_hand(fake, test):
    """The stars are 5 4 4 2 2 3 5: off from 3 by 2 1 1 1 1 0 2, from 4 by 1 0 0 2 2 1 1."""
    paired = paired_rmse(fake(["a"], stars=3.0), fake(["a"], stars=4.0), test, **SETTINGS)

    assert paired.first == pytest.approx(np.sqrt(12 / 7))
    assert paired.second == pytest.approx(np.sqrt(11 / 7))
    assert paired.difference.value == pytest.approx(np.sqrt(12 / 7) - np.sqrt(11 / 7))
    assert paired.difference.low < 0 < paired.difference.high


def test_the_other_way_round_is_the_other_sign(fake, test):
    models = fake(["a"], stars=3.0), fake(["a"], stars=4.0)
    one = paired_rmse(*models, test, **SETTINGS).difference
    other = paired_rmse(*models[::-1], test, **SETTINGS).difference
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))


def test_equal_models_do_not_differ(fake, test):
    paired = paired_rmse(fake(["a"]), fake(["b"]), test, **SETTINGS)
    assert vars(paired.difference) == {"value": 0, "low": 0, "high": 0}


def test_agrees_with_the_comparison_of_everything(fake, train, test):
    models = {"model": fake(["a"], stars=3.5), "other": fake(["a"], stars=2.0)}
    difference = compare(models, train, test, k=2, relevant_at=4.0, **SETTINGS).differences[RMSE]
    paired = paired_rmse(*models.values(), test, **SETTINGS)
    assert vars(paired.difference) == pytest.approx(vars(difference["other"]))


def test_nothing_to_measure_with_is_refused(fake, test):
    with pytest.raises(InputError, match="empty"):
        paired_rmse(fake(["a"]), fake(["a"]), test[:0], **SETTINGS)


def test_a_diverged_model_is_refused(fake):
    test = pd.DataFrame({c.USER_ID: [1], c.TITLE_ID: ["a"], c.RATING: [3.0]})
    with pytest.raises(InputError, match="diverged"):
        paired_rmse(fake(["a"]), fake(["a"], stars=float("nan")), test, **SETTINGS)
