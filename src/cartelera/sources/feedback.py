"""Ratings the service received, as raw files beside those of the source.

The service may append to them at any time. So what a run of the pipeline reads is fixed at its
start: so many bytes of each file, up to a whole line, with their SHA-256.
"""

import hashlib
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.received import DELETED, Position

Mask = npt.NDArray[np.bool_]

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Received:
    """The beginning of a file that counts.

    Attributes:
        name: The file's name in the folder.
        n_bytes: How long it is; it ends with a whole line.
        sha256: Its SHA-256, 64 hexadecimal digits.
    """

    name: str
    n_bytes: int
    sha256: str


def look(folder: Path) -> list[Received]:
    """Tell what the folder holds now; without one, nothing was received.

    A file without any rating is left out, and so is a last line that was not written to its end.

    Raises:
        InputError: If the folder is none, or a file in it is something else, such as a pipe.
    """
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise InputError(f"{folder} is a file: serve.feedback is the folder of received ratings.")
    found: list[Received] = []
    for path in sorted(folder.glob("[!.]*.csv")):
        if not path.is_file():
            raise InputError(f"{path} is no file that can be read: move it elsewhere.")
        if n_bytes := _whole_rows(path):
            found.append(Received(path.name, n_bytes, _digest(path, n_bytes)))
    return found


def is_received(name: str) -> bool:
    """Tell whether a raw file, by its name relative to the raw folder, is one that `copy` made."""
    return Path(name).name.startswith(c.RECEIVED)


def positions(files: Mapping[str, Path]) -> list[Position]:
    """Return how far received ratings go that were copied, under the names they had before.

    A file of the source that is named as if it were a copy does no harm: the service finds that its
    own file of that name is another one.

    Args:
        files: Raw files by their names relative to the raw folder.
    """
    found: list[Position] = []
    for name, path in files.items():
        if is_received(name):
            original = re.sub(f"^(?:{c.RECEIVED})+", "", path.name)
            with path.open("rb") as file:
                found.append(Position.at(original, file, path.stat().st_size))
    return found


def deletions(raw: pd.DataFrame) -> tuple[Mask, Mask]:
    """Mark the lines by which users had deleted what was received of them, and what they concern.

    A deletion concerns what was received before it: such files are read in the order they were
    written. What else the source holds of the same user stays.

    Args:
        raw: Raw ratings (n) in the order they were read: `columns.RAW_RATING_COLUMNS` as text,
            `source_file`; the index is 0 to n - 1.

    Returns:
        Which rows are deletions, and which are deleted by one; shape (n,) each.
    """
    files, names = pd.factorize(raw[c.SOURCE_FILE])
    was_received = np.array([is_received(str(name)) for name in names], dtype=bool)[files]
    is_deletion = was_received & (raw[c.RAW_RATING] == DELETED).to_numpy(dtype=bool)

    if not is_deletion.any():
        return is_deletion, is_deletion

    # What was received of a user before their last deletion is gone, what came later stays.
    users = raw[c.RAW_USER].where(was_received)
    last = pd.Series(np.flatnonzero(is_deletion)).groupby(users[is_deletion].to_numpy()).max()
    is_deleted = raw.index < users.map(last).to_numpy(dtype=float, na_value=-1)
    return is_deletion, np.asarray(is_deleted)


def copy(folder: Path, received: Sequence[Received], ratings: Path) -> None:
    """Copy what counts into a folder of raw ratings, under names that are free there.

    Raises:
        InputError: If a file is not as it was, but for lines appended since.
    """
    for each in received:
        source, target = folder / each.name, ratings / f"{c.RECEIVED}{each.name}"
        while target.exists():
            target = target.with_name(f"{c.RECEIVED}{target.name}")
        if not source.is_file() or _digest(source, each.n_bytes) != each.sha256:
            raise InputError(f"{source} changed during the run, not only at its end: start again.")
        with target.open("wb") as writer:
            for chunk in _beginning(source, each.n_bytes):
                writer.write(chunk)


def _whole_rows(path: Path) -> int:
    """Return the length of the header and the whole lines after it, 0 if none comes after it."""
    n_bytes = n_lines = end = 0
    for chunk in _beginning(path, path.stat().st_size):
        n_lines += chunk.count(b"\n")
        last = chunk.rfind(b"\n")
        end = n_bytes + last + 1 if last >= 0 else end
        n_bytes += len(chunk)
    return end if n_lines > 1 else 0


def _digest(path: Path, n_bytes: int) -> str:
    digest = hashlib.sha256()
    for chunk in _beginning(path, n_bytes):
        digest.update(chunk)
    return digest.hexdigest()


def _beginning(path: Path, n_bytes: int) -> Generator[bytes]:
    with path.open("rb") as file:
        while n_bytes and (chunk := file.read(min(_CHUNK_BYTES, n_bytes))):
            n_bytes -= len(chunk)
            yield chunk
