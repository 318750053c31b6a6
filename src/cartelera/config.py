"""The one loader of the configuration.

`conf/` holds the values, one Hydra group a section; `config_types` holds their types and ranges.
`compose` resolves `conf/` and overrides; `load` reads back what `to_yaml` made (`params.yaml`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import yaml
from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from cartelera.config_quoting import quoted
from cartelera.config_sources import SOURCES
from cartelera.config_types import Config
from cartelera.errors import ConfigError

CONF_FOLDER = Path("conf")
PARAMS_FILE = Path("params.yaml")
# Here a key that does not stand in conf/ may be added with a plus: +model.params.lr_bu=0.01
_OPEN_SECTIONS = (
    "catalogue.platforms.",
    "model.params.",
    "search.space.",
    "search.ranking.space.",
    "search.sampler.",
    "search.pruner.",
)


def compose(
    overrides: Sequence[str] = (), conf: Path = CONF_FOLDER, fallback: Path | None = None
) -> Config:
    """Resolve the Hydra groups under a folder, with overrides, into a typed configuration.

    Args:
        overrides: Hydra overrides: `search.n_trials=50`, `data=folder`.
        conf: The folder with `config.yaml` and the groups.
        fallback: A folder with options of groups that the first one lacks, such as local ones.

    Raises:
        ConfigError: If a key, a group option or a value is wrong; says which and what is allowed.
    """
    # Stages only `load`, and do without Hydra, which takes a quarter of a second.
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException, OverrideParseException

    if not (conf / "config.yaml").is_file():
        raise ConfigError(f"{conf}/config.yaml does not exist: run inside the project's folder.")
    for override in overrides:
        if "=" not in override and not override.startswith("~"):
            raise ConfigError(f"{override}: write it as KEY=VALUE, such as search.n_trials=50.")

    said = list(map(quoted, overrides))
    if fallback is not None:
        said.append(f"hydra.searchpath=['file://{fallback.resolve()}']")
    try:
        with initialize_config_dir(str(conf.resolve()), job_name="cartelera", version_base="1.3"):
            resolved = hydra_compose("config", overrides=said)
        return _to_typed(resolved)
    except OverrideParseException as error:
        key, _, value = error.override.partition("=")
        in_quotes = f"\"{key}='{value}'\""
        raise ConfigError(
            f"{error.override} cannot be read: signs other than letters, digits and -_./:+% "
            f"need quotes within the shell's, {in_quotes}"
        ) from error
    except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
        raise ConfigError(_sweep(error) or _unknown_key(error) or _readable(error)) from error


def load(path: Path = PARAMS_FILE) -> Config:
    """Read a resolved configuration and check it as strictly as `compose` does.

    Raises:
        ConfigError: If the file is missing, is not YAML, or holds a wrong key, type or value.
    """
    if not path.is_file():
        raise ConfigError(f"{path} does not exist: run `cartelera compose` first.")
    try:
        return _to_typed(OmegaConf.load(path))
    except (ConfigError, OmegaConfBaseException, yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: {_readable(error)}") from error


def to_yaml(config: Config) -> str:
    """Return a text that `load` gives back from a file; the same for the same values."""
    return OmegaConf.to_yaml(to_plain(config))


def to_plain(config: Config) -> dict[str, Any]:
    """Turn a configuration into nested plain dictionaries with plain values."""
    structured = OmegaConf.structured(config)
    return cast(dict[str, Any], OmegaConf.to_container(structured, enum_to_str=True))


def _to_typed(resolved: DictConfig | ListConfig) -> Config:
    source = str(OmegaConf.select(resolved, "data.source"))
    if source not in SOURCES:
        raise ConfigError(f"data.source={source} is unknown: allowed are {', '.join(SOURCES)}.")
    missing = OmegaConf.missing_keys(resolved)
    if missing:
        keys = ", ".join(sorted(missing))
        raise ConfigError(f"{keys} has no value: add {' '.join(f'{key}=VALUE' for key in missing)}")
    types = OmegaConf.structured(Config)
    types.data = SOURCES[source]
    values = OmegaConf.to_container(resolved)
    return cast(Config, OmegaConf.to_object(OmegaConf.merge(types, values)))


def _sweep(error: Exception) -> str | None:
    """Say what to type instead of several values for one key, which Hydra would sweep over."""
    found = re.search(r"'((\S+?)=([^']*))'", str(error))
    if found is None or "--multirun" not in str(error):
        return None
    given, key, values = found.groups()
    listed = "..." if "(" in values else values.replace(",", " ")
    return (
        f"{given}: a run has one value a key. `for value in {listed}; do cartelera repro "
        f"{key}=$value; done` makes a run of each; what Optuna is to draw has a range in "
        "search.space."
    )


def _unknown_key(error: Exception) -> str | None:
    """Name the setting that comes closest to one that does not exist."""
    found = re.search(r"Could not override '([^']+)'", str(error))
    if found is None or found[1].startswith(_OPEN_SECTIONS):
        return None
    settings = list(_settings(Config))
    if found[1] in settings:
        return None
    close = get_close_matches(found[1], settings, n=1)
    hint = f"did you mean {close[0]}?" if close else "conf/ holds all there are."
    return f"{found[1]} is no setting: {hint}"


def _settings(section: type, prefix: str = "") -> Iterator[str]:
    """Yield the names of all sections and settings, as overrides write them."""
    for field in fields(section):
        name = f"{prefix}{field.name}"
        yield name
        for each in SOURCES.values() if name == "data" else [field.type]:
            if isinstance(each, type) and is_dataclass(each):
                yield from _settings(each, f"{name}.")


def _readable(error: Exception) -> str:
    """Join the messages of an error and its causes, without the loaders' internals."""
    internals = ("object_type", "reference_type", "provider=", "Config search path")
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        for line in map(str.strip, str(cause).splitlines()):
            if line and line not in lines and not line.startswith(internals):
                lines.append(line)
        cause = cause.__cause__
    return "\n  ".join(lines)
