from functools import partial

import numpy as np
import pandas as pd
import pytest

from cartelera.factorization.factors import Factors
from cartelera.tracking.contest import hold_contest

hold = partial(hold_contest, n_bootstrap=100, confidence=0.9, seed=0)


def predicting(stars: float, card: dict) -> Factors:
    return Factors(
        global_mean=stars,
        user_bias=np.zeros(1, np.float32),
        title_bias=np.zeros(1, np.float32),
        user_factors=np.zeros((1, 1), np.float32),
        title_factors=np.zeros((1, 1), np.float32),
        user_ids=np.array([7]),
        title_ids=np.array(["as1"], dtype=object),
        title_means=np.full(1, stars, np.float32),
        scale=(0.5, 5.0),
        card=card,
    )


@pytest.fixture
def ratings():
    """Six ratings at seconds 11 to 16: early ones of 3 stars, the last three of 4."""
    return pd.DataFrame(
        {
            "user_id": [7, 8, 9] * 2,
            "title_id": pd.Series(["as1"] * 6, dtype="str"),
            "rating": [3.0, 3.0, 3.0, 4.0, 4.0, 4.0],
            "timestamp": range(11, 17),
        }
    )


def test_on_the_same_split_all_of_the_test_part_counts(ratings):
    found = hold(predicting(3.5, {}), predicting(4.0, {}), ratings, same_split=True, min_ratings=99)

    assert found.n_ratings == 6
    assert found.measured_on == "all 6 ratings of the same test part"
    assert found.candidate_rmse == pytest.approx(0.5)
    assert found.champion_rmse == pytest.approx(np.sqrt(0.5))
    assert found.difference.value == pytest.approx(0.5 - np.sqrt(0.5))
    assert found.difference.low <= found.difference.value <= found.difference.high


def test_a_champion_of_an_earlier_split_meets_only_what_came_after_it(ratings):
    champion = predicting(4.0, {"train": {"last_timestamp": 13}})

    found = hold(predicting(3.5, {}), champion, ratings, same_split=False, min_ratings=3)

    assert found.n_ratings == 3
    assert found.measured_on == (
        "the 3 of 6 test ratings given after the last one the champion learnt from "
        "(1970-01-01 00:00:13 UTC)"
    )
    assert (found.candidate_rmse, found.champion_rmse) == (0.5, 0.0)


@pytest.mark.parametrize("last", [13, 16, 10**12])
def test_too_few_new_ratings_compare_nothing(ratings, last):
    champion = predicting(4.0, {"train": {"last_timestamp": last}})

    found = hold(predicting(3.5, {}), champion, ratings, same_split=False, min_ratings=4)

    assert f"only {(ratings['timestamp'] > last).sum()} of the 6 test ratings" in found
    assert "4 are needed" in found


@pytest.mark.parametrize("card", [{}, {"train": {}}, {"train": {"last_timestamp": "soon"}}])
def test_a_champion_that_does_not_say_when_it_learnt_is_not_compared(ratings, card):
    found = hold(predicting(3.5, {}), predicting(4, card), ratings, same_split=False, min_ratings=1)

    assert "does not say up to when it learnt" in found
