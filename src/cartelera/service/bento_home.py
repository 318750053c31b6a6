"""BentoML's folder: `BENTOML_HOME`, else `~/bentoml`."""

import os
from pathlib import Path
from tempfile import TemporaryFile

from cartelera.errors import InputError


def require_bento_home() -> None:
    """See to it that BentoML can write where it keeps what was built.

    Raises:
        InputError: If it cannot.
    """
    home = Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")
    try:
        home.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=home).close()
    except OSError as error:
        raise InputError(
            f"BentoML's folder {home} cannot be written to ({error.strerror}): set BENTOML_HOME to "
            'one that can, for example `export BENTOML_HOME="$PWD/.bentoml"`.'
        ) from error
