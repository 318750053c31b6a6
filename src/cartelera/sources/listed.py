"""The list of files to download: what an entry may say, and that nothing is missing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.platforms import PUBLISHED, Platforms

STORES: Final = ("s3", "gs", "gcs", "az", "abfs", "memory")
"""Protocols that fsspec fetches whole; http and https resume."""

_RATINGS_FILE: Final = re.compile(rf"{c.RATINGS_FOLDER}/\w[\w.-]*\.csv", re.ASCII)


@dataclass(frozen=True)
class RawFile:
    """One file to download.

    Attributes:
        url: Where it is: http or https, which resume, or an address of a store.
        sha256: Its SHA-256, 64 hexadecimal digits.
        to: Where it goes, relative to the folder of raw files.

    Raises:
        ConfigError: If one of them is not allowed.
    """

    url: str
    sha256: str
    to: str

    def __post_init__(self) -> None:
        if not _is_address(self.url):
            raise ConfigError(
                f"data.files: url={self.url} is not an http:// or https:// address, nor one of "
                f"{', '.join(f'{store}://' for store in STORES)}."
            )
        if not re.fullmatch("[0-9a-fA-F]{64}", self.sha256):
            raise ConfigError(
                f"data.files: sha256={self.sha256} of {self.url} is not 64 hexadecimal digits; "
                "`sha256sum FILE` gives them."
            )


def check_complete(files: Sequence[RawFile], platforms: Platforms = PUBLISHED) -> None:
    """Check that the files together are all raw files, before anything is fetched.

    Raises:
        ConfigError: If a file goes where none belongs, or a catalogue or all ratings are missing.
    """
    catalogues = platforms.files.values()
    for file in files:
        if file.to not in catalogues and not _RATINGS_FILE.fullmatch(file.to):
            raise ConfigError(
                f"data.files: to={file.to} is not allowed: allowed are "
                f"{', '.join(catalogues)} and {c.RATINGS_FOLDER}/NAME.csv."
            )

    targets = {file.to for file in files}
    missing = [name for name in catalogues if name not in targets]
    if len(targets) == len(catalogues) - len(missing):
        missing.append(f"{c.RATINGS_FOLDER}/1.csv")
    if missing:
        raise ConfigError(
            f"data.files has no entry for {', '.join(missing)}: list url, sha256 and to of each "
            "raw file in conf/data/download.yaml."
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme in STORES:
        return bool(parts.netloc + parts.path)
    return parts.scheme in ("http", "https") and bool(parts.netloc)
