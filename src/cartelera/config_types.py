"""The types and ranges of the configuration: one dataclass a Hydra group of `conf/`."""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cartelera.errors import ConfigError


def _require(holds: bool, key: str, value: object, allowed: str) -> None:
    if not holds:
        raise ConfigError(f"{key}={value} is out of range: allowed is {allowed}.")


def _require_at_least(minimum: float, **values: float) -> None:
    for key, value in values.items():
        _require(math.isfinite(value) and value >= minimum, key, value, f"{minimum} or more")


def _require_fraction(**values: float) -> None:
    for key, value in values.items():
        _require(0 < value < 1, key, value, "a number between 0 and 1")


def _require_no_password(key: str, uri: str, instead: str) -> None:
    """Keep secrets out of what is written to params.yaml, dvc.lock and MLflow."""
    if re.search(r"://[^/@:]*:[^@]*@|[?&]password=", uri):
        raise ConfigError(f"{key} has a password in it: leave it out and set {instead}.")


class SplitMethod(StrEnum):
    """How ratings are parted in train and test."""

    chronological = "chronological"
    random = "random"
    leave_last_n = "leave_last_n"


class Objective(StrEnum):
    """What a trial is measured on."""

    holdout = "holdout"
    kfold = "kfold"


class Executor(StrEnum):
    """Who fits the trials of a search."""

    local = "local"
    dask = "dask"


class ModelName(StrEnum):
    """Which implementation of the same model fits the factors."""

    svd = "svd"
    surprise_svd = "surprise_svd"


class ShipOn(StrEnum):
    """What the shipped model learns from."""

    train = "train"
    all = "all"


@dataclass(kw_only=True)
class DataConfig:
    """Where the raw files come from; each source adds its own keys."""

    source: str


@dataclass(kw_only=True)
class SampleConfig(DataConfig):
    """The embedded sample: a seeded generator of the raw format."""

    source: str = "sample"
    n_titles: int
    n_users: int
    n_ratings: int
    noise: float
    seed: int

    def __post_init__(self) -> None:
        _require_at_least(40, n_titles=self.n_titles)
        _require_at_least(2, n_users=self.n_users, n_ratings=self.n_ratings)
        _require_at_least(0, noise=self.noise, seed=self.seed)


@dataclass(kw_only=True)
class FolderConfig(DataConfig):
    """A folder of raw files on this machine."""

    source: str = "folder"
    path: str
    digest: str | None = None


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
        _require_at_least(0, retries=self.retries)
        _require(self.timeout_s > 0, "timeout_s", self.timeout_s, "more than 0 seconds")


@dataclass(kw_only=True)
class EtlConfig:
    """How raw files become clean ones."""

    repair_durations: bool
    earliest_year: int
    latest_year: int
    rating_min: float
    rating_max: float
    rating_step: float
    max_rejected: float

    def __post_init__(self) -> None:
        _require(
            self.earliest_year <= self.latest_year,
            "earliest_year",
            self.earliest_year,
            f"at most latest_year={self.latest_year}",
        )
        _require(
            self.rating_min < self.rating_max,
            "rating_min",
            self.rating_min,
            f"less than rating_max={self.rating_max}",
        )
        _require(self.rating_step > 0, "rating_step", self.rating_step, "more than 0")
        _require(0 <= self.max_rejected <= 1, "max_rejected", self.max_rejected, "0 to 1")


@dataclass(kw_only=True)
class EdaConfig:
    """What the exploratory report shows and tests."""

    top_n: int
    min_association: float
    n_permutations: int
    alpha: float
    seed: int

    def __post_init__(self) -> None:
        _require_at_least(1, top_n=self.top_n)
        _require_at_least(0, min_association=self.min_association, seed=self.seed)
        _require_at_least(99, n_permutations=self.n_permutations)
        _require_fraction(alpha=self.alpha)


@dataclass(kw_only=True)
class SplitConfig:
    """How ratings are parted in train and test."""

    method: SplitMethod
    test_fraction: float
    n_last: int
    seed: int

    def __post_init__(self) -> None:
        _require_fraction(test_fraction=self.test_fraction)
        _require_at_least(1, n_last=self.n_last)
        _require_at_least(0, seed=self.seed)


@dataclass(kw_only=True)
class ModelConfig:
    """The model and Surprise's own parameters; the search overrides those it draws."""

    name: ModelName
    blend: int
    blend_margin: float
    ship_on: ShipOn
    params: dict[str, Any]

    def __post_init__(self) -> None:
        _require(1 <= self.blend <= 100, "blend", self.blend, "1 to 100")
        _require_at_least(0, blend_margin=self.blend_margin)


@dataclass(kw_only=True)
class DaskConfig:
    """Where `search.executor=dask` finds its workers."""

    address: str | None
    n_workers: int | None

    def __post_init__(self) -> None:
        if self.n_workers is not None:
            _require_at_least(1, n_workers=self.n_workers)
        if self.address is not None:
            is_address = (
                re.fullmatch(r"(tcp|tls|ws|wss)://[^\s/]+(/\S*)?", self.address) is not None
            )
            _require(is_address, "address", self.address, "one such as tcp://host:8786, or null")


