import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation import comparison as m
from cartelera.evaluation.comparison import compare

SETTINGS = {"k": 2, "relevant_at": 4.0, "n_bootstrap": 200, "confidence": 0.9, "seed": 0}


@pytest.fixture
def compared(model, fake, train, test):
    models = {"model": model, "bold": fake(["e", "d", "c", "b", "a"], stars=4.0)}
    return compare(models, train, test, **SETTINGS)


def test_values_worked_by_hand(compared):
    """The model's errors are -2 -1 -1 1 1 0 -2; its lists are those of `test_ranking`."""
    second_place = 1 / np.log2(3)
    expected = {
        m.RMSE: np.sqrt(12 / 7),
        m.MAE: 8 / 7,
        m.PRECISION: 0.5,
        m.RECALL: 2.5 / 3,
        m.NDCG: (1 / (1 + second_place) + second_place + 1) / 3,
        m.MAP: 2 / 3,
        m.NOVELTY: (2 - np.log2(3 / 4) + 1 + 1 + 2) / 5,
        m.COVERAGE: 3 / 5,
    }

    assert {x: compared.interval("model", x).value for x in m.MEASURES} == pytest.approx(expected)


def test_who_is_measured_is_counted(compared):
    assert compared.n_test_ratings == 7
    assert compared.n_test_users == 4
    assert compared.n_ranked_users == 3


def test_the_table_has_a_row_a_model_and_intervals_around_the_values(compared):
    assert compared.table[m.MODEL].tolist() == ["model", "bold"]
    assert compared.first == "model"
    for measure in m.WITH_INTERVAL:
        low, high = compared.table[measure + m.LOW], compared.table[measure + m.HIGH]
        assert (low <= compared.table[measure] + 1e-12).all()
        assert (compared.table[measure] <= high + 1e-12).all()


def test_differences_are_first_minus_other(compared):
    for measure in m.PAIRED:
        difference = compared.differences[measure]["bold"]
        values = [compared.interval(name, measure).value for name in ("model", "bold")]
        assert difference.value == pytest.approx(values[0] - values[1])
        assert difference.low <= difference.value <= difference.high


def test_equal_models_do_not_differ(model, train, test):
    compared = compare({"one": model, "other": model}, train, test, **SETTINGS)

    for measure in m.PAIRED:
        difference = compared.differences[measure]["other"]
        assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_the_same_every_time_and_whatever_the_order_of_rows(model, train, test):
    one = compare({"model": model}, train, test, **SETTINGS)
    again = compare({"model": model}, train[::-1], test[::-1], **SETTINGS)

    pd.testing.assert_frame_equal(one.table, again.table)


def test_a_model_that_is_better_for_everyone_is_clearly_better(fake):
    users = np.repeat(np.arange(20), 5)
    test = pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: np.tile(list("abcde"), 20),
            c.RATING: np.tile([3.0, 3.5, 4.0, 3.0, 3.5], 20),
        }
    )
    train = pd.DataFrame({c.USER_ID: [0], c.TITLE_ID: ["z"]})

    compared = compare(
        {"near": fake(["a"], stars=3.5), "far": fake(["a"], stars=2.0)}, train, test, **SETTINGS
    )

    assert compared.differences[m.RMSE]["far"].high < 0


def test_without_relevant_titles_the_lists_are_not_judged(model, train, test):
    compared = compare({"model": model}, train, test, **{**SETTINGS, "relevant_at": 6.0})

    assert compared.n_ranked_users == 0
    assert compared.interval("model", m.RMSE).value == pytest.approx(np.sqrt(12 / 7))
    assert np.isnan(compared.interval("model", m.NDCG).value)
    assert np.isnan(compared.interval("model", m.COVERAGE).value)


def test_bad_input_is_refused(fake, model, train, test):
    with pytest.raises(InputError, match="empty"):
        compare({"model": model}, train, test[:0], **SETTINGS)
    with pytest.raises(InputError, match="diverged"):
        compare({"model": fake(["a"], stars=np.nan)}, train, test, **SETTINGS)
