import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.explore import associations as a
from cartelera.explore.levels import equal_groups, title_levels


def measure(titles, ratings, n_permutations=199, seed=0):
    found = a.associations(titles, ratings, n_permutations=n_permutations, seed=seed)
    return found.set_index([a.TABLE, a.COLUMN])


def test_eta_squared_by_hand(titles, ratings):
    """Ratings 4, 5, 4.5 of as1, 3 of as2, 2 of ds1; mean 3.7, sum of squares 5.8.

    Platforms: amazon 4 * (4.125 - 3.7)^2 + disney (2 - 3.7)^2 = 3.6125.
    Years: as1 is alone in 2000, as2 and ds1 share 2001: 3 * 0.8^2 + 2 * 1.2^2 = 4.8.
    """
    found = measure(titles, ratings)
    assert found.loc[(a.TITLES, c.PLATFORM), a.ETA_SQUARED] == pytest.approx(3.6125 / 5.8)
    assert found.loc[(a.TITLES, c.RELEASE_YEAR), a.ETA_SQUARED] == pytest.approx(4.8 / 5.8)


def test_several_genres_share_a_title_equally(titles, ratings):
    """as2 counts half in drama, half in comedy; deviations of sums: as1 2.4, as2 -0.7, ds1 -1.7.

    drama: (2.4 - 0.35)^2 / 3.5, comedy: 0.35^2 / 0.5, kids: 1.7^2 / 1.
    """
    expected = (2.05**2 / 3.5 + 0.35**2 / 0.5 + 1.7**2) / 5.8
    found = measure(titles, ratings)
    assert found.loc[(a.TITLES, c.LISTED_IN), a.ETA_SQUARED] == pytest.approx(expected)
    assert found.loc[(a.TITLES, c.LISTED_IN), a.N_LEVELS] == 3


def test_users_are_measured_against_what_chance_gives_their_number(titles, ratings):
    """User means 3.5, 3.5, 4.5: 4 * 0.2^2 + 0.8^2 = 0.8; chance is (3 - 1) / (5 - 1)."""
    users = measure(titles, ratings).loc[(a.RATINGS, c.USER_ID)]
    assert users[a.ETA_SQUARED] == pytest.approx(0.8 / 5.8)
    assert users[a.CHANCE] == 0.5
    assert users[a.ASSOCIATION] == 0
    # F = (0.8 / 2) / (5 / 2) with (2, 2) degrees of freedom: p = 1 / (1 + F)
    assert users[a.P_VALUE] == pytest.approx(1 / (1 + 0.16))


def test_a_planted_genre_is_found_and_its_strength_is_right(many_titles, rate):
    means = many_titles[c.LISTED_IN].map({"drama": 4.0, "comedy": 3.0, "kids": 2.0}).to_numpy(float)
    found = measure(many_titles, rate(many_titles, means))
    genre = found.loc[(a.TITLES, c.LISTED_IN)]
    assert genre[a.P_VALUE] == 1 / 200
    between = 2 / 3  # variance of 4, 3, 2; within: 0.6^2 and rounding to half stars, 1/48
    assert genre[a.ASSOCIATION] ** 2 == pytest.approx(between / (between + 0.36 + 1 / 48), abs=0.03)
    assert found.loc[(a.TITLES, c.PLATFORM), a.P_VALUE] > 0.01


def test_many_levels_alone_are_no_association(many_titles, rate):
    """Titles differ, but by nothing their cells tell: names shared by two are worth nothing."""
    means = 3.0 + np.random.default_rng(3).normal(0, 0.6, len(many_titles))
    found = measure(many_titles, rate(many_titles, means))
    director = found.loc[(a.TITLES, c.DIRECTOR)]
    assert director[a.ETA_SQUARED] > 0.15  # looks like much ...
    assert director[a.ETA_SQUARED] == pytest.approx(director[a.CHANCE], abs=0.08)
    assert director[a.P_VALUE] > 0.01  # ... and is what any such column would show
    unique = found.loc[(a.TITLES, c.DESCRIPTION)]
    assert unique[a.ASSOCIATION] == 0
    assert unique[a.P_VALUE] == 1
    assert found.loc[(a.RATINGS, c.TITLE_ID), a.ASSOCIATION] > 0.5


