"""What is inside a raw file: unpacked where that is one file, and what kind of table it is."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cartelera.errors import InputError

_UNPACK: Final[dict[bytes, tuple[str, Callable[[bytes], bytes], Callable[..., Any]]]] = {
    b"\x1f\x8b": ("gzip", gzip.decompress, gzip.open),
    b"BZh": ("bzip2", bz2.decompress, bz2.open),
    b"\xfd7zXZ": ("xz", lzma.decompress, lzma.open),
}
_BROKEN: Final = (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError)
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"
_ZIP: Final = b"PK\x03\x04"
_PARQUET: Final = b"PAR1"
_WORKBOOK: Final = "xl/workbook.xml"


class Kind(StrEnum):
    """How a table is written."""

    text = "text"
    json = "json"
    parquet = "parquet"
    excel = "excel"


def unpack(name: str, data: bytes) -> bytes:
    """Unpack a file that is packed with gzip, bzip2 or xz, whatever it is called.

    Raises:
        InputError: If it is packed otherwise, or broken.
    """
    if data.startswith(_ZSTANDARD):
        raise InputError(f"{name} is packed (Zstandard): unpack it, or pack it with gzip.")
    for mark, (kind, unpacked, _) in _UNPACK.items():
        if data.startswith(mark):
            try:
                return unpacked(data)
            except _BROKEN as error:
                raise InputError(f"{name} is packed ({kind}) and broken: {error}.") from error
    return data


def kind_of(name: str, data: bytes) -> Kind:
    """Tell how a table is written, by its first bytes; JSON by its file's name as well.

    Raises:
        InputError: If it is an archive of files.
    """
    if data.startswith(_PARQUET):
        return Kind.parquet
    if data.startswith(_ZIP):
        if _is_workbook(data):
            return Kind.excel
        raise InputError(f"{name} is packed (zip), not a table: unpack it.")
    return Kind.json if _is_json(name) else Kind.text


def text_blocks(name: str, path: Path, n_bytes: int) -> Iterator[bytes] | None:
    """Return a large text in blocks of whole lines, unpacked.

    Args:
        name: What the file is called.
        path: The file.
        n_bytes: About how long a block is.

    Returns:
        None if the file has to be read as a whole: it is no text in ASCII, is broken, or short.
    """
    with path.open("rb") as file:
        start = file.read(8)
    opened = next((each for mark, (_, _, each) in _UNPACK.items() if start.startswith(mark)), open)
    is_other = start.startswith((_PARQUET, _ZIP, _ZSTANDARD)) or _is_json(name)
    if is_other or (opened is open and path.stat().st_size <= n_bytes):
        return None

    def chunks() -> Iterator[bytes]:
        with opened(path, "rb") as file:
            while chunk := file.read(n_bytes):
                yield chunk

    try:
        is_ascii = all(chunk.isascii() and b"\0" not in chunk for chunk in chunks())
    except _BROKEN:
        return None
    return _whole_lines(chunks()) if is_ascii else None


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
            rest = b""
        rest += chunk[end:]
    if rest:
        yield rest


def _is_json(name: str) -> bool:
    stem = name.lower().rsplit("/", 1)[-1]
    return ".json" in stem or ".ndjson" in stem


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _WORKBOOK in archive.namelist()
    except zipfile.BadZipFile:
        return False
