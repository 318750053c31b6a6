"""Folders and files behind addresses, through fsspec: s3://, gs://, https:// and others."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import fsspec
from requests.utils import requote_uri
from rich.progress import Progress, TaskID

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.platforms import Platforms
from cartelera.raw_files import find_raw_files
from cartelera.sources._progress import byte_progress, copy_bytes

_PACKAGES: Final = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "sftp": "paramiko",
    "ssh": "paramiko",
}
_WEB: Final = ("http", "https")
_TELLS_VERSIONS: Final = (
    "size",
    "etag",
    "lastmodified",
    "last_modified",
    "mtime",
    "md5",
    "created",
)


def is_remote(path: str) -> bool:
    """Tell whether a path is an address of something elsewhere.

    >>> is_remote("s3://bucket/films"), is_remote("/my/films"), is_remote("file:///my/films")
    (True, False, False)
    """
    return "://" in path and not path.startswith("file://")


def digest(address: str, platforms: Platforms) -> str:
    """Return a SHA-256 over what the store says of the raw files: names, sizes, versions.

    Raises:
        InputError: If the folder cannot be read or lacks a file.
    """
    filesystem = _filesystem(address)
    lines = [
        f"{name} {_version(filesystem.info(where))}\n"
        for name, where in sorted(_raw_files(filesystem, address, platforms).items())
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def copy(address: str, destination: Path, platforms: Platforms) -> None:
    """Copy the raw files of a folder, and only them; a file is there whole or not at all.

    Raises:
        InputError: If the folder cannot be read or lacks a file.
    """
    filesystem = _filesystem(address)
    files = _raw_files(filesystem, address, platforms)
    with byte_progress() as progress:
        task = progress.add_task(f"Copying {address}", total=None)
        for name, where in files.items():
            _copy_file(filesystem, where, destination / name, progress, task)


def fetch(address: str, target: Path) -> None:
    """Fetch one file; it is there whole or not at all.

    Raises:
        InputError: If it cannot be read.
    """
    filesystem = _filesystem(address)
    with byte_progress() as progress:
        task = progress.add_task(f"Fetching {address}", total=None)
        where = filesystem._strip_protocol(_written(address))
        _copy_file(filesystem, where, target, progress, task)


def _filesystem(address: str) -> Any:
    protocol = urlsplit(address).scheme
    try:
        return fsspec.filesystem(protocol, use_listings_cache=False)
    except ImportError as error:
        package = _PACKAGES.get(protocol, f"fsspec[{protocol}]")
        raise InputError(
            f"{address}: a package for {protocol}:// is missing: pip install '{package}'."
        ) from error
    except ValueError as error:
        raise InputError(
            f"{address}: {protocol}:// is unknown; s3://, gs:// and https:// are not."
        ) from error


def _written(address: str) -> str:
    """Return an address as its store takes it: on the web without spaces and foreign letters."""
    return requote_uri(address) if urlsplit(address).scheme in _WEB else address


def _raw_files(filesystem: Any, address: str, platforms: Platforms) -> dict[str, str]:
    """Find the raw files of a folder, by name, as `find_raw_files` would on this machine."""
    root = filesystem._strip_protocol(_written(address)).rstrip("/")
    entries = _entries(filesystem, root, address)
    inside = next((name for name in entries if name == c.RATINGS_FOLDER), None)
    places = {name: entry["name"] for name, entry in entries.items() if name != inside}
    if inside is not None:
        rated = _entries(filesystem, entries[inside]["name"].rstrip("/"), address)
        places |= {f"{inside}/{name}": entry["name"] for name, entry in rated.items()}
        entries |= {f"{inside}/{name}": entry for name, entry in rated.items()}

    # Names decide; so a folder of the same names tells which files count.
    with TemporaryDirectory() as folder:
        skeleton = Path(folder)
        (skeleton / c.RATINGS_FOLDER).mkdir()
        for name in places:
            is_empty = entries[name].get("size") == 0
            (skeleton / name).write_bytes(b"" if is_empty else b"?")
        try:
            found = find_raw_files(skeleton, platforms)
        except InputError as error:
            raise InputError(str(error).replace(folder, address.rstrip("/"))) from error
        return {name: places[name] for name in found.by_name}


def _entries(filesystem: Any, folder: str, address: str) -> dict[str, dict[str, Any]]:
    """List a folder: entries by their own names."""
    is_web = urlsplit(folder).scheme in _WEB
    try:
        listed: list[dict[str, Any]] = filesystem.ls(
            f"{folder}/" if is_web else folder, detail=True
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"{address} cannot be listed: {error or type(error).__name__}. Check the address and "
            "your rights; a web server that lists no files needs data=download."
        ) from error
    own = [(str(entry["name"]).rstrip("/").removeprefix(f"{folder}/"), entry) for entry in listed]
    named = [(unquote(name) if is_web else name, entry) for name, entry in own]
    # Pages list more than what is in the folder.
    return {name: entry for name, entry in named if name and "/" not in name and "?" not in name}


def _version(info: Mapping[str, Any]) -> str:
    said = {key.lower(): value for key, value in info.items()}
    return " ".join(f"{key}={said[key]}" for key in _TELLS_VERSIONS if key in said)


def _copy_file(filesystem: Any, where: str, target: Path, progress: Progress, task: TaskID) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".draft-{target.name}")
    try:
        with filesystem.open(where, "rb") as reader, draft.open("wb") as writer:
            copy_bytes(reader, writer, progress, task)
        draft.replace(target)
    except FileNotFoundError as error:
        raise InputError(f"{where} does not exist: check the address.") from error
    finally:
        draft.unlink(missing_ok=True)
