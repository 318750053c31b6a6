from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.explore import rating_tables as tables


def test_scores_are_exact_means_by_title(ratings):
    assert tables.scores(ratings).to_dict("records") == [
        {"title_id": "as1", "score": 4.5, "n_ratings": 3},
        {"title_id": "as2", "score": 3.0, "n_ratings": 1},
        {"title_id": "ds1", "score": 2.0, "n_ratings": 1},
    ]


@given(st.lists(st.integers(1, 10), min_size=1, max_size=60))
def test_a_score_is_the_nearest_float_to_the_true_mean(half_stars):
    frame = pd.DataFrame({c.TITLE_ID: "as1", c.RATING: [n / 2 for n in half_stars]})
    true_mean = Fraction(sum(half_stars), 2 * len(half_stars))
    assert tables.scores(frame)[c.SCORE].item() == float(true_mean)


def test_rated_titles_keep_the_order_and_leave_out_the_unrated(titles, ratings):
    rated = tables.rated_titles(titles, ratings)
    assert rated[c.ID].tolist() == ["as1", "as2", "ds1"]
    assert rated[c.N_RATINGS].tolist() == [3, 1, 1]


def test_rating_distribution_adds_up(ratings):
    table = tables.rating_distribution(ratings)
    assert table[c.RATING].tolist() == [2.0, 3.0, 4.0, 4.5, 5.0]
    assert table[tables.SHARE].sum() == pytest.approx(1)


def test_ranked_counts_and_the_share_of_the_top(ratings):
    ranked = tables.ranked_counts(ratings, c.TITLE_ID)
    assert ranked.tolist() == [3, 1, 1]
    assert tables.share_of_top(ranked, 0.1) == 3 / 5
    assert tables.share_of_top(ranked, 0.67) == 4 / 5
    assert tables.share_of_top(np.array([], dtype=int), 0.1) == 0


def test_ratings_by_year_are_in_utc_and_without_gaps(ratings):
    assert tables.ratings_by_year(ratings).to_dict() == {1970: 1, 1971: 3, 1972: 0, 1973: 1}
    assert tables.ratings_by_year(ratings.head(0)).empty


def test_score_by_weighs_ratings_and_takes_titles_as_units(titles, ratings):
    """Amazon: as1 with 3 ratings of 4.5, as2 with one of 3.0: mean 16.5 / 4 = 4.125.

    Residual sums 13.5 - 3 * 4.125 = 1.125 and 3 - 4.125 = -1.125, so the standard error is
    sqrt(2 / 1 * 2 * 1.125^2) / 4 = 0.5625; Student's t with one degree of freedom is the Cauchy
    distribution, whose 97.5 % quantile is tan(0.475 pi).
    """
    rated = tables.rated_titles(titles, ratings)
    table = tables.score_by(rated, rated[c.PLATFORM]).set_index(tables.LEVEL)
    amazon = table.loc["amazon"]
    assert (amazon["n_titles"], amazon[c.N_RATINGS], amazon[c.SCORE]) == (2, 4, 4.125)
    reach = np.tan(0.475 * np.pi) * 0.5625
    assert amazon[tables.HIGH] - amazon[c.SCORE] == pytest.approx(reach)
    assert amazon[c.SCORE] - amazon[tables.LOW] == pytest.approx(reach)
    assert np.isnan(table.loc["disney", tables.LOW])  # one title tells nothing about the spread


def test_intervals_of_few_titles_hold_the_true_mean_as_often_as_they_say():
    rng = np.random.default_rng(0)
    n_levels, titles_each = 1000, 5
    rated = pd.DataFrame(
        {c.SCORE: rng.normal(3.0, 0.5, n_levels * titles_each), c.N_RATINGS: 4},
    )
    levels = pd.Series(np.repeat(np.arange(n_levels), titles_each))
    table = tables.score_by(rated, levels)
    held = (table[tables.LOW] < 3.0) & (table[tables.HIGH] > 3.0)
    assert held.mean() == pytest.approx(0.95, abs=0.02)


def test_score_by_counts_a_title_in_each_of_its_levels(titles, ratings):
    rated = tables.rated_titles(titles, ratings)
    levels = pd.Series(["a", "b", "a"], index=[0, 0, 1])
    table = tables.score_by(rated, levels).set_index(tables.LEVEL)
    assert table[c.N_RATINGS].to_dict() == {"a": 4, "b": 3}


def test_score_by_of_nothing_is_empty(titles, ratings):
    rated = tables.rated_titles(titles, ratings.head(0))
    assert tables.score_by(rated, rated[c.PLATFORM]).empty


def test_levels_without_titles_get_a_row_of_their_own(titles, ratings):
    rated = tables.rated_titles(titles, ratings).assign(**{c.RELEASE_YEAR: [1970, 1970, 2000]})
    table = tables.without_gaps(tables.score_by(rated, rated[c.RELEASE_YEAR]), 10)
    assert table[tables.LEVEL].tolist() == [1970, 1980, 1990, 2000]
    assert table["n_titles"].tolist() == [2, 0, 0, 1]
    assert table[c.SCORE].isna().tolist() == [False, True, True, False]
    assert tables.without_gaps(table.head(0), 10).empty
