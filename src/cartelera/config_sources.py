"""The types and ranges of the Hydra group `data`: where raw files come from."""

from dataclasses import dataclass
from pathlib import Path

from cartelera.config_checks import require, require_at_least


@dataclass(kw_only=True)
class DataConfig:
    """Where the raw files come from; each source adds its own keys."""

    source: str


@dataclass(kw_only=True)
class SampleConfig(DataConfig):
    """The embedded sample: a seeded generator of the raw format, with planted tastes."""

    source: str = "sample"
    n_titles: int
    n_users: int
    n_ratings: int
    noise: float
    seed: int

    def __post_init__(self) -> None:
        require_at_least(40, n_titles=self.n_titles)
        require_at_least(2, n_users=self.n_users, n_ratings=self.n_ratings)
        require_at_least(0, noise=self.noise, seed=self.seed)


@dataclass(kw_only=True)
class FolderConfig(DataConfig):
    """A folder of raw files, on this machine or behind an address such as s3://bucket/films."""

    source: str = "folder"
    path: str
    digest: str | None = None

    def __post_init__(self) -> None:
        # shells leave the tilde of `data.path=~/films` to us; addresses have two slashes to keep
        if "://" not in self.path:
            self.path = str(Path(self.path).expanduser())


@dataclass(kw_only=True)
class RemoteFile:
    """One file to download.

    Attributes:
        url: Where it is.
        sha256: Its SHA-256, 64 hexadecimal digits.
        to: Where it goes, relative to `data/raw`.
    """

    url: str
    sha256: str
    to: str


@dataclass(kw_only=True)
class DownloadConfig(DataConfig):
    """Raw files behind URLs."""

    source: str = "download"
    files: list[RemoteFile]
    retries: int
    timeout_s: float

    def __post_init__(self) -> None:
        require_at_least(0, retries=self.retries)
        require(self.timeout_s > 0, "timeout_s", self.timeout_s, "more than 0 seconds")


SOURCES: dict[str, type[DataConfig]] = {
    "sample": SampleConfig,
    "folder": FolderConfig,
    "download": DownloadConfig,
}