@dataclass(kw_only=True)
class SearchConfig:
    """The Optuna study."""

    study_name: str
    storage: str
    executor: Executor
    dask: DaskConfig
    n_trials: int
    objective: Objective
    n_folds: int
    valid_fraction: float
    patience: int
    warm_start: bool
    min_gain: float
    seed: int
    sampler: dict[str, Any]
    pruner: dict[str, Any]
    space: dict[str, Any]

    def __post_init__(self) -> None:
        _require_at_least(1, n_trials=self.n_trials, patience=self.patience)
        _require_at_least(2, n_folds=self.n_folds)
        _require_fraction(valid_fraction=self.valid_fraction)
        _require_at_least(0, min_gain=self.min_gain, seed=self.seed)
        _require_no_password("search.storage", self.storage, "PGPASSWORD, or ~/.pgpass")


@dataclass(kw_only=True)
class EvaluateConfig:
    """How the test part is measured."""

    k: int
    relevant_at: float
    n_bootstrap: int
    confidence: float
    n_spot_check_users: int
    seed: int
    interval_coverage: float
    drift_recent: float
    drift_new: float
    drift_psi: float
    drift_permutations: int

    def __post_init__(self) -> None:
        _require_at_least(1, k=self.k, n_spot_check_users=self.n_spot_check_users)
        _require_at_least(100, n_bootstrap=self.n_bootstrap)
        _require_fraction(
            confidence=self.confidence,
            interval_coverage=self.interval_coverage,
            drift_recent=self.drift_recent,
            drift_new=self.drift_new,
        )
        _require_at_least(0, seed=self.seed, drift_psi=self.drift_psi)
        _require_at_least(99, drift_permutations=self.drift_permutations)


@dataclass(kw_only=True)
class TrackingConfig:
    """MLflow and the gate."""

    uri: str
    experiment: str
    registered_model: str
    gate_margin: float
    gate_must_be_clear: bool
    gate_min_ratings: int

    def __post_init__(self) -> None:
        _require_at_least(0, gate_margin=self.gate_margin)
        _require_at_least(1, gate_min_ratings=self.gate_min_ratings)
        of_databases_and_servers = "PGPASSWORD, or MLFLOW_TRACKING_USERNAME and _PASSWORD"
        _require_no_password("tracking.uri", self.uri, of_databases_and_servers)


@dataclass(kw_only=True)
class FeedbackFile:
    """The beginning of a file of received ratings.

    Attributes:
        name: The file's name in the folder.
        n_bytes: How long the beginning is.
        sha256: Its SHA-256, 64 hexadecimal digits.
    """

    name: str
    n_bytes: int
    sha256: str


@dataclass(kw_only=True)
class ServeConfig:
    """The service."""

    host: str
    port: int
    recommend_at: float
    default_k: int
    max_k: int
    feedback: str
    feedback_files: list[FeedbackFile]
    workers: int
    reload_every_s: float
    request_log: bool
    cors_origins: list[str]
    n_proxies: int
    requests_per_s: float
    burst: int
    max_in_progress: int
    max_body_bytes: int
    body_timeout_s: float
    timeout_s: float
    stop_timeout_s: float
    session_hours: float

    def __post_init__(self) -> None:
        _require(1 <= self.port <= 65535, "port", self.port, "1 to 65535")
        _require_at_least(1, default_k=self.default_k, max_k=self.max_k)
        _require(self.default_k <= self.max_k, "default_k", self.default_k, f"at most {self.max_k}")
        _require_at_least(
            1,
            workers=self.workers,
            burst=self.burst,
            max_in_progress=self.max_in_progress,
            max_body_bytes=self.max_body_bytes,
        )
        _require_at_least(
            0,
            reload_every_s=self.reload_every_s,
            n_proxies=self.n_proxies,
            requests_per_s=self.requests_per_s,
        )
        _require_at_least(
            0.1,
            body_timeout_s=self.body_timeout_s,
            timeout_s=self.timeout_s,
            stop_timeout_s=self.stop_timeout_s,
            session_hours=self.session_hours,
        )
        for origin in self.cors_origins:
            is_origin = re.fullmatch(r"\*|https?://[a-z0-9.\-]+(:\d+)?", origin) is not None
            _require(is_origin, "cors_origins", origin, "an origin such as https://example.org")


@dataclass(kw_only=True)
class Config:
    """The whole configuration, one section a Hydra group."""

    data: DataConfig
    etl: EtlConfig
    eda: EdaConfig
    split: SplitConfig
    model: ModelConfig
    search: SearchConfig
    evaluate: EvaluateConfig
    tracking: TrackingConfig
    serve: ServeConfig


SOURCES: dict[str, type[DataConfig]] = {
    "sample": SampleConfig,
    "folder": FolderConfig,
    "download": DownloadConfig,
}
