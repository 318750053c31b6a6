"""The types and ranges of the configuration: one dataclass a Hydra group of `conf/`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, cast

from cartelera.catalogue.arguments import HIGHEST_SCORE, TYPE_CHOICES
from cartelera.config_checks import (
    require,
    require_at_least,
    require_fraction,
    require_no_password,
)
from cartelera.config_sources import DataConfig
from cartelera.dialect import AUTO, SEPARATORS, is_encoding
from cartelera.headers import COLUMN_SETTINGS
from cartelera.platforms import Platforms
from cartelera.service import patterns


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
    """Who does tasks that can be done side by side."""

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
class PlatformConfig:
    """One platform; see `platforms.Platform`, whose name is its key in the table."""

    file: str
    initial: str
    label: str
    colour: str
    aliases: list[str] = field(default_factory=list[str])


@dataclass(kw_only=True)
class CatalogueConfig:
    """The platforms there are."""

    platforms: dict[str, PlatformConfig]

    def __post_init__(self) -> None:
        self.table()  # which refuses what cannot be

    def table(self) -> Platforms:
        """Return the platforms as everything else takes them."""
        # OmegaConf first makes an instance whose parts are plain mappings.
        entries = ({"name": name, **_plain(each)} for name, each in self.platforms.items())
        return Platforms.of(entries)


@dataclass(kw_only=True)
class EtlConfig:
    """How raw files become clean ones."""

    separator: str
    encoding: str
    columns: dict[str, str | None]
    id_pattern: str | None
    repair_durations: bool
    pool_works: bool
    null_words: list[str]
    earliest_year: int
    latest_year: int
    rating_min: float
    rating_max: float
    rating_step: float
    max_rejected: float

    def __post_init__(self) -> None:
        # YAML reads an unquoted null as nothing at all, and lists may hold lists.
        for word in cast("list[object]", self.null_words):
            is_text = isinstance(word, str) and bool(word.strip()) and "," not in word
            require(is_text, "null_words", repr(word), "a list of texts, not empty, without commas")

        # How files are written.
        require(
            self.separator in (AUTO, *SEPARATORS),
            "separator",
            self.separator,
            f"{AUTO} or one of {' '.join(map(repr, SEPARATORS))}",
        )
        require(
            self.encoding == AUTO or is_encoding(self.encoding),
            "encoding",
            self.encoding,
            f"{AUTO}, cp1252 or another encoding that Python knows",
        )

        # What columns and ids are called.
        for column in self.columns:
            require(
                column in COLUMN_SETTINGS,
                f"columns.{column}",
                self.columns[column],
                f"a name for one of {', '.join(COLUMN_SETTINGS)}",
            )
        require(
            self.id_pattern is None or _is_pattern(self.id_pattern),
            "id_pattern",
            self.id_pattern,
            "a regular expression such as '[a-z0-9._-]+', or null",
        )

        # What is believed of titles and ratings.
        require(
            self.earliest_year <= self.latest_year,
            "earliest_year",
            self.earliest_year,
            f"at most latest_year={self.latest_year}",
        )
        require(
            0 <= self.rating_min < self.rating_max,
            "rating_min",
            self.rating_min,
            f"from 0 and less than rating_max={self.rating_max}",
        )
        require(
            self.rating_max <= HIGHEST_SCORE,
            "rating_max",
            self.rating_max,
            f"at most {HIGHEST_SCORE:g}: bring ratings on another scale to stars first",
        )
        require(self.rating_step > 0, "rating_step", self.rating_step, "more than 0")
        require(0 <= self.max_rejected <= 1, "max_rejected", self.max_rejected, "0 to 1")


@dataclass(kw_only=True)
class EdaConfig:
    """What the exploratory report shows and tests."""

    top_n: int
    min_association: float
    n_permutations: int
    alpha: float
    seed: int

    def __post_init__(self) -> None:
        require_at_least(1, top_n=self.top_n)
        require_at_least(0, min_association=self.min_association, seed=self.seed)
        require_at_least(99, n_permutations=self.n_permutations)
        require_fraction(alpha=self.alpha)


@dataclass(kw_only=True)
class SplitConfig:
    """How ratings are parted in train and test."""

    method: SplitMethod
    test_fraction: float
    n_last: int
    feedback_share: float
    seed: int

    def __post_init__(self) -> None:
        share = self.feedback_share
        require(0 <= share <= 1, "feedback_share", share, "0 to 1")
        require_fraction(test_fraction=self.test_fraction)
        require_at_least(1, n_last=self.n_last)
        require_at_least(0, seed=self.seed)


@dataclass(kw_only=True)
class ModelConfig:
    """The model and Surprise's own parameters; the search overrides those it draws."""

    name: ModelName
    blend: int
    blend_margin: float
    ship_on: ShipOn
    params: dict[str, Any]

    def __post_init__(self) -> None:
        require(1 <= self.blend <= 100, "blend", self.blend, "1 to 100")
        require_at_least(0, blend_margin=self.blend_margin)


