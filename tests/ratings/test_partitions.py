"""Cleaning ratings by ranges of users, as workers side by side would, comes to the same."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.account import Count
from cartelera.ratings.clean import clean_ratings

KNOWN = pd.Series(["ns1", "as10"])
USERS = {"1": 1, "2": 2, " 2 ": 2, "2.0": 2, "3": 3, "11": 11, "x": None, "": None}

ROWS = st.lists(
    st.tuples(
        st.sampled_from(list(USERS)),
        st.sampled_from(["1", "4.5", "9"]),
        st.sampled_from(["5", "6", "-"]),
        st.sampled_from(["ns1", "as10", "hs3"]),
    ),
    min_size=1,
    max_size=30,
)


def raw_ratings(rows):
    frame = pd.DataFrame(rows, columns=list(c.RAW_RATING_COLUMNS), dtype="str")
    files = pd.Categorical(["1.csv", "2.csv"] * len(rows))[: len(rows)]
    return frame.assign(**{c.SOURCE_FILE: files, c.LINE: np.arange(2, len(rows) + 2)})


@settings(max_examples=25)
@given(rows=ROWS, cut=st.integers(0, 12))
def test_ranges_of_users_cleaned_apart_are_the_whole(rows, cut):
    raw = raw_ratings(rows)
    is_low = raw[c.RAW_USER].map(lambda text: USERS[text] is not None and USERS[text] < cut)
    parts = [
        clean_ratings(raw[mask].reset_index(drop=True), KNOWN)
        for mask in (is_low, ~is_low)
        if mask.any()
    ]

    whole = clean_ratings(raw, KNOWN)

    clean = pd.concat([part.clean for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(clean, whole.clean.reset_index(drop=True))
    for fate in ("dropped", "rejected"):
        rest = pd.concat([getattr(part, fate) for part in parts]).sort_values(c.LINE)
        theirs = getattr(whole, fate).sort_values(c.LINE)
        pd.testing.assert_frame_equal(rest.reset_index(drop=True), theirs.reset_index(drop=True))
    assert sum((part.total for part in parts), start=Count(0, 0, 0, 0)) == whole.total
