import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.config import compose
from cartelera.ratings.scale import RatingScale


@pytest.mark.parametrize(
    ("scale", "possible", "impossible"),
    [
        (RatingScale(), [0.5, 4.5, 5], [0, 0.25, 5.5, float("nan"), float("inf"), 10**300]),
        (RatingScale(1, 4, 1), [1, 4.0], [0.5, 1.5, 5, -1]),
        (RatingScale(0, 5, 0.1), [0, 0.3, 4.7], [0.25, -0.1]),
        (RatingScale(0.5, 4, 1), [0.5, 3.5], [1, 4]),
    ],
)
def test_what_a_scale_holds(scale, possible, impossible):
    assert all(scale.holds(rating) for rating in possible)
    assert not any(scale.holds(rating) for rating in impossible)


@pytest.mark.parametrize(
    ("scale", "best", "blank", "said"),
    [
        (RatingScale(), 5, 0, "0.5 to 5 by 0.5"),
        (RatingScale(1, 4, 1), 4, 0, "1 to 4 by 1"),
        (RatingScale(1, 5, 0.5), 5, 0, "1 to 5 by 0.5"),
        (RatingScale(0, 5, 0.5), 5, -0.5, "0 to 5 by 0.5"),
        (RatingScale(0.5, 4, 1), 3.5, -0.5, "0.5 to 4 by 1"),
    ],
)
def test_the_ends_of_a_scale(scale, best, blank, said):
    assert (scale.best, scale.blank, str(scale)) == (best, blank, said)
    assert scale.holds(scale.best)
    assert not scale.holds(scale.blank)


@given(
    st.floats(0, 1),
    st.floats(2, 5),
    st.sampled_from([0.1, 0.25, 0.5, 1]),
    st.lists(st.floats(-1, 6), max_size=20),
)
def test_one_and_many_are_judged_alike(low, high, step, ratings):
    scale = RatingScale(low, high, step)
    many = np.array([*ratings, low, low + step])
    found = ~(scale.is_outside(many) | scale.is_off_grid(many))
    assert found.tolist() == [scale.holds(rating) for rating in many.tolist()]


def test_it_is_by_default_what_the_settings_say():
    etl = compose().etl
    assert RatingScale(etl.rating_min, etl.rating_max, etl.rating_step) == RatingScale()
