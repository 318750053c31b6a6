"""Files of received ratings: what the service writes there and the pipeline reads.

They have the columns of the raw ratings. A line with `DELETED` in place of the stars, and no title,
says that a user had deleted what was received of them before it.
"""

import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Final

DELETED: Final = "deleted"

_TAIL_BYTES: Final = 256


@dataclass(frozen=True)
class Position:
    """A place in a file that others append to, and what it is recognised by.

    Attributes:
        name: The file's name in the folder of received ratings.
        n_bytes: How much of it comes before; that ends with a whole line.
        tail_sha256: SHA-256 of the last 256 bytes before, or of fewer if there are no more.
    """

    name: str
    n_bytes: int
    tail_sha256: str

    @classmethod
    def at(cls, name: str, file: BinaryIO, n_bytes: int) -> "Position":
        """Return the position after so many bytes of an open file."""
        return cls(name, n_bytes, _digest_before(file, n_bytes))

    def is_in(self, file: BinaryIO) -> bool:
        """Tell whether an open file still has what was read before this position."""
        return _digest_before(file, self.n_bytes) == self.tail_sha256


def _digest_before(file: BinaryIO, n_bytes: int) -> str:
    start = max(0, n_bytes - _TAIL_BYTES)
    file.seek(start)
    return hashlib.sha256(file.read(n_bytes - start)).hexdigest()