@dataclass(kw_only=True)
class RankingConfig:
    """The ranking model's own parameters; the search overrides those it draws."""

    params: dict[str, Any]


@dataclass(kw_only=True)
class RankingSearchConfig:
    """The Optuna study of the ranking model."""

    study_name: str
    n_trials: int
    valid_fractions: list[float]
    max_users: int
    min_gain: float
    space: dict[str, Any]

    def __post_init__(self) -> None:
        require_at_least(1, n_trials=self.n_trials, max_users=self.max_users)
        require_at_least(0, min_gain=self.min_gain)
        fractions = self.valid_fractions
        require(bool(fractions), "valid_fractions", fractions, "a list of at least one share")
        for fraction in fractions:
            require_fraction(valid_fractions=fraction)


@dataclass(kw_only=True)
class DaskConfig:
    """Where Dask finds its workers."""

    address: str | None
    n_workers: int | None

    def __post_init__(self) -> None:
        if self.n_workers is not None:
            require_at_least(1, n_workers=self.n_workers)
        if self.address is not None:
            is_address = (
                re.fullmatch(r"(tcp|tls|ws|wss)://[^\s/]+(/\S*)?", self.address) is not None
            )
            require(is_address, "address", self.address, "one such as tcp://host:8786, or null")


@dataclass(kw_only=True)
class ExecutorConfig(DaskConfig):
    """Who does the tasks of a stage, and how much is one."""

    name: Executor
    range_mb: float

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.range_mb > 0, "range_mb", self.range_mb, "more than 0")


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
    max_ratings: int | None
    seed: int
    sampler: dict[str, Any]
    pruner: dict[str, Any]
    space: dict[str, Any]
    ranking: RankingSearchConfig

    def __post_init__(self) -> None:
        require_at_least(1, n_trials=self.n_trials, patience=self.patience)
        require_at_least(2, n_folds=self.n_folds)
        require_fraction(valid_fraction=self.valid_fraction)
        require_at_least(0, min_gain=self.min_gain, seed=self.seed)
        if self.max_ratings is not None:
            require_at_least(1, max_ratings=self.max_ratings)
        require_no_password("search.storage", self.storage, "PGPASSWORD, or ~/.pgpass")


@dataclass(kw_only=True)
class EvaluateConfig:
    """How the test part is measured."""

    k: int
    relevant_at: float
    n_bootstrap: int
    confidence: float
    max_users: int
    n_spot_check_users: int
    seed: int
    interval_coverage: float
    drift_recent: float
    drift_new: float
    drift_psi: float
    drift_permutations: int

    def __post_init__(self) -> None:
        require_at_least(
            1, k=self.k, max_users=self.max_users, n_spot_check_users=self.n_spot_check_users
        )
        require_at_least(100, n_bootstrap=self.n_bootstrap)
        require_fraction(
            confidence=self.confidence,
            interval_coverage=self.interval_coverage,
            drift_recent=self.drift_recent,
            drift_new=self.drift_new,
        )
        require_at_least(0, seed=self.seed, drift_psi=self.drift_psi)
        require_at_least(99, drift_permutations=self.drift_permutations)


