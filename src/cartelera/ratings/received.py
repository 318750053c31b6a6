"""Ratings the service received, from whomever: which they are, and how much they may weigh.

Whoever reaches an open service can send ratings in anybody's name. So they never replace a rating
of the source's files, are split apart from these, and are learnt from up to a share.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.accounting import Mask
from cartelera.errors import InputError

MOST_OF_ONE_ACCOUNT: Final = 0.05
"""The largest part of what may be received that may be of one user."""

_ROUNDING: Final = 1e-9
"""Keeps 0.2 / 0.8 * 12 = 2.9999999999999996 from counting as 2."""

Parts = tuple[pd.DataFrame, pd.DataFrame]


def received_mask(ratings: pd.DataFrame) -> Mask:
    """Return which ratings the service received (n); none where the table does not say."""
    if c.IS_RECEIVED not in ratings.columns:
        return np.zeros(len(ratings), dtype=np.bool_)
    return ratings[c.IS_RECEIVED].to_numpy(dtype=np.bool_, copy=True)


def outranked(ratings: pd.DataFrame, keys: Sequence[str]) -> Mask:
    """Return which received ratings (n) stand beside one of the source's files of the same keys.

    Args:
        ratings: Rows (n) with the keys' columns and `is_received`.
        keys: What only one rating counts of, such as a user and a title.
    """
    mask = received_mask(ratings)
    if mask.any():
        pairs = ratings[list(keys)]
        of_files = pairs[~mask & pairs[keys[0]].isin(pairs.loc[mask, keys[0]])]
        received = pd.MultiIndex.from_frame(pairs[mask])
        mask[mask] = received.isin(pd.MultiIndex.from_frame(of_files))
    return mask


def split_by_origin(ratings: pd.DataFrame, split: Callable[[pd.DataFrame], Parts]) -> Parts:
    """Split the ratings of the source's files, and apart from them those received.

    So the test ratings of the files are the same whatever was sent.

    Args:
        ratings: Clean ratings, one row a (user, title).
        split: Splits ratings into train and test.

    Returns:
        Train and test, each ordered by user, time and title. Where no received rating would be left
        to test with, all of them are in train.

    Raises:
        InputError: If no rating of the files would be left to test with.
    """
    mask = received_mask(ratings)
    if mask.all() or not mask.any():
        return split(ratings)

    train, test = split(ratings[~mask])
    try:
        received = split(ratings[mask])
    except InputError:
        received = (ratings[mask], ratings[:0])
    return _joined(train, received[0]), _joined(test, received[1])


def cap_received(ratings: pd.DataFrame, *, share: float, seed: int) -> Parts:
    """Leave out received ratings beyond a share: of all, of every title, and of one account.

    Of a title, received ratings may be as large a part as of all, counted from its ratings in the
    source's files, or from those of the average title if these are more: what everybody is
    recommended cannot be sent. Accounts take turns, each with its ratings in an order that a digest
    makes of user, title and seed: neither the first nor the busiest go first.

    Args:
        ratings: Columns `user_id`, `title_id` and `is_received`; the index is 0 to n - 1.
        share: The largest part that may be received, 0 to 1; 1 leaves nothing out.
        seed: Of the order.

    Returns:
        The ratings that are kept and those left out, each in the order given.

    Examples:
        >>> ratings = pd.DataFrame({"user_id": range(6), "title_id": "as1"})
        >>> kept, left_out = cap_received(
        ...     ratings.assign(is_received=ratings["user_id"] > 3), share=0.2, seed=0
        ... )
        >>> len(kept), len(left_out)
        (5, 1)
    """
    mask = received_mask(ratings)
    if share == 1 or not mask.any():
        return ratings, ratings[:0]

    odds = share / (1 - share)
    n_most = int(odds * np.count_nonzero(~mask) + _ROUNDING)
    of_account = max(1, int(MOST_OF_ONE_ACCOUNT * n_most))
    of_files = ratings.loc[~mask, c.TITLE_ID].value_counts()

    pairs = ratings.loc[mask, [c.USER_ID, c.TITLE_ID]]
    digests = pd.util.hash_pandas_object(pairs, index=False, hash_key=f"{seed:016d}"[-16:])
    drawn = pairs.assign(digest=digests).sort_values("digest")
    drawn["turn"] = drawn.groupby(c.USER_ID).cumcount()
    drawn = drawn[drawn["turn"] < of_account].sort_values(["turn", "digest"])

    known = drawn[c.TITLE_ID].map(of_files).fillna(0).clip(lower=of_files.mean())
    of_title = np.maximum(1, np.floor(odds * known + _ROUNDING))
    kept = drawn[drawn.groupby(c.TITLE_ID).cumcount() < of_title].head(n_most)

    is_left_out = mask & ~ratings.index.isin(kept.index)
    return ratings[~is_left_out].reset_index(drop=True), ratings[is_left_out]


def _joined(*parts: pd.DataFrame) -> pd.DataFrame:
    order = [c.USER_ID, c.TIMESTAMP, c.TITLE_ID]
    return pd.concat(parts).sort_values(order, kind="stable", ignore_index=True)
