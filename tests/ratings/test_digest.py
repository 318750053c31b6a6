import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.ratings.digest import split_digest


@pytest.fixture
def ratings() -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.USER_ID: [1, 1, 2, 2],
            c.TITLE_ID: ["as1", "hs2", "as1", "ns3"],
            c.RATING: [5.0, 3.5, 4.0, 0.5],
            c.TIMESTAMP: [10, 20, 30, 40],
        }
    )


def test_the_order_of_rows_does_not_matter(ratings):
    assert split_digest(ratings, ratings[:1]) == split_digest(ratings[::-1], ratings[:1])


def test_what_was_received_matters_and_where_nothing_was_the_digest_is_as_without(ratings):
    from_files, received = (ratings.assign(**{c.IS_RECEIVED: each}) for each in (False, True))
    assert split_digest(from_files, ratings[:1]) == split_digest(ratings, ratings[:1])
    assert split_digest(received, ratings[:1]) != split_digest(ratings, ratings[:1])


def test_the_parts_matter(ratings):
    digests = {
        split_digest(ratings[:2], ratings[2:]),
        split_digest(ratings[:3], ratings[3:]),
        split_digest(ratings[2:], ratings[:2]),
    }

    assert len(digests) == 3


@pytest.mark.parametrize(
    ("column", "value"),
    [(c.USER_ID, 3), (c.TITLE_ID, "ns4"), (c.RATING, 1.0), (c.TIMESTAMP, 41)],
)
def test_every_cell_matters(ratings, column, value):
    changed = ratings.copy()
    changed.loc[3, column] = value

    assert split_digest(ratings, ratings) != split_digest(ratings, changed)
