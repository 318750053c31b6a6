import logging

import pytest

from cartelera.dialect import find_separator, is_encoding, likely_separator, to_utf_8
from cartelera.errors import InputError

RAVEN = "id,title\n1,Raven\u2019s Home \u2013 Pilot\n2,plain\n"


def test_ascii_and_utf_8_stay_as_they_are():
    for text in ("id\n1\n", RAVEN):
        assert to_utf_8("a.csv", text.encode()) == text.encode()
        assert to_utf_8("a.csv", text.encode("utf-8-sig")) == text.encode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark_is_read(encoding, caplog):
    mark = "" if encoding == "utf-16" else "\ufeff"
    assert to_utf_8("a.csv", (mark + RAVEN).encode(encoding)) == RAVEN.encode()
    assert "a.csv is UTF-16" in caplog.text


def test_what_excel_writes_on_windows_is_refused_with_a_fix_that_loses_nothing():
    with pytest.raises(InputError) as refused:
        to_utf_8("my files/a.csv", RAVEN.encode("cp1252"))
    message = str(refused.value)
    assert message.startswith("my files/a.csv, line 2: not UTF-8.")
    assert "`iconv -f cp1252 -t utf-8 'my files/a.csv' > mended.csv`" in message
    assert "etl.encoding=cp1252" in message
    assert "latin" not in message


def test_the_encoding_that_is_set_is_believed_and_told(caplog):
    with caplog.at_level(logging.WARNING):
        assert to_utf_8("a.csv", RAVEN.encode("cp1252"), "cp1252") == RAVEN.encode()
    assert "a.csv is not UTF-8; it is read as etl.encoding=cp1252" in caplog.text
    assert to_utf_8("b.csv", RAVEN.encode(), "cp1252") == RAVEN.encode(), "UTF-8 stays UTF-8"


def test_an_encoding_the_bytes_cannot_be_in_is_refused_with_the_line():
    with pytest.raises(InputError, match=r"a\.csv, line 2: neither UTF-8 nor cp1252"):
        to_utf_8("a.csv", b"id,title\n1,\x81\n", "cp1252")


@pytest.mark.parametrize("encoding", ["auto", "cp1252"])
def test_one_bad_line_of_utf_8_is_named_and_nothing_converted(encoding):
    data = "id,title\n1,Amélie\n2,".encode() + b"\xe9t\xe9\n" + "3,Ñandú\n".encode()
    with pytest.raises(
        InputError, match=r"a\.csv, line 3: not UTF-8, while other lines are"
    ) as told:
        to_utf_8("a.csv", data, encoding)
    assert "iconv" not in str(told.value)


@pytest.mark.parametrize("text", [RAVEN, "id,title\n1,Amélie\n2,El niño\n3,Ça ira\n"])
def test_what_was_read_wrongly_once_is_refused_by_its_look(text):
    spoilt = text.encode().decode("cp1252")
    with pytest.raises(
        InputError, match=r"line 2: .* looks like UTF-8 that was once read as cp1252"
    ):
        to_utf_8("a.csv", spoilt.encode())


def test_quotes_of_windows_read_as_latin_1_are_refused_by_their_look():
    spoilt = RAVEN.encode("cp1252").decode("latin-1")
    with pytest.raises(
        InputError, match=r"line 2: .* looks like cp1252 that was once read as Latin"
    ):
        to_utf_8("a.csv", spoilt.encode())


def test_a_few_odd_titles_are_no_reason_to_refuse():
    text = "id,title\n1,Amélie\n2,Ã©toile\n3,Señora Ñ\n"
    assert to_utf_8("a.csv", text.encode()) == text.encode()


@pytest.mark.parametrize(
    "text",
    ["SÃO PAULO", "Âge d\u2019or", "Ärger \u2013 Ökonomie", "“quotes” …", "Þór", "日本", "𝄞"],
)
def test_right_letters_are_not_taken_for_spoilt(text):
    assert to_utf_8("a.csv", text.encode()) == text.encode()


@pytest.mark.parametrize(
    ("line", "separator"),
    [
        ("a,b", ","),
        ("a;b", ";"),
        ("a\tb", "\t"),
        ("a|b", "|"),
        ('"a";"b"', ";"),
        ("a,b;c", ","),
        ("a,c", ","),
    ],
)
def test_the_separator_is_what_the_header_needs(line, separator):
    columns = ["a"] if line == "a,b;c" else ["a", "b"]
    assert find_separator("t.csv", line, set(columns).issubset, "auto") == separator


def test_a_separator_that_is_set_is_believed():
    assert find_separator("t.csv", "a,b", {"a", "b"}.issubset, ";") == ";"


def test_what_probably_separates_is_named():
    assert likely_separator("x;y;z") == ";"
    assert likely_separator("x,y") is None
    assert likely_separator("x") is None


def test_encodings_are_those_of_text():
    assert is_encoding("cp1252")
    assert not is_encoding("base64")
    assert not is_encoding("no such one")
