import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.errors import ConfigError, InputError
from cartelera.ratings.split import split

METHODS = ("chronological", "random", "leave_last_n")
ORDER = [c.USER_ID, c.TIMESTAMP, c.TITLE_ID]


def ratings_of(*rows: tuple[int, str, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(c.CLEAN_RATING_COLUMNS)).astype(
        {c.USER_ID: "int64", c.TITLE_ID: "str", c.RATING: "float64", c.TIMESTAMP: "int64"}
    )


def part(ratings, method="chronological", test_fraction=0.2, n_last=1, seed=0):
    return split(ratings, method=method, test_fraction=test_fraction, n_last=n_last, seed=seed)


@pytest.fixture
def ratings() -> pd.DataFrame:
    """User 7 rated five titles, user 3 two, user 5 one; rows in no order."""
    return ratings_of(
        (7, "as4", 4.0, 400),
        (3, "ds1", 2.0, 150),
        (7, "as1", 3.0, 100),
        (7, "as5", 1.0, 500),
        (5, "hs1", 5.0, 10),
        (3, "ds2", 2.5, 50),
        (7, "as2", 3.5, 200),
        (7, "as3", 0.5, 300),
    )


def titles(frame: pd.DataFrame) -> list[str]:
    return frame[c.TITLE_ID].tolist()


def test_chronological_takes_each_users_latest_ratings(ratings):
    train, test = part(ratings, test_fraction=0.4)
    assert titles(test) == ["as4", "as5"]
    assert titles(train) == ["ds2", "ds1", "hs1", "as1", "as2", "as3"]


def test_chronological_rounds_down_but_not_below_what_the_fraction_means(ratings):
    assert titles(part(ratings, test_fraction=0.5)[1]) == ["ds1", "as4", "as5"]
    many = ratings_of(*((1, f"as{n:03}", 3.0, n) for n in range(100)))
    assert len(part(many, test_fraction=0.29)[1]) == 29


def test_a_fraction_near_one_still_leaves_each_user_a_rating_in_train(ratings):
    train, _ = part(ratings, test_fraction=1 - 1e-12)
    assert titles(train) == ["ds2", "hs1", "as1"]


def test_leave_last_n_takes_them_from_those_who_have_more(ratings):
    assert titles(part(ratings, "leave_last_n", n_last=1)[1]) == ["ds1", "as5"]
    assert titles(part(ratings, "leave_last_n", n_last=2)[1]) == ["as4", "as5"]


def test_random_takes_the_fraction_of_all_and_differs_between_seeds():
    many = ratings_of(*((n % 10, f"as{n}", 3.0, n) for n in range(200)))
    tests = [part(many, "random", test_fraction=0.25, seed=seed)[1] for seed in range(2)]
    assert [len(test) for test in tests] == [50, 50]
    assert titles(tests[0]) != titles(tests[1])


def test_random_stops_where_each_user_has_one_rating_left(ratings):
    train, test = part(ratings, "random", test_fraction=0.9)
    assert len(test) == 5
    assert train[c.USER_ID].tolist() == [3, 5, 7]


def test_ties_in_time_are_broken_by_the_seed():
    tied = ratings_of(*((1, f"as{n:02}", 3.0, 100) for n in range(20)))
    drawn = {tuple(titles(part(tied, test_fraction=0.1, seed=seed)[1])) for seed in range(10)}
    assert len(drawn) > 1


@pytest.mark.parametrize("method", METHODS)
def test_nothing_to_test_with_is_an_error(method):
    lonely = ratings_of((1, "as1", 3.0, 1), (2, "as1", 3.0, 2))
    with pytest.raises(InputError, match="none to test with"):
        part(lonely, method)
    with pytest.raises(InputError, match="none to test with"):
        part(lonely.head(0), method)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "by_year"}, "by_year.*chronological, random, leave_last_n"),
        ({"test_fraction": 0.0}, "test_fraction=0.0"),
        ({"test_fraction": 1.0}, "test_fraction=1.0"),
        ({"n_last": 0}, "n_last=0"),
    ],
)
def test_wrong_settings_are_named(ratings, change, words):
    with pytest.raises(ConfigError, match=words):
        part(ratings, **change)


def test_a_missing_column_is_named(ratings):
    with pytest.raises(InputError, match=r"column\(s\) timestamp"):
        part(ratings.drop(columns=c.TIMESTAMP))


@st.composite
def rating_tables(draw) -> pd.DataFrame:
    pairs = draw(
        st.lists(
            st.tuples(st.integers(1, 6), st.integers(1, 12)), min_size=2, max_size=40, unique=True
        )
    )
    times = draw(st.lists(st.integers(0, 8), min_size=len(pairs), max_size=len(pairs)))
    return ratings_of(
        *((user, f"ns{title}", 3.0, time) for (user, title), time in zip(pairs, times, strict=True))
    )


@given(
    ratings=rating_tables(),
    method=st.sampled_from(METHODS),
    test_fraction=st.floats(0.05, 0.95),
    n_last=st.integers(1, 4),
    seed=st.integers(0, 3),
)
def test_invariants(ratings, method, test_fraction, n_last, seed):
    settings = {"test_fraction": test_fraction, "n_last": n_last, "seed": seed}
    try:
        train, test = part(ratings, method, **settings)
    except InputError:
        return
    whole = pd.concat([train, test]).sort_values(ORDER, ignore_index=True)
    pd.testing.assert_frame_equal(whole, ratings.sort_values(ORDER, ignore_index=True))
    for half in (train, test):
        pd.testing.assert_frame_equal(half, half.sort_values(ORDER, ignore_index=True))
    assert set(train[c.USER_ID]) == set(ratings[c.USER_ID])
    if method != "random":
        latest_in_train = train.groupby(c.USER_ID)[c.TIMESTAMP].max()
        assert (test[c.TIMESTAMP] >= test[c.USER_ID].map(latest_in_train)).all()

    shuffled = ratings.iloc[np.random.default_rng(seed).permutation(len(ratings))]
    for half, again in zip((train, test), part(shuffled, method, **settings), strict=True):
        pd.testing.assert_frame_equal(half, again)
