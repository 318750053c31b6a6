import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.ratings.received import (
    cap_received,
    outranked,
    received_mask,
    split_by_origin,
)
from cartelera.ratings.split import split

TITLES = [f"as{number}" for number in range(20)]


def make_ratings(users, titles, *, is_received: bool) -> pd.DataFrame:
    """Make every user's ratings of all the titles."""
    return pd.DataFrame(
        {
            c.USER_ID: np.repeat(list(users), len(titles)),
            c.TITLE_ID: pd.Series(list(titles) * len(users), dtype="str"),
            c.RATING: 4.0,
            c.TIMESTAMP: 1_000 + np.arange(len(users) * len(titles)),
            c.IS_RECEIVED: is_received,
        }
    )


OWN = make_ratings(range(10), TITLES, is_received=False)


def with_received(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([OWN, *tables], ignore_index=True)


def cap(*tables: pd.DataFrame, share=0.2, seed=0) -> tuple[pd.DataFrame, pd.DataFrame]:
    return cap_received(with_received(*tables), share=share, seed=seed)


def with_titles_of_their_own(ratings: pd.DataFrame) -> pd.DataFrame:
    titles = [f"zz{number}" for number in range(len(ratings))]
    return ratings.assign(**{c.TITLE_ID: pd.Series(titles, dtype="str")})


def split_in_time(ratings: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return split(ratings, method="chronological", test_fraction=0.2, n_last=1, seed=0)


def test_a_table_that_does_not_say_received_nothing():
    assert not received_mask(OWN.drop(columns=c.IS_RECEIVED)).any()


def test_received_ratings_stand_behind_those_of_the_files_of_the_same_user_and_title():
    same_user = make_ratings([3], ["as5", "as99"], is_received=True)
    same_title = make_ratings([77], ["as5"], is_received=True)

    mask = outranked(with_received(same_user, same_title), [c.USER_ID, c.TITLE_ID])

    assert np.flatnonzero(mask).tolist() == [len(OWN)]


def test_the_files_ratings_are_split_as_if_nothing_had_been_received():
    """Later ratings sent in the names of all users would otherwise be what is tested with."""
    sent = make_ratings(range(10), [f"ns{number}" for number in range(20)], is_received=True)
    alone = split_in_time(OWN)

    parts = split_by_origin(with_received(sent), split_in_time)

    for part, expected in zip(parts, alone, strict=True):
        of_files = part[~part[c.IS_RECEIVED]].reset_index(drop=True)
        pd.testing.assert_frame_equal(of_files, expected)
        order = [c.USER_ID, c.TIMESTAMP, c.TITLE_ID]
        assert part[order].equals(part[order].sort_values(order, ignore_index=True))
    assert [part[c.IS_RECEIVED].sum() for part in parts] == [160, 40]


def test_received_ratings_too_few_to_test_with_are_learnt_from():
    sent = make_ratings([77], ["ns1"], is_received=True)
    train, test = split_by_origin(with_received(sent), split_in_time)
    assert (train[c.IS_RECEIVED].sum(), test[c.IS_RECEIVED].sum()) == (1, 0)
    assert len(train) + len(test) == len(OWN) + 1


@pytest.mark.parametrize(("share", "n"), [(0, 0), (0.2, 50), (0.5, 200), (1, 1000)])
def test_received_ratings_are_at_most_a_share_of_all(share, n):
    flood = with_titles_of_their_own(make_ratings(range(100, 150), TITLES, is_received=True))

    kept, left_out = cap(flood, share=share)

    assert (kept[c.IS_RECEIVED].sum(), len(left_out)) == (n, 1000 - n)
    assert len(kept) + len(left_out) == len(OWN) + 1000
    assert len(kept[~kept[c.IS_RECEIVED]]) == len(OWN)


def test_what_is_within_the_share_stays_as_it_is():
    """Two of each of 20 titles are a sixth of its twelve."""
    few = make_ratings(range(100, 140), ["as1"], is_received=True).assign(
        title_id=pd.Series(TITLES * 2, dtype="str")
    )
    kept, left_out = cap(few)
    pd.testing.assert_frame_equal(kept, with_received(few))
    assert left_out.empty


def test_of_one_title_received_ratings_are_no_larger_a_part_than_of_all():
    """Ten ratings of the files allow two or, at a share of a half, ten."""
    flood = make_ratings(range(100, 150), ["as1"], is_received=True)
    unknown = make_ratings(range(100, 150), ["zz9"], is_received=True)

    for share, n in ((0.2, 2), (0.5, 10)):
        kept, _ = cap(flood, unknown, share=share)
        received = kept[kept[c.IS_RECEIVED]]
        assert received[c.TITLE_ID].value_counts().to_dict() == {"as1": n, "zz9": n}


def test_one_account_is_a_twentieth_of_what_may_be_received():
    """At a share of a half 200 may be, so ten of one account."""
    titles = [f"zz{number}" for number in range(60)]
    busy = make_ratings([100], titles, is_received=True)
    other = make_ratings([101], titles[:8], is_received=True)

    kept, _ = cap(busy, other, share=0.5)

    received = kept[kept[c.IS_RECEIVED]]
    assert received[c.USER_ID].value_counts().to_dict() == {100: 10, 101: 8}


def test_accounts_take_turns_whatever_their_order_and_age():
    """50 may be received of 40 accounts with five ratings each: all have one or two."""
    sent = with_titles_of_their_own(make_ratings(range(100, 140), TITLES[:5], is_received=True))

    kept, _ = cap(sent)

    received = kept[kept[c.IS_RECEIVED]]
    assert len(received) == 50
    assert set(received[c.USER_ID].value_counts()) == {1, 2}

    # The same ones in any order of the rows; other ones with another seed.
    def chosen(table: pd.DataFrame, seed: int) -> set[tuple[int, str]]:
        some, _ = cap(table, seed=seed)
        return set(zip(some[c.USER_ID], some[c.TITLE_ID], strict=True))

    assert chosen(sent.iloc[::-1], 0) == chosen(sent, 0)
    assert chosen(sent, 1) != chosen(sent, 0)
