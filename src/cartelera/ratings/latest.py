"""Which of several ratings counts: the latest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def outdated(ratings: pd.DataFrame, keys: Sequence[str], time: str) -> npt.NDArray[np.bool_]:
    """Mark ratings with a later one of the same keys; of equally late ones the last row counts.

    Only the few rows whose keys occur repeatedly are compared.

    Args:
        ratings: Rows (n) with the columns named.
        keys: What only one rating counts of, such as a user and a title.
        time: The column that says when each was given.

    Returns:
        A mask (n) in the order of the rows.
    """
    mask = np.zeros(len(ratings), dtype=np.bool_)
    candidates = np.flatnonzero(ratings.duplicated(keys, keep=False))
    contested: Any = ratings.iloc[candidates].reset_index(drop=True)

    by_time = contested.sort_values(time, kind="stable")
    is_outdated = by_time.duplicated(keys, keep="last")
    mask[candidates[by_time.index[is_outdated]]] = True
    return mask
