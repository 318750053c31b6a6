"""Kinds of users by genre and platform, the most different ones, and their lists."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.evaluation import taste_groups as g
from cartelera.evaluation.contrast import contrast


@pytest.fixture(autouse=True)
def few_ratings_are_enough(monkeypatch):
    monkeypatch.setattr(g, "MIN_RATINGS", 3)


@pytest.fixture
def listed(titles) -> pd.DataFrame:
    genres = ["drama", "drama, noir", "kids", "noir", "kids", None]
    return titles.assign(**{c.LISTED_IN: pd.Series(genres, dtype="str")})


def test_profiles_are_of_what_users_like_beyond_others(train, listed):
    """User 1 likes a and b, 2 likes a and e, 3 likes a and c, 4 likes b and d."""
    profiles = g.genre_profiles(train, listed, seed=0)
    shares = pd.DataFrame(
        {"drama": [1.0, 0.5, 0.5, 0.5], "kids": [0.0, 0.5, 0.5, 0.0], "noir": [0.5, 0.0, 0.0, 1.0]},
        index=pd.Index([1, 2, 3, 4], name=c.USER_ID),
    )
    expected = (shares - shares.mean()) / shares.std(ddof=0)
    pd.testing.assert_frame_equal(profiles, expected, check_dtype=False, atol=1e-6)
    assert g.favourite_genres(profiles).tolist() == ["drama", "kids", "kids", "noir"]
    assert g.favourite_genres(profiles, 2).loc[1] == "drama, noir"


def test_users_with_few_ratings_have_no_profile(train, listed, monkeypatch):
    monkeypatch.setattr(g, "MIN_RATINGS", 4)
    assert g.genre_profiles(train, listed, seed=0).index.tolist() == [1]
    monkeypatch.setattr(g, "MIN_RATINGS", 5)
    profiles = g.genre_profiles(train, listed, seed=0)
    assert g.most_different(profiles, 5) == []


@given(
    values=st.lists(st.tuples(*[st.integers(-3, 3)] * 3), min_size=1, max_size=12),
    n_users=st.integers(1, 6),
)
def test_the_most_different_users_are_distinct(values, n_users):
    profiles = pd.DataFrame(values, index=[10 * place for place in range(len(values))])
    chosen = g.most_different(profiles, n_users)
    assert len(chosen) == len(set(chosen)) == min(n_users, len(values))
    assert set(chosen) <= set(profiles.index)


def test_the_main_platform_has_most_of_the_rated_titles(train, titles):
    """User 4 rated a and b once each and d: amazon, disney and netflix; the first by name wins."""
    found = g.main_platforms(train, titles)
    assert found.to_dict() == {1: "amazon", 2: "amazon", 3: "amazon", 4: "amazon"}
    some = train[train[c.TITLE_ID] != "a"]
    assert g.main_platforms(some, titles).loc[4] == "disney"


def test_very_different_users_stand_side_by_side(model, train, test, listed):
    """Of 1, 2 and 4 the ranker lists e; d, c; c, e: a list of two shares 0, 1/2 and 1/2."""
    profiles = g.genre_profiles(train, listed, seed=0).loc[[1, 2, 4]]
    found = contrast(model.rater, model.ranker, train, test, listed, profiles, k=2)
    assert found is not None
    by_user = {check.user_id: check for check in found.checks}
    lists = {user: [each.title_id for each in one.recommended] for user, one in by_user.items()}
    assert lists == {1: ["e"], 2: ["d", "c"], 4: ["c", "e"]}
    assert found.overlap == pytest.approx(1 / 3)
    assert dict(zip(by_user, found.tastes, strict=True))[4].startswith("noir")


def test_without_profiles_nothing_stands_side_by_side(model, train, test, listed):
    nobody = pd.DataFrame(index=pd.Index([], dtype=np.int64))
    assert contrast(model.rater, model.ranker, train, test, listed, nobody, k=2) is None
