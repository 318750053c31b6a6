"""What runs elsewhere: on other systems, and with the bare package."""

import ast
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PACKAGE = Path(__file__).parents[1] / "src" / "cartelera"
POSIX_ONLY = {
    *("fcntl", "grp", "posix", "pwd", "resource", "termios"),
    *("os.O_CLOEXEC", "os.fork", "os.getuid", "os.killpg", "os.pread", "os.pwrite", "os.setsid"),
    *("signal.SIGHUP", "signal.SIGKILL", "signal.SIGUSR1"),
}

BARE = """
import sys

missing = sys.argv.pop(1).split()

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from cartelera.cli import main
main()
"""


def uses(path: Path) -> set[str]:
    """Name what a module imports, and the attributes of modules it uses, deeper ones too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add(f"{node.value.id}.{node.attr}")
    return found


def test_nothing_is_used_that_only_posix_has():
    used = {path.name: uses(path) & POSIX_ONLY for path in PACKAGE.rglob("*.py")}

    assert {name: found for name, found in used.items() if found} == {}


@pytest.fixture(scope="module")
def missing() -> str:
    """What an installation without extras does not bring, as imports; Typer brings Pydantic."""
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text())["project"]
    bare, others = project["dependencies"], chain(*project["optional-dependencies"].values())
    names = {Requirement(one).name for one in others} - {Requirement(one).name for one in bare}
    imports = {"hydra-core": "hydra", "scikit-surprise": "surprise", "pyyaml": "yaml"}
    return (
        " ".join(imports.get(name, name) for name in names - {"cartelera", "pydantic"})
        + " omegaconf ruamel"
    )


def bare(missing: str, *words: str, **others) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BARE, missing, *words],
        capture_output=True, text=True, check=False, **others,
    )  # fmt: skip


def test_the_bare_package_helps_and_lays_out_a_project(missing, tmp_path):
    for words in (["--help"], ["--version"], ["init", str(tmp_path / "mine")]):
        done = bare(missing, *words)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "dvc.yaml").is_file()


@pytest.mark.parametrize("command", ["repro", "etl", "serve", "models"])
def test_what_the_bare_package_lacks_is_named_with_the_extra_that_brings_it(
    missing, command, tmp_path
):
    done = bare(missing, command, cwd=tmp_path)

    assert done.returncode == 1
    assert "cartelera[pipeline]" in done.stderr.replace("\n", "").replace(" ", "")
    assert "Traceback" not in done.stderr
