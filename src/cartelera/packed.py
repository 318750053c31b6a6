"""What is inside a raw file: unpacked where that is one file, and what kind of table it is."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from cartelera.errors import InputError

_UNPACK: Final[dict[bytes, tuple[str, Callable[[bytes], bytes]]]] = {
    b"\x1f\x8b": ("gzip", gzip.decompress),
    b"BZh": ("bzip2", bz2.decompress),
    b"\xfd7zXZ": ("xz", lzma.decompress),
}
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
    for mark, (kind, unpacked) in _UNPACK.items():
        if data.startswith(mark):
            try:
                return unpacked(data)
            except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
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
    stem = name.lower().rsplit("/", 1)[-1]
    return Kind.json if ".json" in stem or ".ndjson" in stem else Kind.text


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _WORKBOOK in archive.namelist()
    except zipfile.BadZipFile:
        return False