def test_one_level_and_equal_ratings_explain_nothing(many_titles, rate, titles, ratings):
    found = measure(many_titles, rate(many_titles, np.full(120, 3.0)))
    assert found.loc[(a.TITLES, c.TYPE), [a.ETA_SQUARED, a.P_VALUE]].tolist() == [0, 1]
    equal = measure(titles, ratings.assign(**{c.RATING: 3.0}))
    assert (equal[a.ETA_SQUARED] == 0).all()
    assert (equal[a.P_VALUE] == 1).all()


def test_no_ratings_give_no_association(titles, ratings):
    found = measure(titles, ratings.head(0))
    assert found[a.ASSOCIATION].tolist() == [0] * len(found)
    assert found[a.P_VALUE].tolist() == [1] * len(found)


def test_a_seed_gives_one_answer_whatever_the_number_of_shuffles_at_once(titles, ratings):
    pd.testing.assert_frame_equal(measure(titles, ratings), measure(titles, ratings))


def test_levels_of_titles(titles):
    genres = title_levels(titles, c.LISTED_IN)
    assert list(zip(genres.index, genres, strict=True)) == [
        (0, "drama"), (1, "drama"), (1, "comedy"), (2, "kids"), (3, "kids"), (4, "drama"), (5, "(missing)"),
    ]  # fmt: skip
    years = title_levels(titles, c.DATE_ADDED)
    assert years.tolist() == ["(missing)", "(missing)", "2019", "2021", "2021", "2021"]
    units = title_levels(titles, c.DURATION_INT).str.split(" ").str[0]
    assert units.tolist() == ["min", "min", "min", "season", "min", "season"]


def test_a_trend_over_many_years_is_no_chance(many_titles, rate):
    """Each year has two titles and the trend is faint: year by year it drowns in noise."""
    years = 1960 + np.arange(len(many_titles)) // 2
    trend = (years - years.mean()) / years.std()
    means = 3.0 + 0.3 * trend + np.random.default_rng(1).normal(0, 0.6, len(many_titles))
    titles = many_titles.assign(**{c.RELEASE_YEAR: years})
    year = measure(titles, rate(titles, means)).loc[(a.TITLES, c.RELEASE_YEAR)]
    assert year[a.N_LEVELS] == 10
    assert year[a.P_VALUE] <= 0.01


def test_groups_are_of_equal_size_and_equal_numbers_stay_together():
    assert equal_groups(pd.Series(range(100))).value_counts().tolist() == [10] * 10
    seasons = pd.Series([1] * 12 + [2] * 5 + [3, 4, 5], index=range(7, 27))
    groups = equal_groups(seasons)
    assert groups.index.equals(seasons.index)
    assert groups.groupby(seasons).nunique().eq(1).all()
    assert groups[seasons == 1].iloc[0] != groups[seasons == 2].iloc[0]
    assert len(set(equal_groups(pd.Series([90, 90, 90])))) == 1
    assert equal_groups(pd.Series([], dtype="Int64")).empty


SHARES = [a.ETA_SQUARED, a.CHANCE, a.ASSOCIATION, a.P_VALUE]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 5), st.integers(1, 10)),
        unique_by=lambda row: row[:2],
        max_size=15,
    )
)
def test_any_ratings_give_shares_in_range(titles, rows):
    ids = titles[c.ID].to_numpy()
    ratings = pd.DataFrame(
        {
            c.USER_ID: [user for user, _, _ in rows],
            c.TITLE_ID: [ids[position] for _, position, _ in rows],
            c.RATING: [half_stars / 2 for _, _, half_stars in rows],
            c.TIMESTAMP: [0] * len(rows),
        }
    ).astype({c.USER_ID: "int64", c.TITLE_ID: "str", c.RATING: "float64"})
    found = measure(titles, ratings, n_permutations=20)
    assert found[SHARES].notna().all(axis=None)
    assert found[SHARES].ge(0).all(axis=None)
    assert found[SHARES].le(1 + 1e-9).all(axis=None)
