"""The shell scripts: read by a linter that knows their traps."""

import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SCRIPTS = [
    REPOSITORY / ".ci" / "run",
    *sorted((REPOSITORY / "deploy").glob("*.sh")),
    *sorted((REPOSITORY / "tests" / "e2e" / "deploy").glob("*.sh")),
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_clean(script: Path):
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("no shellcheck here: apt-get install shellcheck")
    done = subprocess.run([shellcheck, str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