@dataclass(kw_only=True)
class TrackingConfig:
    """MLflow and the gate."""

    uri: str
    experiment: str
    registered_model: str
    gate_margin_ndcg: float
    gate_margin_rmse: float
    gate_min_users: int

    def __post_init__(self) -> None:
        is_name = re.fullmatch(r"[^/:.%\"']+", self.registered_model) is not None
        require(is_name, "registered_model", self.registered_model, "a name without / : . % \" '")
        require_at_least(
            0, gate_margin_ndcg=self.gate_margin_ndcg, gate_margin_rmse=self.gate_margin_rmse
        )
        require_at_least(1, gate_min_users=self.gate_min_users)
        of_databases_and_servers = "PGPASSWORD, or MLFLOW_TRACKING_USERNAME and _PASSWORD"
        require_no_password("tracking.uri", self.uri, of_databases_and_servers)


@dataclass(kw_only=True)
class RecommendConfig:
    """The lists of all users, made in advance."""

    k: int
    platforms: list[str]
    type: str
    certificates: list[str]
    users_per_file: int
    database: str | None
    table: str

    def __post_init__(self) -> None:
        require(self.k >= 1, "recommend.k", self.k, "1 or more")
        require_at_least(1, users_per_file=self.users_per_file)
        is_type = self.type in TYPE_CHOICES
        require(is_type, "recommend.type", self.type, ", ".join(TYPE_CHOICES))
        is_name = re.fullmatch(r"(\w+\.)?\w+", self.table) is not None
        require(is_name, "recommend.table", self.table, "a name, or SCHEMA.NAME")
        if self.database is not None:
            require_no_password("recommend.database", self.database, "PGPASSWORD, or ~/.pgpass")


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
    open: bool
    allowed_hosts: list[str]
    recommend_at: float
    default_k: int
    max_k: int
    diversity: float
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
        require(1 <= self.port <= 65535, "port", self.port, "1 to 65535")

        require_at_least(1, default_k=self.default_k, max_k=self.max_k)
        require(self.default_k <= self.max_k, "default_k", self.default_k, f"at most {self.max_k}")
        require(0 <= self.diversity <= 1, "diversity", self.diversity, "0 to 1")
        require_at_least(
            1,
            workers=self.workers,
            burst=self.burst,
            max_in_progress=self.max_in_progress,
            max_body_bytes=self.max_body_bytes,
        )
        require_at_least(
            0,
            reload_every_s=self.reload_every_s,
            n_proxies=self.n_proxies,
            requests_per_s=self.requests_per_s,
        )
        require_at_least(
            0.1,
            body_timeout_s=self.body_timeout_s,
            timeout_s=self.timeout_s,
            stop_timeout_s=self.stop_timeout_s,
            session_hours=self.session_hours,
        )

        # A name or an origin that is none would let nobody in, or let in whom nobody meant.
        for host in self.allowed_hosts:
            is_host = re.fullmatch(patterns.HOST, host) is not None
            require(is_host, "allowed_hosts", host, "a name without port, such as example.org")
        for origin in self.cors_origins:
            is_origin = re.fullmatch(patterns.ORIGIN, origin) is not None
            require(is_origin, "cors_origins", origin, "an origin such as https://example.org")


def _plain(section: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", section if isinstance(section, Mapping) else vars(section))


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


@dataclass(kw_only=True)
class Config:
    """The whole configuration, one section a Hydra group."""

    catalogue: CatalogueConfig
    data: DataConfig
    etl: EtlConfig
    eda: EdaConfig
    split: SplitConfig
    model: ModelConfig
    ranking: RankingConfig
    search: SearchConfig
    evaluate: EvaluateConfig
    tracking: TrackingConfig
    recommend: RecommendConfig
    serve: ServeConfig
    executor: ExecutorConfig

    def __post_init__(self) -> None:
        table = self.catalogue.table()
        for word in self.recommend.platforms:
            require(
                table.find(word) is not None,
                "recommend.platforms",
                word,
                f"a list of {', '.join(table.names)}",
            )
