"""`params.yaml`: what `conf/` and the overrides say, unless somebody edited it.

Who knows DVC edits this file, by hand or by `dvc exp run -S search.n_trials=5`. An edited file
stands as it is. Its first line tells whether it was edited, and whether `conf/` changed since.
"""

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from cartelera import files
from cartelera.config import CONF_FOLDER, PARAMS_FILE, compose, load, to_plain, to_yaml
from cartelera.config_types import Config
from cartelera.errors import ConfigError
from cartelera.stages.places import project_root

logger = logging.getLogger(__name__)

_FIRST_LINE: Final = "# Made by stage compose: conf/ {conf}, values {values}. Edited, it stands.\n"
_MADE: Final = re.compile(r"# Made by .*: conf/ (\w+), values (\w+)\.")
_FILLED_IN: Final = ("data.digest", "serve.feedback_files")
_EDITED: Final = "edited"
_DIGITS: Final = 12
_SHOWN: Final = 5


class Settings(NamedTuple):
    """What to run with.

    Attributes:
        config: The settings.
        are_edited: Whether they are those of an edited `params.yaml`.
    """

    config: Config
    are_edited: bool


def settings(
    overrides: Sequence[str] = (), section: str = "", path: Path = PARAMS_FILE
) -> Settings:
    """Return what `conf/` and the overrides say, or an edited file.

    Args:
        overrides: Overrides of `conf/`.
        section: What is asked for, such as `serve.`; edits elsewhere do not matter then.
        path: The file; it need not be there.

    Raises:
        ConfigError: If a key or a value is wrong, or the file was edited and the overrides, or a
            later change of `conf/`, say something else.
    """
    conf = project_root() / CONF_FOLDER
    composed = compose(overrides, fallback=conf)
    if not _is_edited(path):
        return Settings(composed, False)
    edited, of_conf = load(path), compose(fallback=conf) if overrides else composed
    differences = [
        difference
        for difference in _differences(to_plain(edited), to_plain(of_conf))
        if difference.lstrip("~").startswith(section)
    ]
    if not differences:
        return Settings(composed, False)

    told = " ".join(differences[:_SHOWN]) + (" ..." if len(differences) > _SHOWN else "")
    said = f"{path} was edited and says {told}"
    if overrides:
        raise ConfigError(
            f"{said}: a run takes an edited file or overrides, not both. Say all of it in "
            f"overrides and remove {path}, or give none."
        )
    if _made(path)[0] != _digest_of_conf():
        raise ConfigError(
            f"{said}, but conf/ was changed, too: say there what is to be, and remove {path}."
        )
    logger.warning("%s; without the file, conf/ counts.", said)
    return Settings(edited, True)


def write(path: Path, config: Config, *, are_edited: bool) -> None:
    """Write settings with a first line that will tell an edit; edited ones stay so."""
    body = to_yaml(config)
    values = _EDITED if are_edited else _digest(body)
    head = _FIRST_LINE.format(conf=_digest_of_conf(), values=values)
    path.write_text(head + body, encoding="utf-8")


def _is_edited(path: Path) -> bool:
    if not path.is_file():
        return False
    _, _, body = path.read_text(encoding="utf-8").partition("\n")
    return _made(path)[1] != _digest(body)


def _made(path: Path) -> tuple[str, str]:
    """Return the digests of `conf/` and of the values that the first line tells."""
    found = _MADE.match(path.read_text(encoding="utf-8"))
    return (found[1], found[2]) if found else ("", "")


def _digest_of_conf() -> str:
    folders = (project_root(), CONF_FOLDER / "local"), (Path(), CONF_FOLDER)
    named = {
        path.relative_to(root).as_posix(): path
        for root, folder in folders
        for path in (root / folder).rglob("*.yaml")
    }
    return files.digest_of(named)[:_DIGITS]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _differences(
    edited: Mapping[str, Any], composed: Mapping[str, Any], prefix: str = ""
) -> Iterator[str]:
    """Yield what an edited section says otherwise, as overrides."""
    for key in sorted(edited.keys() | composed.keys()):
        name, ours, theirs = f"{prefix}{key}", edited.get(key), composed.get(key)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            yield from _differences(
                cast("Mapping[str, Any]", ours), cast("Mapping[str, Any]", theirs), f"{name}."
            )
        elif ours != theirs and name not in _FILLED_IN:
            yield f"{name}={ours}" if key in edited else f"~{name}"
