"""Telling one parting of the ratings from another by its content."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
        titles, _ = pd.factorize(part[c.TITLE_ID], sort=True)
        ordered = part.iloc[np.lexsort((titles, part[c.USER_ID].to_numpy()))]
        digest.update(len(ordered).to_bytes(8, "little"))
        digest.update(ordered[c.USER_ID].to_numpy(dtype=np.dtype("<i8")).tobytes())
        digest.update(_lines(ordered[c.TITLE_ID]))
        digest.update(ordered[c.RATING].to_numpy(dtype=np.dtype("<f8")).tobytes())
        digest.update(ordered[c.TIMESTAMP].to_numpy(dtype=np.dtype("<i8")).tobytes())
        if (is_received := received_mask(ordered)).any():
            digest.update(is_received.tobytes())
    return digest.hexdigest()


def _lines(texts: "pd.Series[str]") -> bytes:
    """Join texts (n) by line breaks, without making an object of each."""
    column = pa.array(texts, pa.large_string())
    together = pa.LargeListArray.from_arrays([0, len(column)], column)
    lines = pc.call_function("binary_join", [together, pa.scalar("\n", pa.large_string())])
    return lines[0].as_buffer().to_pybytes()
