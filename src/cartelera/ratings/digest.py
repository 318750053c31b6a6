"""Telling one parting of the ratings from another by its content."""

import hashlib

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.ratings.received import received_mask


def split_digest(train: pd.DataFrame, test: pd.DataFrame) -> str:
    """Return a digest of who rated what, how and when in each part, and what was received of it.

    It depends on the ratings alone, not on how a file stores them or in which order: figures
    measured on splits of the same digest can be compared.

    Args:
        train: Clean ratings, one row a (user, title).
        test: Clean ratings, one row a (user, title).

    Returns:
        SHA-256 as 64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for part in (train, test):
        ordered = part.sort_values([c.USER_ID, c.TITLE_ID], kind="stable")
        digest.update(len(ordered).to_bytes(8, "little"))
        digest.update(ordered[c.USER_ID].to_numpy(dtype=np.dtype("<i8")).tobytes())
        digest.update("\n".join(ordered[c.TITLE_ID]).encode())
        digest.update(ordered[c.RATING].to_numpy(dtype=np.dtype("<f8")).tobytes())
        digest.update(ordered[c.TIMESTAMP].to_numpy(dtype=np.dtype("<i8")).tobytes())
        if (is_received := received_mask(ordered)).any():
            digest.update(is_received.tobytes())
    return digest.hexdigest()
