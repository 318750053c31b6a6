import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.ratings.drawing import draw_users


@pytest.fixture
def ratings():
    users = np.random.default_rng(0).integers(1, 101, 1000)
    return pd.DataFrame({c.USER_ID: users, c.RATING: np.arange(1000) / 2})


def test_users_are_drawn_with_all_their_ratings_in_the_order_given(ratings):
    drawn = draw_users(ratings, 200, seed=1)
    expected = ratings[ratings[c.USER_ID].isin(drawn[c.USER_ID])].reset_index(drop=True)
    pd.testing.assert_frame_equal(drawn, expected)
    assert 200 <= len(drawn) < 200 + ratings[c.USER_ID].value_counts().max()


def test_another_seed_draws_others(ratings):
    assert set(draw_users(ratings, 200, seed=1)[c.USER_ID]) != set(
        draw_users(ratings, 200, seed=2)[c.USER_ID]
    )


def test_few_ratings_are_left_as_they_are(ratings):
    assert draw_users(ratings, 1000, seed=0) is ratings
