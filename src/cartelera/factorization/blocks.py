"""Ratings in blocks that threads can work on at the same time without ever touching the same row.

Users are dealt into strips, and so are titles; a block is what the users of one strip gave the
titles of another. An epoch takes as many steps as there are strips. In each step every strip of
users meets another strip of titles, as in a Latin square:

    step    users 0    users 1    users 2
    0       titles 0   titles 1   titles 2
    1       titles 1   titles 2   titles 0
    2       titles 2   titles 0   titles 1

The blocks of a step share neither users nor titles, so that it makes no difference which of them is
worked on first, or by how many threads: the model depends on the strips alone.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.kernels import Codes, count_by_block, deal_into_blocks

RATINGS_PER_CUBE: Final = 1 << 16
"""Ratings are dealt into n strips from n³ times as many on.

Few strips keep the order of the ratings close to the one they came in, and with it the error of
the first epochs; many let more threads work, and keep the titles of a block in the cache. The cube
gives two threads work from half a million ratings on, four from 4 million, eight from 34 million.
"""

MOST_STRIPS: Final = 32


@dataclass(frozen=True, eq=False)
class BlockedRatings:
    """Ratings in the order in which an epoch goes through them, step by step, block by block.

    The block at position `step * n_strips + s` is that of user strip s at this step.

    Attributes:
        n_strips: Number of user strips, of title strips, and of steps.
        starts: Where each block's ratings begin, and where the last one's end; shape
            (n_strips² + 1,).
        users: Row of each rating's user; shape (n_ratings,).
        titles: Row of each rating's title; shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        user_rows: Row of each user code: a permutation in which a strip's rows are neighbours;
            shape (n_users,).
        title_rows: Row of each title code, likewise; shape (n_titles,).
    """

    n_strips: int
    starts: NDArray[np.int64]
    users: Codes
    titles: Codes
    values: NDArray[np.float32]
    user_rows: Codes
    title_rows: Codes

    @classmethod
    def of(
        cls,
        users: Codes,
        titles: Codes,
        values: NDArray[np.floating],
        shape: tuple[int, int],
        n_strips: int,
    ) -> "BlockedRatings":
        """Deal ratings into blocks; within a block they stay in the order they came in.

        Args:
            users: User codes; shape (n_ratings,).
            titles: Title codes; shape (n_ratings,).
            values: Ratings in stars; shape (n_ratings,).
            shape: The number of users and of titles.
            n_strips: The number of strips of each; see `strips_for`.
        """
        user_strips = deal(np.bincount(users, minlength=shape[0]), n_strips)
        title_strips = deal(np.bincount(titles, minlength=shape[1]), n_strips)

        user_rows, title_rows = _rows(user_strips), _rows(title_strips)
        strips = (user_strips, title_strips, block_positions(n_strips))

        # Counted first, so that each rating goes to its place at once.
        counts = np.zeros(n_strips * n_strips, dtype=np.int64)
        count_by_block(users, titles, *strips, counts)
        starts = np.concatenate([[0], np.cumsum(counts)])

        n_ratings = len(values)
        out_users, out_titles = np.empty(n_ratings, np.int32), np.empty(n_ratings, np.int32)
        out_values = np.empty(n_ratings, np.float32)
        rows, out = (user_rows, title_rows), (out_users, out_titles, out_values)
        deal_into_blocks(users, titles, values, *strips, *rows, starts[:-1].copy(), *out)
        return cls(n_strips, starts, *out, *rows)


def strips_for(n_ratings: int) -> int:
    """Return the number of strips for so many ratings: a power of two, 1 if they are few.

    It depends on nothing else, least of all on the machine: the strips decide the model.
    """
    n_strips = 1
    while n_strips < MOST_STRIPS and RATINGS_PER_CUBE * (2 * n_strips) ** 3 <= n_ratings:
        n_strips *= 2
    return n_strips


def block_positions(n_strips: int) -> Codes:
    """Return the position of each block in an epoch; shape (n_strips of users, of titles)."""
    user_strips, title_strips = np.ogrid[:n_strips, :n_strips]
    steps = (title_strips - user_strips) % n_strips
    return (steps * n_strips + user_strips).astype(np.int32)


def deal(counts: NDArray[np.integer], n_strips: int) -> Codes:
    """Deal users or titles into strips with about the same number of ratings each.

    The ones with most ratings go first, there and back again: 0, 1, 2, 2, 1, 0, 0, 1 and so on.

    Args:
        counts: How many ratings each of them has; shape (n,).
        n_strips: How many strips.

    Returns:
        Their strips; shape (n,).
    """
    there = np.arange(n_strips, dtype=np.int32)
    there_and_back = np.concatenate([there, there[::-1]])
    strips = np.empty(len(counts), dtype=np.int32)
    strips[np.argsort(-counts, kind="stable")] = np.resize(there_and_back, len(counts))
    return strips


def _rows(strips: Codes) -> Codes:
    """Number users or titles so that those of a strip are neighbours, in the order of codes."""
    rows = np.empty(len(strips), dtype=np.int32)
    rows[np.argsort(strips, kind="stable")] = np.arange(len(strips), dtype=np.int32)
    return rows
