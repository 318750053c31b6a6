import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera import schemas
from cartelera.account import Count
from cartelera.ratings.clean import clean_ratings

KNOWN = pd.Series(["ns1", "as10", "as2"])


def raw_ratings(*rows: tuple[str, str, str, str], files: list[str] | None = None) -> pd.DataFrame:
    """Make raw ratings from user, rating, timestamp, title."""
    frame = pd.DataFrame(rows, columns=list(c.RAW_RATING_COLUMNS), dtype="str")
    return frame.assign(
        **{
            c.SOURCE_FILE: pd.Categorical(files or ["ratings/1.csv"] * len(rows)),
            c.LINE: np.arange(2, len(rows) + 2),
        }
    )


def clean_rows(cleaned):
    rows = cleaned.clean[list(c.CLEAN_RATING_COLUMNS)]
    return [tuple(row) for row in rows.itertuples(index=False)]


def test_sound_ratings_are_typed_and_sorted():
    cleaned = clean_ratings(
        raw_ratings(
            ("10", "3.0", "5", "ns1"),
            ("2", "0.5", "9", "as2"),
            ("2", "5", "7", "ns1"),
            (" 2 ", " 4,5", "7.0", " AS10 "),
        ),
        KNOWN,
    )
    assert clean_rows(cleaned) == [
        (2, "as10", 4.5, 7),
        (2, "ns1", 5.0, 7),
        (2, "as2", 0.5, 9),
        (10, "ns1", 3.0, 5),
    ]
    schemas.validate(cleaned.clean, schemas.clean_ratings(), "ratings")
    assert cleaned.total == Count(read=4, clean=4, dropped=0, rejected=0)


@pytest.mark.parametrize(
    ("user", "rating", "timestamp", "title", "reason"),
    [
        ("", "3", "1", "ns1", "userId is not a whole number: ''"),
        ("-1", "3", "1", "ns1", "userId is not a whole number: '-1'"),
        ("1.5", "3", "1", "ns1", "userId is not a whole number: '1.5'"),
        ("0x1", "3", "1", "ns1", "userId is not a whole number: '0x1'"),
        ("9" * 19, "3", "1", "ns1", f"userId is not a whole number: '{'9' * 19}'"),
        ("1", "3", "1", "hs9", "movieId is in no catalogue: 'hs9'"),
        ("1", "3", "1", "", "movieId is in no catalogue: ''"),
        ("1", "", "1", "ns1", "rating is not a number: ''"),
        ("1", "nan", "1", "ns1", "rating is not a number: 'nan'"),
        ("1", "inf", "1", "ns1", "rating is not a number: 'inf'"),
        ("1", "0.0", "1", "ns1", "rating is not in 0.5 to 5.0: '0.0'"),
        ("1", "-3", "1", "ns1", "rating is not in 0.5 to 5.0: '-3'"),
        ("1", "5.5", "1", "ns1", "rating is not in 0.5 to 5.0: '5.5'"),
        ("1", "3.25", "1", "ns1", "rating is off the grid of 0.5: '3.25'"),
        ("1", "3", "-1", "ns1", "timestamp is not a whole number of seconds: '-1'"),
        ("1", "3", "1.5", "ns1", "timestamp is not a whole number of seconds: '1.5'"),
        ("1", "3", "5000000000", "ns1", "timestamp is after the year 2099: '5000000000'"),
    ],
)
def test_a_broken_row_is_rejected_with_its_reason(user, rating, timestamp, title, reason):
    cleaned = clean_ratings(
        raw_ratings(("7", "3", "1", "ns1"), (user, rating, timestamp, title)), KNOWN
    )
    assert cleaned.rejected.to_dict("records") == [
        {
            c.RAW_USER: user,
            c.RAW_RATING: rating,
            c.RAW_TIMESTAMP: timestamp,
            c.RAW_TITLE_ID: title,
            c.SOURCE_FILE: "ratings/1.csv",
            c.LINE: 3,
            c.REASON: reason,
        }
    ]
    assert clean_rows(cleaned) == [(7, "ns1", 3.0, 1)]


def test_user_0_is_a_user():
    cleaned = clean_ratings(raw_ratings(("0", "3.0", "5", "ns1")), KNOWN)
    assert clean_rows(cleaned) == [(0, "ns1", 3.0, 5)]


def test_the_last_second_before_2100_is_fine():
    assert clean_ratings(raw_ratings(("1", "3", "4102444799", "ns1")), KNOWN).total.clean == 1


def test_a_rating_of_tomorrow_is_fine_and_a_later_one_is_not():
    now = 1_700_000_000
    raw = raw_ratings(
        ("1", "3", f"{now + 86_400}", "ns1"),
        ("2", "3", f"{now + 86_401}", "ns1"),
        ("3", "3", "4070908800", "ns1"),
    )
    cleaned = clean_ratings(raw, KNOWN, now=now)
    assert clean_rows(cleaned) == [(1, "ns1", 3.0, now + 86_400)]
    assert list(cleaned.rejected[c.REASON]) == [
        f"timestamp is in the future: '{now + 86_401}'",
        "timestamp is in the future: '4070908800'",
    ]


