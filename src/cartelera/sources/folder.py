"""Raw files in a folder, on this machine or behind an address."""

from pathlib import Path

from cartelera.errors import InputError
from cartelera.files import digest_of, sha256
from cartelera.platforms import PUBLISHED, Platforms
from cartelera.raw_files import find_raw_files
from cartelera.sources import remote
from cartelera.sources._progress import byte_progress, copy_bytes


def digest_at(path: str, platforms: Platforms) -> str:
    """Return what tells a folder's raw files from others, on this machine or behind an address.

    Raises:
        InputError: If `raw_files.find_raw_files` finds a fault, or it cannot be read.
    """
    if remote.is_remote(path):
        return remote.digest(path, platforms)
    return digest(Path(path.removeprefix("file://")), platforms)


def copy_from(path: str, destination: Path, platforms: Platforms, expected: str | None) -> bool:
    """Copy the raw files from this machine or an address.

    Args:
        path: The folder.
        destination: Where to copy them.
        platforms: The platforms there are.
        expected: What `digest_at` gave before; None if nothing is known.

    Returns:
        Whether the files are still as they were then.

    Raises:
        InputError: If `raw_files.find_raw_files` finds a fault, or they cannot be read.
    """
    if remote.is_remote(path):
        remote.copy(path, destination, platforms)
        return expected is None or remote.digest(path, platforms) == expected
    copy(Path(path.removeprefix("file://")), destination, platforms)
    return expected is None or digest(destination, platforms) == expected


def digest(folder: Path, platforms: Platforms = PUBLISHED) -> str:
    """Return one SHA-256 over the names and contents of the raw files, as hexadecimal digits.

    Raises:
        InputError: If `raw_files.find_raw_files` finds a fault.
    """
    return digest_of(find_raw_files(folder, platforms).by_name)


def copy(folder: Path, destination: Path, platforms: Platforms = PUBLISHED) -> None:
    """Copy the raw files, and only them, with a progress bar.

    Raises:
        InputError: If `raw_files.find_raw_files` finds a fault or a file changes during the copy.
    """
    files = find_raw_files(folder, platforms).by_name
    with byte_progress() as progress:
        total = sum(path.stat().st_size for path in files.values())
        task = progress.add_task(f"Copying {folder}", total=total)
        for name, path in files.items():
            target = destination / name
            target.parent.mkdir(parents=True, exist_ok=True)
            before = sha256(path)
            with path.open("rb") as reader, target.open("wb") as writer:
                copy_bytes(reader, writer, progress, task)
            if sha256(target) != before:
                raise InputError(f"{path} changed while it was copied: start again.")
