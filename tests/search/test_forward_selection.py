import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cartelera.search.forward_selection import select_for_average

TRUTH = [3.0, 3.0, 3.0, 3.0]
HIGH = [3.5, 3.5, 3.0, 3.0]
ALIKE = [3.5, 3.5, 3.0, 3.1]
LOW = [2.4, 2.4, 3.0, 3.0]
OFF = [5.0, 1.0, 5.0, 1.0]


def test_a_weaker_model_that_errs_elsewhere_is_chosen_before_a_better_one_that_errs_alike():
    assert select_for_average([ALIKE, HIGH, LOW], TRUTH, 2) == (1, 2)


def test_models_that_do_not_help_are_left_out():
    assert select_for_average([HIGH, OFF], TRUTH, 9) == (0,)
    assert select_for_average([HIGH, HIGH], TRUTH, 9) == (0,)


def test_no_more_than_asked_for_are_chosen_and_none_twice():
    assert select_for_average([ALIKE, HIGH, LOW], TRUTH, 1) == (1,)
    assert sorted(select_for_average([ALIKE, HIGH, LOW], TRUTH, 9)) == [1, 2]


@pytest.mark.parametrize(("models", "most"), [([], 3), ([HIGH], 0), ([HIGH, [3.0]], 2)])
def test_nothing_to_choose_from(models, most):
    with pytest.raises(ValueError, match=r"no models|shape"):
        select_for_average(models, TRUTH, most)


@given(arrays(np.float64, (6, 8), elements=st.integers(1, 10).map(float)))
def test_the_average_of_the_chosen_is_at_least_as_good_as_the_best_model(predictions):
    truth = np.full(8, 5.0)

    chosen = list(select_for_average(list(predictions), truth, 4))

    def error(rows):
        return np.mean((predictions[rows].mean(axis=0) - truth) ** 2)

    assert len(set(chosen)) == len(chosen) <= 4
    assert error(chosen) <= min(error([row]) for row in range(6)) + 1e-12
    assert chosen[0] == int(np.argmin([error([row]) for row in range(6)]))
