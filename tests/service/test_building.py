"""What is shipped: a Bento and a wheel hold the code, and the texts that lie beside it."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import cartelera
from cartelera.service import building

PACKAGE = Path(cartelera.__file__).parent
PROJECT = PACKAGE.parents[1]


def texts_below(folder: Path) -> set[str]:
    """Return the files below a folder that are no Python, as paths in the package."""
    texts = (path for path in folder.rglob("*.*") if path.is_file() and path.suffix != ".py")
    return {
        path.relative_to(PACKAGE).as_posix() for path in texts if "__pycache__" not in path.parts
    }


def test_a_bento_holds_all_texts_of_the_service(tmp_path: Path):
    building.copy_modules(tmp_path)
    copied = {path.relative_to(tmp_path / "cartelera").as_posix() for path in tmp_path.rglob("*.*")}
    texts = texts_below(PACKAGE / "service")
    assert {Path(text).suffix for text in texts} == {".css", ".j2", ".js", ".yaml"}
    assert texts <= copied
    assert "service/page/words.py" in copied
    assert "stages/package.py" not in copied


def test_a_wheel_holds_all_texts(tmp_path: Path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name.removeprefix("cartelera/") for name in ZipFile(wheel).namelist()}
    assert texts_below(PACKAGE) <= packed


LOCK = """\
# made by a tool
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via beta
beta==2.0 ; python_full_version < '3.12' \\
    --hash=sha256:ba
beta==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
"""


def test_requirements_carry_the_hashes_of_the_lock(tmp_path: Path):
    (tmp_path / "lock").write_text(LOCK)
    assert building.with_hashes(["alpha==1.0", "beta==3.0"], tmp_path / "lock") == [
        "alpha==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab",
        "beta==3.0 \\\n    --hash=sha256:bb",
    ]


def test_hashes_are_of_all_requirements_or_of_none(tmp_path: Path):
    (tmp_path / "lock").write_text(LOCK)
    pins = ["alpha==1.0", "beta==4.0"]
    assert building.with_hashes(pins, tmp_path / "lock") == pins
    assert building.with_hashes(pins, tmp_path / "no lock here") == pins
