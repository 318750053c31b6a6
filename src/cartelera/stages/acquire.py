"""Stage `acquire`: bring the raw files, and the ratings the service received, into `data/raw`."""

from pathlib import Path

from cartelera import columns as c
from cartelera.config_sources import DownloadConfig, FolderConfig, SampleConfig
from cartelera.config_types import Config, ServeConfig
from cartelera.errors import ConfigError, InputError
from cartelera.files import all_or_nothing
from cartelera.paths import Paths
from cartelera.platforms import Platforms
from cartelera.raw_files import find_raw_files
from cartelera.sources import download, feedback, folder, listed, sample

DOWNLOAD_CACHE = ".download"


def run(config: Config, paths: Paths) -> None:
    """Write the whole folder of raw files from the configured source, or leave it as it was.

    Unfinished downloads stay in `.download` beside it, so that the next run goes on from there.

    Raises:
        ConfigError: If the source is unknown or its settings are wrong.
        InputError: If raw files are missing, broken, or changed since the run began.
    """
    table = config.catalogue.table()
    with all_or_nothing(paths.raw) as (raw,):
        raw.mkdir()
        match config.data:
            case SampleConfig() as source:
                _generate(source, raw, table)
            case FolderConfig() as source:
                _copy(source, raw, table)
            case DownloadConfig() as source:
                _download(source, raw, paths.root / DOWNLOAD_CACHE, table)
            case source:
                raise ConfigError(f"data.source={source.source} is no source of raw files.")
        _add_received(config.serve, raw)
        find_raw_files(raw, table)


def _generate(source: SampleConfig, raw: Path, table: Platforms) -> None:
    made = sample.generate(
        n_titles=source.n_titles,
        n_users=source.n_users,
        n_ratings=source.n_ratings,
        noise=source.noise,
        seed=source.seed,
        platforms=table,
    )
    sample.write(made, raw, table)


def _copy(source: FolderConfig, raw: Path, table: Platforms) -> None:
    is_as_before = folder.copy_from(source.path, raw, table, source.digest)
    if not is_as_before:
        raise InputError(f"{source.path} changed during the run: start again.")


def _add_received(serve: ServeConfig, raw: Path) -> None:
    received = [feedback.Received(**vars(each)) for each in serve.feedback_files]
    ratings = raw / c.RATINGS_FOLDER
    ratings.mkdir(exist_ok=True)
    feedback.copy(Path(serve.feedback), received, ratings)


def _download(source: DownloadConfig, raw: Path, cache: Path, table: Platforms) -> None:
    files = [listed.RawFile(file.url, file.sha256, file.to) for file in source.files]
    listed.check_complete(files, table)
    download.download(files, raw, cache=cache, retries=source.retries, timeout_s=source.timeout_s)
