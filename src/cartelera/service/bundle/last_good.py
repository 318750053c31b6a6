"""The bundle that was loaded last, for a worker that starts while the one to load is damaged."""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from cartelera import files
from cartelera.errors import InputError
from cartelera.service.bundle.layout import Bundle

logger = logging.getLogger(__name__)

T = TypeVar("T")

_COPY: Final = "bundle-"


def load_or_last_good(load: Callable[[Bundle], T], bundle: Bundle, folder: Path | None) -> T:
    """Load a bundle, or, where it cannot be used, the copy of the last one that could.

    Args:
        load: Loads and checks a bundle; raises if it cannot be used.
        bundle: The one to load.
        folder: Where `keep` keeps copies; None if it keeps none.

    Raises:
        Exception: What `load` raised, if there is no copy.
    """
    try:
        return load(bundle)
    except Exception as error:
        copies = list(folder.glob(f"{_COPY}*")) if folder else []
        if not copies:
            raise
        logger.error("%s Until then the last good one is in use.", error)
        return load(Bundle(max(copies, key=lambda copy: copy.stat().st_mtime)))


def keep(bundle: Bundle, folder: Path) -> None:
    """Keep a copy of a bundle that was just loaded, in place of former ones.

    The workers of a server share the folder. Without room for a copy none is kept.

    Args:
        bundle: The bundle.
        folder: Where copies are; it lasts as long as the server.
    """
    draft = folder / f".draft-{os.getpid()}"
    try:
        copy = folder / f"{_COPY}{files.sha256(bundle.manifest)}"
        if copy.is_dir():
            return
        shutil.copytree(bundle.root, draft)
        Bundle(draft).verify()  # another bundle may have come meanwhile
        draft.rename(copy)
    except (OSError, InputError) as error:
        logger.warning("No copy of the bundle is kept: %s", error)
        shutil.rmtree(draft, ignore_errors=True)
        return
    for former in folder.glob(f"{_COPY}*"):
        if former != copy:
            shutil.rmtree(former, ignore_errors=True)
