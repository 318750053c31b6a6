from itertools import combinations
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.search.early_stopping import expected_gain, n_worthwhile, promises_too_little

VALUES = st.lists(st.integers(0, 1000).map(lambda n: n / 1000), min_size=2, max_size=9)


def test_hand_worked_gains():
    assert expected_gain([1.0, 0.9]) == pytest.approx(0.1), "the second half gained it"
    assert expected_gain([0.9, 1.0]) == pytest.approx(0.05), "half of all draws of one miss it"
    assert expected_gain([0.5, 0.5, 0.5]) == 0


@given(VALUES)
def test_the_gain_over_half_of_the_trials_is_the_mean_over_all_draws(values):
    half = len(values) // 2
    by_hand = fmean(min(drawn) for drawn in combinations(values, half)) - min(values)
    in_order = min(values[:half]) - min(values)

    assert expected_gain(values) == pytest.approx(max(by_hand, in_order), abs=1e-9)


@given(VALUES)
def test_no_gain_is_negative_and_none_exceeds_the_spread(values):
    assert -1e-12 <= expected_gain(values) <= max(values) - min(values) + 1e-12


DESCENT = [1 - n / 100 for n in range(30)]
PLATEAU = [0.8 + (n % 3) / 10_000 for n in range(30)]


def test_a_study_on_its_way_down_goes_on_and_one_on_a_plateau_ends():
    assert n_worthwhile(DESCENT, 0.01) == 30
    assert n_worthwhile(PLATEAU, 0.001) == 10, "the fewest there are to be"
    assert n_worthwhile(DESCENT + [DESCENT[-1]] * 60, 0.01) == 60, "gains lie in the first half"


def test_trials_without_a_value_do_not_count():
    assert n_worthwhile([None] * 25 + PLATEAU, 0.001) == 35


def test_without_a_margin_no_study_ends():
    assert n_worthwhile(PLATEAU, 0) == 30
    assert not promises_too_little(PLATEAU, 0)


@given(st.lists(st.one_of(st.none(), st.integers(0, 99).map(float)), max_size=30), st.floats(0, 9))
def test_a_study_goes_on_exactly_until_it_promises_too_little(values, margin):
    n = n_worthwhile(values, margin)

    assert not any(promises_too_little(values[:shorter], margin) for shorter in range(n))
    assert n == len(values) or promises_too_little(values[:n], margin)