def test_another_scale_has_another_grid():
    raw = raw_ratings(("1", "10", "1", "ns1"), ("2", "1.5", "1", "ns1"), ("3", "0.5", "1", "ns1"))
    cleaned = clean_ratings(raw, KNOWN, rating_min=1, rating_max=10, rating_step=1)
    assert clean_rows(cleaned) == [(1, "ns1", 10.0, 1)]
    assert list(cleaned.rejected[c.REASON]) == [
        "rating is off the grid of 1: '1.5'",
        "rating is not in 1 to 10: '0.5'",
    ]


def test_a_fine_grid_survives_rounding():
    rows = [(str(i), f"{i / 10:.1f}", "1", "ns1") for i in range(1, 51)]
    cleaned = clean_ratings(
        raw_ratings(*rows), KNOWN, rating_min=0.1, rating_max=5.0, rating_step=0.1
    )
    assert cleaned.total.clean == 50


def test_an_exact_repeat_is_dropped_once_for_each_copy():
    row = ("1", "3", "5", "ns1")
    cleaned = clean_ratings(raw_ratings(row, row, ("1", "3.0", " 5", "ns1")), KNOWN)
    assert clean_rows(cleaned) == [(1, "ns1", 3.0, 5)]
    assert list(cleaned.dropped[c.LINE]) == [2, 3]
    assert set(cleaned.dropped[c.REASON]) == {"exact repeat of a later row"}


def test_the_latest_of_several_ratings_counts_wherever_it_stands():
    cleaned = clean_ratings(
        raw_ratings(("1", "3", "5", "ns1"), ("1", "4", "9", "ns1"), ("1", "1", "7", "ns1")), KNOWN
    )
    assert clean_rows(cleaned) == [(1, "ns1", 4.0, 9)]
    assert list(cleaned.dropped[c.LINE]) == [2, 4]
    assert set(cleaned.dropped[c.REASON]) == {"a later rating of the same user and title counts"}


def test_of_equally_late_ratings_the_last_read_counts():
    raw = raw_ratings(
        ("1", "3", "5", "ns1"), ("1", "4", "5", "ns1"), files=["ratings/1.csv", "ratings/2.csv"]
    )
    cleaned = clean_ratings(raw, KNOWN)
    assert clean_rows(cleaned) == [(1, "ns1", 4.0, 5)]
    assert cleaned.files == {
        "ratings/1.csv": Count(read=1, clean=0, dropped=1, rejected=0),
        "ratings/2.csv": Count(read=1, clean=1, dropped=0, rejected=0),
    }


def test_a_rejected_rating_does_not_replace_a_sound_one():
    cleaned = clean_ratings(raw_ratings(("1", "3", "5", "ns1"), ("1", "9", "8", "ns1")), KNOWN)
    assert clean_rows(cleaned) == [(1, "ns1", 3.0, 5)]


CELLS = st.tuples(
    st.sampled_from(["1", "2", "x"]),
    st.sampled_from(["1", "4.5", "7"]),
    st.sampled_from(["1", "2", "3", "?"]),
    st.sampled_from(["ns1", "as2", "hs1"]),
)


@settings(max_examples=40)
@given(st.lists(CELLS, min_size=1, max_size=15))
def test_agrees_with_a_row_by_row_reading(rows):
    latest: dict[tuple[int, str], tuple[float, int]] = {}
    n_sound = 0
    for user, rating, time, title in rows:
        if user == "x" or rating == "7" or time == "?" or title == "hs1":
            continue
        n_sound += 1
        best = latest.get((int(user), title))
        if best is None or int(time) >= best[1]:
            latest[int(user), title] = (float(rating), int(time))
    cleaned = clean_ratings(raw_ratings(*rows), KNOWN)
    found = {(row[0], row[1]): (row[2], row[3]) for row in clean_rows(cleaned)}
    assert found == latest
    assert cleaned.total == Count(
        len(rows), len(latest), n_sound - len(latest), len(rows) - n_sound
    )


def test_a_rating_of_the_files_counts_before_a_later_one_that_was_received():
    """Whoever reaches the service can send ratings in a user's name."""
    row = ("1", "3", "5", "ns1")
    raw = raw_ratings(
        row,
        ("1", "0.5", "9", "ns1"),
        row,
        ("2", "4", "9", "ns1"),
        ("2", "5", "10", "ns1"),
        files=["1.csv", *["feedback-1.csv"] * 4],
    )
    cleaned = clean_ratings(raw, KNOWN, received={"feedback-1.csv"})

    assert clean_rows(cleaned) == [(1, "ns1", 3.0, 5), (2, "ns1", 5.0, 10)]
    assert cleaned.clean[c.IS_RECEIVED].tolist() == [False, True]
    assert cleaned.dropped[c.LINE].tolist() == [3, 4, 5]
    assert cleaned.dropped[c.REASON].str.startswith("received, and").tolist() == [True, True, False]
