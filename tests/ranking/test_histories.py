import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cartelera.ranking.histories import Histories


def test_ratings_are_grouped_by_user_the_oldest_first(literal):
    histories = Histories.from_frame(literal, ["a", "b", "c", "d"])

    assert histories.user_ids.tolist() == [1, 2, 3, 4]
    assert histories.starts.tolist() == [0, 2, 5, 7, 9]
    assert histories.codes.tolist() == [0, 1, 0, 2, 1, 2, 3, 3, 0]
    assert histories.recency.tolist() == [1, 0, 2, 1, 0, 1, 0, 1, 0]


def test_users_come_in_the_order_asked_for_and_unknown_titles_are_left_out(literal):
    histories = Histories.from_frame(literal, ["c", "d"], np.array([3, 9, 2]))

    assert histories.lengths.tolist() == [2, 0, 1]
    assert histories.values.tolist() == [5.0, 4.0, 1.0]


def test_the_latest_are_kept(literal):
    latest = Histories.from_frame(literal, ["a", "b", "c", "d"]).latest(1)

    assert latest.codes.tolist() == [1, 1, 3, 0]
    assert latest.lengths.tolist() == [1, 1, 1, 1]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 3)), max_size=30),
    st.integers(1, 4),
)
def test_parts_of_histories_are_the_histories_of_parts(rows, n):
    table = pd.DataFrame(rows, columns=["user_id", "title", "timestamp"]).drop_duplicates(
        ["user_id", "title"]
    )
    table["title_id"] = "t" + table.pop("title").astype("str")
    table["rating"] = 4.0
    users = np.arange(5)
    titles = [f"t{number}" for number in range(7)]
    histories = Histories.from_frame(table, titles, users)

    part = histories.part(slice(1, 4))

    assert part.user_ids.tolist() == [1, 2, 3]
    for row in range(3):
        there = slice(*histories.starts[row + 1 : row + 3])
        here = slice(*part.starts[row : row + 2])
        assert part.codes[here].tolist() == histories.codes[there].tolist()
    assert (histories.latest(n).lengths <= n).all()
