"""Writing results whole or not at all, and telling files apart by their content."""

import ctypes
import hashlib
import json
import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

_CHUNK_BYTES = 1 << 20

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # of linux/fcntl.h and linux/fs.h


class DamagedFileError(ValueError):
    """A file does not hold what was written into it."""


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def digest_of(named: Mapping[str, Path]) -> str:
    """Return one SHA-256 over some files' names and contents, whatever their order.

    Args:
        named: Each file by the name it goes by in the digest.

    Returns:
        64 hexadecimal digits: the SHA-256 of what `sha256sum` would list, sorted by name.
    """
    lines = [f"{sha256(path)}  {name}\n" for name, path in sorted(named.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as indented JSON that is the same every time; NaN is refused.

    Raises:
        ValueError: If a number is NaN or infinite.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        DamagedFileError: If the file holds none.
    """
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DamagedFileError(f"{path} is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise DamagedFileError(f"{path} holds no JSON object.")
    return cast(dict[str, Any], found)


def read_json_if_there(path: Path) -> dict[str, Any] | None:
    """Read a JSON object; None if there is no such file."""
    return read_json(path) if path.is_file() else None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def at_once(path: Path) -> Generator[Path]:
    """Yield a path to write to, which becomes the file at once when the block ends.

    Any number of processes may write the same file: it is always that of one of them.
    """
    draft = path.with_name(f".draft-{uuid4().hex}-{path.name}")
    yield draft
    draft.replace(path)


@contextmanager
def all_or_nothing(*targets: Path) -> Generator[tuple[Path, ...]]:
    """Let a stage write beside its targets and move everything into place at the end.

    Yields one path for each target, in the same order and with the same suffix, with nothing there
    yet; make a file or a folder of it. When the block raises, the targets are as they were and
    nothing is left beside them. At every moment each target is there, whole, old or new. What a
    killed run left is removed by the next one.

    Args:
        *targets: Files or folders to replace.

    Raises:
        FileNotFoundError: If the block did not write one of them.
    """
    drafts = tuple(target.with_name(f".draft-{target.name}") for target in targets)
    for draft in drafts:
        draft.parent.mkdir(parents=True, exist_ok=True)
        _remove(draft)
    try:
        yield drafts
        for draft in drafts:
            draft.lstat()  # all are there before the first one moves
        for draft, target in zip(drafts, targets, strict=True):
            _put_in_place(draft, target)
    finally:
        for draft in drafts:
            _remove(draft)


def _put_in_place(draft: Path, target: Path) -> None:
    """Let a draft stand where the target does; the old target may be left where the draft was."""
    is_new = not os.path.lexists(target)
    if is_new or (draft.is_file() and target.is_file()):
        draft.replace(target)
    elif not _exchange(draft, target):
        # Where two names cannot change places in one step, the target is missing for an instant.
        old = target.with_name(f".draft-old-{target.name}")
        _remove(old)
        target.rename(old)
        draft.rename(target)
        old.rename(draft)


def _exchange(one: Path, other: Path) -> bool:
    """Let two paths change places in one step, if the system (Linux) and the file system can."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    names = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other))
    return renameat2 is not None and renameat2(*names, _RENAME_EXCHANGE) == 0
