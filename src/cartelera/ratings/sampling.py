"""A look at the users of raw ratings, to cut them into ranges of about the same size."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.notes import Notes
from cartelera.packed import text_blocks
from cartelera.ratings.clean import read_users
from cartelera.raw_csv import Reading, read_csv

_MOST_BYTES: Final = 1 << 16


def sample_users(
    files: Mapping[str, Path], reading: Reading, range_bytes: int
) -> tuple[npt.NDArray[np.int64], int]:
    """Take the users of a few lines here and there from the files that can be read in blocks.

    Args:
        files: The raw files by their names.
        reading: How they are read; notes are left to who reads all.
        range_bytes: How much a range shall hold.

    Returns:
        Users, -1 where one cannot be read, and how many bytes all files hold, unpacked where they
        can be read in blocks.
    """
    block_bytes = min(range_bytes, _MOST_BYTES)
    quiet = Reading(reading.dialect, reading.names, Notes(are_told=False))
    users, n_bytes = [np.zeros(0, dtype=np.int64)], 0
    for name, path in files.items():
        heads: list[bytes] = []
        for block in text_blocks(name, path, block_bytes) or ():
            n_bytes += len(block)
            heads.append(block[: block.find(b"\n", block_bytes >> 8) + 1])
        if not heads:
            n_bytes += path.stat().st_size
            continue
        with suppress(InputError):  # a record cut in two, or what the one who reads all will tell
            frames = read_csv(name, iter([b"".join(heads)]), c.RAW_RATING_COLUMNS, quiet)
            users += [read_users(frame) for frame in frames]
    return np.concatenate(users), n_bytes
