import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.ratings.pool import PooledRatings, pool_ratings

WORKS = pd.Series({"as1": "as1", "as2": "as2", "ns1": "as1", "ns2": "ns2"}, dtype="str")


def make_ratings(rows: list[tuple[int, str, float, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(c.CLEAN_RATING_COLUMNS)).astype(
        {c.USER_ID: "int64", c.TITLE_ID: "str", c.RATING: "float64", c.TIMESTAMP: "int64"}
    )


def pool(*rows: tuple[int, str, float, int]) -> tuple[list[tuple], PooledRatings]:
    pooled = pool_ratings(make_ratings(list(rows)), WORKS)
    return list(pooled.ratings.itertuples(index=False, name=None)), pooled


def test_ratings_of_one_work_come_under_one_id_and_the_latest_counts():
    rows, pooled = pool(
        (1, "as1", 2.0, 100),
        (1, "ns1", 4.0, 200),
        (1, "ns2", 3.0, 300),
        (2, "as1", 5.0, 200),
        (2, "ns1", 1.0, 100),
        (3, "ns1", 3.5, 50),
    )
    assert rows == [
        (1, "as1", 4.0, 200),
        (1, "ns2", 3.0, 300),
        (2, "as1", 5.0, 200),
        (3, "as1", 3.5, 50),
    ]
    account = (pooled.n_published, pooled.n_renamed, pooled.n_merged, pooled.n_works)
    assert account == (6, 3, 2, 2)


def test_of_equally_late_ratings_the_last_row_counts():
    assert pool((1, "as1", 2.0, 100), (1, "ns1", 4.0, 100))[0] == [(1, "as1", 4.0, 100)]
    assert pool((1, "ns1", 4.0, 100), (1, "as1", 2.0, 100))[0] == [(1, "as1", 2.0, 100)]


def test_ratings_stay_the_very_same_where_every_title_stands_for_its_work():
    ratings = make_ratings([(1, "as1", 2.0, 100), (1, "xs9", 4.0, 100)])

    pooled = pool_ratings(ratings, WORKS)

    assert pooled.ratings is ratings
    assert (pooled.n_renamed, pooled.n_merged) == (0, 0)


def test_no_ratings():
    assert pool()[1].n_published == 0


def test_an_account_that_does_not_add_up_is_refused():
    with pytest.raises(RuntimeError, match="5 by title, 1 by work and 3 merged"):
        PooledRatings(make_ratings([(1, "as1", 2.0, 1)]), 5, n_renamed=0, n_merged=3)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from(["as1", "as2", "ns1", "ns2"]),
            st.integers(1, 10).map(lambda halves: halves / 2),
            st.integers(0, 3),
        ),
        unique_by=lambda row: row[:2],
    )
)
def test_every_rating_is_kept_or_merged_into_a_later_one(rows):
    kept, pooled = pool(*rows)

    assert len(kept) + pooled.n_merged == len(rows)
    latest = {}
    for user, title, rating, time in sorted(rows, key=lambda row: row[3]):  # a stable sort
        latest[user, WORKS[title]] = (rating, time)
    assert {(user, work): (rating, time) for user, work, rating, time in kept} == latest
    again = pool_ratings(pooled.ratings, WORKS)
    assert again.ratings is pooled.ratings


def test_of_one_work_a_rating_of_the_files_counts_before_a_received_one():
    rows = [(1, "as1", 2.0, 100), (1, "ns1", 4.0, 200), (2, "as1", 1.0, 100), (2, "ns1", 5.0, 200)]
    ratings = make_ratings(rows).assign(**{c.IS_RECEIVED: [False, True, True, True]})

    pooled = pool_ratings(ratings, WORKS)

    assert list(pooled.ratings.itertuples(index=False, name=None)) == [
        (1, "as1", 2.0, 100, False),
        (2, "as1", 5.0, 200, True),
    ]
    assert pooled.n_merged == 2
