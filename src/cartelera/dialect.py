"""How a raw CSV file is written: its encoding and its separator, recognised or named.

Only what cannot be mistaken is recognised. A text that was spoilt before, or would be by a guess,
is refused with its line and a fix that loses no character.
"""

import codecs
import csv
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cartelera.errors import InputError
from cartelera.notes import Notes

AUTO: Final = "auto"
SEPARATORS: Final = (",", ";", "\t", "|")
_SPOKEN: Final = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}

UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WINDOWS: Final = "cp1252"
"""What Excel writes where people write in Latin letters. Latin-1 is the same, but has invisible
control characters where this has typographic quotes and dashes."""

_MULTIBYTE: Final = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_READ_AS_WINDOWS: Final = re.compile(
    "[ÂÃ][\u0080-\u00bf\u0152-\u0192\u02c6-\u203a\u20ac\u2122]|"
    "â€[\u0080-\u00bf\u0152-\u0192\u02c6-\u203a\u20ac\u2122]"
)
"""UTF-8's bytes of accented letters and of typographic quotes, read one by one."""

_READ_AS_LATIN: Final = re.compile("[\u0080-\u0084\u0086-\u009f]")
"""Typographic quotes and dashes of Windows, read as Latin-1: control characters of no use in text.
U+0085 ends a line in some."""

_SPOILT: Final = (
    (
        _READ_AS_WINDOWS,
        "UTF-8 that was once read as cp1252",
        "iconv -f utf-8 -t cp1252 {}",
    ),
    (
        _READ_AS_LATIN,
        "cp1252 that was once read as Latin-1",
        "iconv -f utf-8 -t latin1 {} | iconv -f cp1252 -t utf-8",
    ),
)
"""How texts look that were decoded wrongly, what happened to them, and what undoes it."""

_MOST_SPOILT: Final = 0.5
"""Share of the lines with other than ASCII letters that may look spoilt: titles can be odd."""

_SHOWN_LINES: Final = 5


@dataclass(frozen=True)
class Dialect:
    """How files are written; what is "auto" is looked for in each of them.

    Attributes:
        separator: What stands between cells.
        encoding: Of files that are not UTF-8, by Python's name of it.
    """

    separator: str = AUTO
    encoding: str = AUTO


ANY: Final = Dialect()


def to_utf_8(name: str, data: bytes, encoding: str = AUTO, notes: Notes | None = None) -> bytes:
    """Return a file's content as UTF-8 without a byte order mark.

    UTF-8 is read with or without such a mark, and UTF-16 with one. Other bytes are read in the
    encoding that is named, if the whole file can be in it.

    Args:
        name: What the file is called in errors.
        data: Its content.
        encoding: What it is in where it is not UTF-8; "auto" leaves that to a person.
        notes: Keep what was read otherwise than as UTF-8.

    Raises:
        InputError: If it is in another encoding, is spoilt or was spoilt before; names lines and
            the fix.
    """
    notes = Notes() if notes is None else notes
    if data.isascii():
        return data
    if data.startswith(UTF16_MARKS):
        return _decode_utf_16(name, data, notes).encode()
    data = data.removeprefix(codecs.BOM_UTF8)
    if not _is_utf_8(data):
        data = _decode_other(name, data, encoding, notes).encode()
    _refuse_spoilt(name, data.decode())
    return data


def find_separator(
    name: str,
    first_line: str,
    fits: Callable[[Sequence[str]], bool],
    separator: str,
    notes: Notes | None = None,
) -> str:
    """Find what stands between the cells of a file.

    Args:
        name: What the file is called in the note.
        first_line: Its header.
        fits: Tells whether the cells of a header hold all that is needed.
        separator: What is set; "auto" takes the comma, and another one only if the header fits
            with it and not with a comma.
        notes: Keep that it is another one.
    """
    if separator != AUTO:
        return separator
    found = [sign for sign in SEPARATORS if fits(_cells(first_line, sign))]
    if "," in found or len(found) != 1:
        return ","
    notes = Notes() if notes is None else notes
    notes.add(name, f"is separated by {_SPOKEN[found[0]]}, not by a comma; it is read so.")
    return found[0]


def likely_separator(first_line: str) -> str | None:
    """Return what probably separates a header that lacks columns: another sign than the comma."""
    counts = {sign: first_line.count(sign) for sign in SEPARATORS}
    likely = max(counts, key=lambda sign: counts[sign])
    return likely if likely != "," and counts[likely] > counts[","] else None


def is_encoding(name: str) -> bool:
    """Tell whether Python can decode text in an encoding of that name."""
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _decode_utf_16(name: str, data: bytes, notes: Notes) -> str:
    try:
        text = data.decode("utf-16")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} begins as UTF-16 and is broken at byte {error.start}: save it as UTF-8."
        ) from error
    notes.add(name, "is UTF-16, not UTF-8; it is read so.")
    return text


def _decode_other(name: str, data: bytes, encoding: str, notes: Notes) -> str:
    lines = data.split(b"\n")
    broken = [number for number, line in enumerate(lines, 1) if not _is_utf_8(line)]
    shown = ", ".join(map(str, broken[:_SHOWN_LINES])) + (", ..." * (len(broken) > _SHOWN_LINES))
    where = f"{name}, line {shown}"

    # Accents written right elsewhere: the file is UTF-8, and to convert it would spoil these.
    if any(_MULTIBYTE.search(line) for line in lines if not line.isascii()):
        raise InputError(
            f"{where}: not UTF-8, while other lines are. Type the letters of "
            f"{'this line' if len(broken) == 1 else 'these lines'} anew and save the file as "
            "UTF-8; do not convert the file as a whole, which would spoil the others."
        )
    if encoding != AUTO:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError(f"{name}, line {line}: neither UTF-8 nor {encoding}.") from error
        notes.add(name, f"is not UTF-8; it is read as etl.encoding={encoding}.")
        return text

    quoted = shlex.quote(name)
    raise InputError(
        f"{where}: not UTF-8. Excel on Windows saves {_WINDOWS} (windows-1252) where Latin letters "
        f"are written: if these lines look right after it, mend the file with "
        f"`iconv -f {_WINDOWS} -t utf-8 {quoted} > mended.csv`, or read it so with "
        f"etl.encoding={_WINDOWS}. Best save it anew as 'CSV UTF-8'."
    )


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refuse_spoilt(name: str, text: str) -> None:
    """Refuse a text that was decoded wrongly before it was saved as UTF-8, by its look."""
    numbered = enumerate(text.split("\n"), 1)
    foreign = [(number, line) for number, line in numbered if not line.isascii()]
    for pattern, happened, fix in _SPOILT:
        searched = ((number, line, pattern.search(line)) for number, line in foreign)
        spoilt = [(number, line, found) for number, line, found in searched if found]
        if len(spoilt) <= _MOST_SPOILT * len(foreign):
            continue
        number, line, found = spoilt[0]
        example = line[max(0, found.start() - 12) : found.start() + 12]
        raise InputError(
            f"{name}, line {number}: {example!r} looks like {happened}, as {len(spoilt)} of the "
            f"{len(foreign)} lines with such letters do. Take the original file; where there is "
            f"none, `{fix.format(shlex.quote(name))} > mended.csv` undoes it, unless it names a "
            "character that it cannot convert."
        )
