import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.explore import wording


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 titles"), (1, "1 title"), (1234, "1,234 titles")]
)
def test_counted(value, text):
    assert wording.counted(value, "title") == text


def test_counted_with_a_plural_of_its_own():
    assert wording.counted(3, "country", "countries") == "3 countries"


@given(st.floats(0, 1))
def test_percent_never_rounds_something_to_nothing_or_all(share):
    text = wording.percent(share)
    assert (text == "0%") == (share == 0)
    assert (text == "100%") == (share == 1)


@given(st.floats(0, 1))
def test_a_probability_never_reads_as_zero(p_value):
    assert wording.probability(p_value) != "p = 0"
