"""Laying out a new project: the settings, the pipeline and the entry points the package brings."""

import re
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Final

from cartelera.errors import InputError

_FOLDERS: Final = ("conf", ".dvc")
_FILES: Final = (".dvcignore", ".gitignore", "MLproject", "dvc.yaml")
_ENVIRONMENT: Final = "python_env.yaml"
_OF_THIS_MACHINE: Final = ("local", "tmp", "cache", "config.local")
"""What a checkout may hold in these folders beside what belongs to the project."""


def lay_out(target: Path) -> None:
    """Make a folder in which `cartelera repro` runs with the installed package.

    Args:
        target: Made if need be; what it holds already stays.

    Raises:
        InputError: If one of the project's own files is there already; nothing is written then.
    """
    names = (*_FOLDERS, *_FILES, _ENVIRONMENT)
    if there := [name for name in names if (target / name).exists()]:
        raise InputError(
            f"{target} holds {', '.join(there)} already: name a new folder, or run there."
        )

    brought = _brought_along()
    target.mkdir(parents=True, exist_ok=True)
    for name in _FOLDERS:
        ignore = shutil.ignore_patterns(*_OF_THIS_MACHINE)
        shutil.copytree(brought / name, target / name, ignore=ignore)
    for name in _FILES:
        shutil.copyfile(brought / name, target / name)

    # There the package is installed, and its source is no file of the project.
    _depend_on_no_source(target / "dvc.yaml")
    (target / _ENVIRONMENT).write_text(
        "# For `mlflow run` with an environment of its own.\n"
        f"dependencies:\n  - cartelera[pipeline]=={version('cartelera')}\n",
        encoding="utf-8",
    )
    if not (target / ".git").exists():
        with (target / ".dvc" / "config").open("a", encoding="utf-8") as config:
            config.write("    no_scm = true\n")


def _brought_along() -> Path:
    """Find the project's files: beside the modules in a wheel, around `src` in a checkout."""
    packaged = Path(__file__).with_name("project")
    return packaged if packaged.is_dir() else Path(__file__).parents[2]


def _depend_on_no_source(path: Path) -> None:
    """Take the source files out of a pipeline's dependencies: a project does not hold them."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"^ *- src/.*\n", "", text, flags=re.MULTILINE)
    path.write_text(re.sub(r"src/[^],]*(, )?", "", text), encoding="utf-8")
