from typing import Any

import pytest

from cartelera.errors import InputError
from cartelera.service.answering.intervals import Intervals
from cartelera.service.answering.replies import Interval

SCALE = (0.5, 5.0)
OVERALL = {"coverage": 0.8, "low": -1.0, "high": 0.5}
BANDS = [{"up_to": 3.0, "low": -2.0, "high": 2.0}, {"up_to": 5.0, "low": -0.5, "high": 0.25}]


def test_without_bands_the_overall_errors_hold():
    assert Intervals.of(OVERALL).around(3.0, SCALE) == Interval(2.0, 3.5, 0.8)


@pytest.mark.parametrize(
    ("score", "low", "high"), [(2.5, 0.5, 4.5), (3.0, 1.0, 5.0), (3.25, 2.75, 3.5)]
)
def test_the_first_band_that_reaches_the_score_holds(score: float, low: float, high: float):
    assert Intervals.of({**OVERALL, "bands": BANDS}).around(score, SCALE) == Interval(
        low, high, 0.8
    )


def test_an_interval_stays_inside_the_scale():
    assert Intervals.of(OVERALL).around(0.75, SCALE) == Interval(0.5, 1.25, 0.8)
    assert Intervals.of(OVERALL).around(5.0, SCALE) == Interval(4.0, 5.0, 0.8)


@pytest.mark.parametrize(
    "wrong", [{"low": "x"}, {"coverage": 1.5}, {"high": None}, {"bands": [{}]}]
)
def test_what_cannot_be_read_is_an_error(wrong: dict[str, Any]):
    with pytest.raises(InputError, match="intervals cannot be read"):
        Intervals.of({**OVERALL, **wrong})
