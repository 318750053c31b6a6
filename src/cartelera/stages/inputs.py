"""What a stage needs from the stages before it."""

from pathlib import Path

from cartelera.errors import InputError


def require(path: Path, made_by: str) -> Path:
    """Give the path back if something is there.

    Args:
        path: A file or folder that an earlier stage makes.
        made_by: The name of that stage.

    Raises:
        InputError: If nothing is there; says which stage to run.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist: run the {made_by} stage first.")
    return path
