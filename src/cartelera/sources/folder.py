"""Raw files that are on this machine already."""

import hashlib
import logging
from pathlib import Path

from rich.progress import Progress, TaskID

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.files import sha256
from cartelera.sources._progress import byte_progress

logger = logging.getLogger(__name__)

_CHUNK_BYTES = 1 << 20
_LAYOUT = f"{', '.join(c.RAW_FILES.values())} and {c.RATINGS_FOLDER}/*.csv"


def check_layout(folder: Path) -> list[Path]:
    """Find the raw files: the four catalogues and at least one file of ratings.

    Other files are left alone, except what looks like the catalogue of a fifth platform.

    Returns:
        Their paths relative to the folder, sorted.

    Raises:
        InputError: If the folder or a file is missing, empty, a link that leads nowhere or the
            catalogue of an unknown platform; says which and what is expected.
    """
    if not folder.exists():
        raise InputError(f"{folder} does not exist: give a folder with {_LAYOUT}.")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file: give the folder that holds {_LAYOUT}.")
    ratings_folder = folder / c.RATINGS_FOLDER
    catalogues = [Path(name) for name in c.RAW_FILES.values()]
    ratings = [path.relative_to(folder) for path in ratings_folder.glob("*.csv") if _counts(path)]
    _refuse_unknown_platforms(folder)
    _refuse_dangling_links(folder, [Path(c.RATINGS_FOLDER), *catalogues, *ratings])
    missing = [path.name for path in catalogues if not (folder / path).exists()]
    if missing:
        raise InputError(f"{folder} lacks {', '.join(missing)}: expected are {_LAYOUT}.")
    if not ratings:
        raise InputError(
            f"{ratings_folder} holds no ratings: expected is at least one {c.RATINGS_FOLDER}/*.csv."
        )
    raw = sorted([*catalogues, *ratings])
    for path in raw:
        _refuse_what_is_no_file(folder / path)
    _report_ignored(folder, raw)
    return raw


def digest(folder: Path) -> str:
    """Give one SHA-256 over the names and contents of the raw files, as hexadecimal digits.

    Raises:
        InputError: If `check_layout` finds a fault.
    """
    whole = hashlib.sha256()
    for path in check_layout(folder):
        whole.update(f"{sha256(folder / path)}  {path.as_posix()}\n".encode())
    return whole.hexdigest()


def copy(folder: Path, destination: Path) -> None:
    """Copy the raw files, and only them, with a progress bar.

    Raises:
        InputError: If `check_layout` finds a fault or a file changes during the copy.
    """
    raw = check_layout(folder)
    with byte_progress() as progress:
        total = sum((folder / path).stat().st_size for path in raw)
        task = progress.add_task(f"Copying {folder}", total=total)
        for path in raw:
            target = destination / path
            target.parent.mkdir(parents=True, exist_ok=True)
            before = sha256(folder / path)
            _copy_file(folder / path, target, progress, task)
            if sha256(target) != before:
                raise InputError(f"{folder / path} changed while it was copied: start again.")


def _copy_file(source: Path, target: Path, progress: Progress, task: TaskID) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            progress.advance(task, len(chunk))


def _counts(path: Path) -> bool:
    return not path.name.startswith(".")


def _refuse_unknown_platforms(folder: Path) -> None:
    known = c.RAW_FILES.values()
    for path in sorted(folder.glob("*_titles.csv")):
        if _counts(path) and path.name not in known:
            raise InputError(
                f"{path} is the catalogue of an unknown platform: allowed are {', '.join(known)}. "
                "Rename or remove it."
            )


def _refuse_dangling_links(folder: Path, raw: list[Path]) -> None:
    for path in sorted(raw):
        link = folder / path
        if link.is_symlink() and not link.exists():
            raise InputError(
                f"{link} is a link that leads nowhere ({link.readlink()}): mend or remove it."
            )


def _refuse_what_is_no_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"{path} is no regular file: a CSV file is expected there.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes): expected is a CSV file with a header.")


def _report_ignored(folder: Path, raw: list[Path]) -> None:
    entries = [*folder.iterdir(), *(folder / c.RATINGS_FOLDER).iterdir()]
    kept = {c.RATINGS_FOLDER, *(path.as_posix() for path in raw)}
    names = (path.relative_to(folder).as_posix() for path in entries)
    ignored = sorted(name for name in names if name not in kept)
    if ignored:
        logger.info("Ignored in %s: %s.", folder, ", ".join(ignored))
