import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.service.seen import SeenTitles, seen_table

pairs = st.lists(st.tuples(st.integers(-3, 3), st.sampled_from(["ns1", "ns2", "hs1"])))


def frame(rows: list[tuple[int, str]]) -> pd.DataFrame:
    columns = [c.USER_ID, c.TITLE_ID]
    return pd.DataFrame(rows, columns=columns).astype({c.USER_ID: "int64", c.TITLE_ID: "str"})


def test_the_table_joins_parts_without_repeats():
    table = seen_table(frame([(2, "ns1"), (1, "ns2")]), frame([(1, "hs1"), (2, "ns1")]))
    assert list(table.itertuples(index=False, name=None)) == [(1, "hs1"), (1, "ns2"), (2, "ns1")]


@given(pairs)
def test_every_user_gets_exactly_their_titles(rows: list[tuple[int, str]]):
    seen = SeenTitles.from_frame(frame(rows))
    for user_id in range(-5, 6):
        assert seen.of(user_id) == {title for user, title in rows if user == user_id}
