import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera.factorization import blocks
from cartelera.factorization.blocks import BlockedRatings, block_positions, deal, strips_for

N_USERS, N_TITLES = 11, 7

codes = st.integers(0, 60).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.int32, n, elements=st.integers(0, N_USERS - 1)),
        hnp.arrays(np.int32, n, elements=st.integers(0, N_TITLES - 1)),
    )
)
numbers_of_strips = st.integers(1, 9)


def blocked(users, titles, n_strips) -> BlockedRatings:
    values = np.arange(len(users), dtype=np.float32)
    return BlockedRatings.of(users, titles, values, (N_USERS, N_TITLES), n_strips)


@given(codes=codes, n_strips=numbers_of_strips)
def test_the_blocks_of_a_step_share_neither_users_nor_titles(codes, n_strips):
    dealt = blocked(*codes, n_strips)
    for step in range(n_strips):
        users_so_far: set[int] = set()
        titles_so_far: set[int] = set()
        for position in range(step * n_strips, (step + 1) * n_strips):
            part = slice(dealt.starts[position], dealt.starts[position + 1])
            users, titles = set(dealt.users[part].tolist()), set(dealt.titles[part].tolist())
            assert users.isdisjoint(users_so_far)
            assert titles.isdisjoint(titles_so_far)
            users_so_far |= users
            titles_so_far |= titles


@given(codes=codes, n_strips=numbers_of_strips)
def test_an_epoch_goes_through_each_rating_exactly_once(codes, n_strips):
    users, titles = codes
    dealt = blocked(users, titles, n_strips)
    assert dealt.starts[0] == 0
    assert dealt.starts[-1] == len(users)
    assert len(dealt.starts) == n_strips**2 + 1
    assert (np.diff(dealt.starts) >= 0).all()
    which = dealt.values.astype(int)  # the values are the ratings' numbers
    assert sorted(which) == list(range(len(users)))
    np.testing.assert_array_equal(dealt.users, dealt.user_rows[users[which]])
    np.testing.assert_array_equal(dealt.titles, dealt.title_rows[titles[which]])


@given(codes=codes, n_strips=numbers_of_strips)
def test_ratings_stay_in_order_within_a_block(codes, n_strips):
    dealt = blocked(*codes, n_strips)
    for start, end in zip(dealt.starts[:-1], dealt.starts[1:], strict=True):
        assert (np.diff(dealt.values[start:end]) > 0).all()


@given(codes=codes, n_strips=numbers_of_strips)
def test_rows_are_a_permutation_in_which_strips_are_neighbours(codes, n_strips):
    dealt = blocked(*codes, n_strips)
    assert sorted(dealt.user_rows) == list(range(N_USERS))
    assert sorted(dealt.title_rows) == list(range(N_TITLES))
    strips = deal(np.bincount(codes[0], minlength=N_USERS), n_strips)
    assert (np.diff(strips[np.argsort(dealt.user_rows)]) >= 0).all()


@pytest.mark.parametrize("n_strips", [1, 2, 3, 8])
def test_every_strip_meets_every_other_once_and_one_at_a_time(n_strips):
    positions = block_positions(n_strips)
    assert sorted(positions.ravel()) == list(range(n_strips**2))
    steps = positions // n_strips
    for line in (*steps, *steps.T):  # a Latin square
        assert sorted(line) == list(range(n_strips))


@given(
    counts=hnp.arrays(np.int64, st.integers(1, 80), elements=st.integers(0, 1000)),
    n_strips=numbers_of_strips,
)
def test_strips_have_about_the_same_number_of_ratings(counts, n_strips):
    sums = np.bincount(deal(counts, n_strips), weights=counts, minlength=n_strips)
    assert sums.max() - sums.min() <= 2 * counts.max()


def test_strips_are_dealt_there_and_back_most_ratings_first():
    assert deal(np.array([1, 9, 5, 7, 3, 0, 2]), 3).tolist() == [0, 0, 2, 1, 2, 0, 1]


def test_the_number_of_strips_depends_on_the_number_of_ratings_alone():
    at_least = blocks.RATINGS_PER_CUBE
    assert strips_for(0) == strips_for(8 * at_least - 1) == 1
    assert strips_for(8 * at_least) == 2
    assert strips_for(10_000_000) == 4
    assert strips_for(100_000_000) == 8
    assert strips_for(10**12) == blocks.MOST_STRIPS
