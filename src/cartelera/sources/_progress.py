"""The progress bar of long copies and downloads."""

from typing import IO, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_CHUNK_BYTES: Final = 1 << 20


def byte_progress() -> Progress:
    """Return a progress bar of bytes and speed on standard error; only its last state is kept."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def copy_bytes(reader: IO[bytes], writer: IO[bytes], progress: Progress, task: TaskID) -> None:
    """Copy what is left in a file into another one, and advance a bar by it."""
    while chunk := reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        progress.advance(task, len(chunk))
