"""Which raw files a folder holds: the one place that knows their layout."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path

from cartelera import columns as c
from cartelera.errors import InputError

logger = logging.getLogger(__name__)

_NEARLY_CSV = re.compile(r"\.csv(\.(gz|bz2|xz|zst|zip))?$", re.IGNORECASE)
_LAYOUT = f"{', '.join(c.RAW_FILES.values())} and {c.RATINGS_FOLDER}/*.csv"


@dataclass(frozen=True)
class RawFiles:
    """The raw files of one folder.

    Attributes:
        folder: The folder they are in.
        catalogues: One file a platform, in the order of `columns.PLATFORMS`.
        ratings: Any number of rating files, `2.csv` before `10.csv`.
    """

    folder: Path
    catalogues: dict[str, Path]
    ratings: tuple[Path, ...]

    @property
    def by_name(self) -> dict[str, Path]:
        """All files by the name they are reported under, relative to the folder."""
        paths = [*self.catalogues.values(), *self.ratings]
        return {path.relative_to(self.folder).as_posix(): path for path in paths}


def find_raw_files(folder: Path) -> RawFiles:
    """Find the four catalogues and at least one file of ratings.

    Other files are left alone, except what looks like the catalogue of a fifth platform, and
    ratings that are packed or end in `.CSV`.

    Raises:
        InputError: If the folder or a file is missing, empty, packed, a link that leads nowhere or
            the catalogue of an unknown platform; says which and what is expected.
    """
    if not folder.exists():
        raise InputError(f"{folder} does not exist: give a folder with {_LAYOUT}.")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file: give the folder that holds {_LAYOUT}.")
    ratings_folder = folder / c.RATINGS_FOLDER
    catalogues = {platform: folder / name for platform, name in c.RAW_FILES.items()}
    ratings = sorted(filter(_counts, ratings_folder.glob("*.csv")), key=_natural_order)
    _refuse_unknown_platforms(folder)
    _refuse_overlooked_ratings(ratings_folder, ratings)
    _refuse_dangling_links([ratings_folder, *catalogues.values(), *ratings])
    missing = [path.name for path in catalogues.values() if not path.exists()]
    if missing:
        raise InputError(f"{folder} lacks {', '.join(missing)}: expected are {_LAYOUT}.")
    if not ratings:
        raise InputError(
            f"{ratings_folder} holds no ratings: expected is at least one {c.RATINGS_FOLDER}/*.csv."
        )
    files = RawFiles(folder, catalogues, tuple(ratings))
    for path in files.by_name.values():
        _refuse_what_is_no_file(path)
    _report_ignored(files)
    return files


def _natural_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.findall(r"\d+|\D+", path.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name


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


def _refuse_overlooked_ratings(folder: Path, found: list[Path]) -> None:
    if not folder.is_dir():
        return
    for path in sorted(set(folder.iterdir()) - set(found)):
        if _counts(path) and _NEARLY_CSV.search(path.name):
            raise InputError(
                f"{path} would be left out, since only names that end in .csv are read: unpack or "
                "rename it, or move it elsewhere."
            )


def _refuse_dangling_links(paths: list[Path]) -> None:
    for link in sorted(paths):
        if link.is_symlink() and not link.exists():
            raise InputError(
                f"{link} is a link that leads nowhere ({link.readlink()}): mend or remove it."
            )


def _refuse_what_is_no_file(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"{path} is no regular file: a CSV file is expected there.")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes): expected is a CSV file with a header.")


def _report_ignored(files: RawFiles) -> None:
    entries = [*files.folder.iterdir(), *(files.folder / c.RATINGS_FOLDER).iterdir()]
    names = (path.relative_to(files.folder).as_posix() for path in entries)
    ignored = sorted(set(names) - {c.RATINGS_FOLDER, *files.by_name})
    if ignored:
        logger.info("Ignored in %s: %s.", files.folder, ", ".join(ignored))
