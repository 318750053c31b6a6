"""A folder of programs that start at once, because a server that has imported all forks for them."""

import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent


@contextmanager
def warm_programs(folder: Path, source: Path) -> Generator[Path]:
    """Put `python`, `dvc` and `cartelera` into a folder; they work as long as the block lasts.

    Args:
        folder: An empty one with a short name, for a socket.
        source: Where the package is imported from.
    """
    client = (HERE / "client.py").read_text()
    for name in ("python", "dvc", "cartelera"):
        (folder / name).write_text(f"#!{sys.executable} -SI\n{client}")
        (folder / name).chmod(0o755)

    command = [sys.executable, HERE / "server.py", folder]
    environment = os.environ | {"PYTHONPATH": str(source)}
    # It ends with its input, whatever becomes of this process.
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as server:
        while not (folder / "listens").exists():
            assert server.poll() is None, "the server of forks did not start"
            time.sleep(0.05)
        yield folder
