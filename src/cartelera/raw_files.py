"""Which raw files a folder holds: the one place that knows their layout."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.platforms import PUBLISHED, Platforms

logger = logging.getLogger(__name__)

_SUFFIX: Final = re.compile(
    r"\.(?:csv|tsv|json|jsonl|ndjson)(?:\.(?:gz|bz2|xz))?$|\.(?:parquet|xlsx)$", re.IGNORECASE
)
_NEARLY: Final = re.compile(r"\.(?:csv\.(?:zst|zip)|xls|xlsm|ods|zip)$", re.IGNORECASE)
_ADDED: Final = re.compile(
    r"(?:[ _-]*(?:scores?|cop(?:y|ia)|\(\d+\)|raw|clean|final))+$", re.IGNORECASE
)
"""What notebooks and file managers add to a name: `-score`, ` (2)`, ` copy`."""

_CATALOGUE: Final = re.compile(r".+_titles$", re.IGNORECASE)


@dataclass(frozen=True)
class RawFiles:
    """The raw files of one folder.

    Attributes:
        folder: The folder they are in.
        catalogues: One file a platform, in the order of the platforms.
        ratings: Any number of rating files, `2.csv` before `10.csv`.
    """

    folder: Path
    catalogues: dict[str, Path]
    ratings: tuple[Path, ...]

    @property
    def by_name(self) -> dict[str, Path]:
        """All files by the name they are reported under, relative to the folder."""
        return self._named([*self.catalogues.values(), *self.ratings])

    @property
    def named_ratings(self) -> dict[str, Path]:
        """The rating files, likewise."""
        return self._named(self.ratings)

    def _named(self, paths: Iterable[Path]) -> dict[str, Path]:
        return {path.relative_to(self.folder).as_posix(): path for path in paths}


def layout(platforms: Platforms) -> str:
    """Say which files are expected."""
    return f"{', '.join(platforms.files.values())} and {c.RATINGS_FOLDER}/*.csv"


def find_raw_files(folder: Path, platforms: Platforms = PUBLISHED) -> RawFiles:
    """Find the catalogue of every platform and at least one file of ratings.

    A catalogue may have another ending (`.csv.gz`, `.json`, `.parquet`, `.xlsx`, ...) or an
    addition to its name (`netflix_titles-score.csv`), if it is the only one of its platform.
    Ratings stand in their folder, or in one file beside the catalogues. Other files are left
    alone, except what looks like the catalogue of another platform, and ratings that cannot be
    read.

    Raises:
        InputError: If the folder or a file is missing, empty, one of several, a link that leads
            nowhere or the catalogue of an unknown platform; says which and what is expected.
    """
    expected = layout(platforms)
    if not folder.exists():
        raise InputError(f"{folder} does not exist: give a folder with {expected}.")
    if not folder.is_dir():
        raise InputError(f"{folder} is a file: give the folder that holds {expected}.")
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    catalogues = _find_catalogues(folder, paths, platforms)
    ratings = _find_ratings(folder, paths)
    _refuse_unknown_platforms(paths, platforms)
    _refuse_dangling_links([folder / c.RATINGS_FOLDER, *catalogues.values(), *ratings])
    _refuse_missing(folder, paths, catalogues, platforms)
    if not ratings:
        raise InputError(
            f"{folder / c.RATINGS_FOLDER} holds no ratings: expected is at least one "
            f"{c.RATINGS_FOLDER}/*.csv."
        )
    files = RawFiles(folder, catalogues, tuple(ratings))
    for path in files.by_name.values():
        _refuse_what_is_no_file(path)
    _report_ignored(files)
    return files


def _stem(name: str) -> str:
    """Return a file's name in lower case, without its ending and what was added to it."""
    return _ADDED.sub("", _SUFFIX.sub("", name)).lower()


def _find_catalogues(folder: Path, paths: list[Path], platforms: Platforms) -> dict[str, Path]:
    """Find each platform's file: the one of its very name, or else the only one like it."""
    found: dict[str, Path] = {}
    for name, file in platforms.files.items():
        exact = folder / file
        if exact.exists() or exact.is_symlink():
            found[name] = exact
            continue
        alike = [
            path for path in paths if _SUFFIX.search(path.name) and _stem(path.name) == _stem(file)
        ]
        if len(alike) > 1:
            raise InputError(
                f"{folder} holds {' and '.join(path.name for path in alike)}, which may both be "
                f"the catalogue of {name}: keep one, or say which: "
                f"catalogue.platforms.{name}.file={alike[0].name!r}."
            )
        if alike:
            found[name] = alike[0]
    return found


def _find_ratings(folder: Path, paths: list[Path]) -> list[Path]:
    """Find the ratings' files: those in their folder, or else one beside the catalogues."""
    inside = folder / c.RATINGS_FOLDER
    entries = list(inside.iterdir()) if inside.is_dir() else []
    shown = [path for path in entries if not path.name.startswith(".")]
    found = sorted((path for path in shown if _SUFFIX.search(path.name)), key=_natural_order)
    for path in sorted(shown):
        if _NEARLY.search(path.name):
            raise InputError(
                f"{path} would be left out: CSV (also as .gz), JSON, Parquet and .xlsx are read. "
                "Unpack or save it so, or move it elsewhere."
            )
    if all(path.name.startswith(c.RECEIVED) for path in found):
        files = [path for path in paths if _SUFFIX.search(path.name) and not path.is_dir()]
        beside = [path for path in files if _stem(path.name) == c.RATINGS_FOLDER]
        found = beside + found
    return found


def _natural_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    parts = re.findall(r"\d+|\D+", path.stem)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], path.name


def _refuse_unknown_platforms(paths: Iterable[Path], platforms: Platforms) -> None:
    known = {_stem(file) for file in platforms.files.values()}
    for path in paths:
        stem = _stem(path.name)
        is_catalogue = _SUFFIX.search(path.name) and _CATALOGUE.fullmatch(stem)
        if is_catalogue and stem not in known:
            raise InputError(
                f"{path} is the catalogue of an unknown platform: allowed are "
                f"{', '.join(platforms.files.values())}. {_nearest(stem, known)}Rename or remove "
                "it, or add the platform to the table in conf/catalogue."
            )


def _nearest(stem: str, known: Iterable[str]) -> str:
    close = get_close_matches(stem, list(known), n=1, cutoff=0.8)
    return f"Is it {close[0]}? " if close else ""


def _refuse_missing(
    folder: Path, paths: list[Path], catalogues: dict[str, Path], platforms: Platforms
) -> None:
    missing = {name: file for name, file in platforms.files.items() if name not in catalogues}
    if not missing:
        return
    used = {path.name for path in catalogues.values()}
    free = [path.name for path in paths if _SUFFIX.search(path.name) and path.name not in used]
    hints = [
        f" Is {close[0]} that of {name}? Then say catalogue.platforms.{name}.file={close[0]!r}."
        for name, file in missing.items()
        if (close := get_close_matches(file, free, n=1, cutoff=0.5))
    ]
    raise InputError(
        f"{folder} lacks {', '.join(missing.values())}: expected are {layout(platforms)}."
        f"{''.join(hints)}"
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
    inside = files.folder / c.RATINGS_FOLDER
    entries = [*files.folder.iterdir(), *(inside.iterdir() if inside.is_dir() else ())]
    names = (path.relative_to(files.folder).as_posix() for path in entries)
    ignored = sorted(set(names) - {c.RATINGS_FOLDER, *files.by_name})
    if ignored:
        logger.info("Ignored in %s: %s.", files.folder, ", ".join(ignored))
