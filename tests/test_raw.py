import bz2
import gzip
import logging
import lzma

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera import raw_csv
from cartelera.errors import InputError
from cartelera.platforms import PUBLISHED
from cartelera.raw import read_batches, read_ratings, read_raw
from cartelera.raw_files import find_raw_files

COLUMNS = ("a", "b")


@pytest.fixture
def read(tmp_path):
    def read_content(content: bytes | str):
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_raw(path, COLUMNS, name="table.csv")

    return read_content


def records(frame):
    return list(zip(frame["a"], frame["b"], frame[c.LINE], strict=True))


def test_gives_text_with_file_and_line(read):
    frame = read("a,b\n1,\n007,x y\n")
    assert records(frame) == [("1", "", 2), ("007", "x y", 3)]
    assert list(frame.columns) == ["a", "b", c.SOURCE_FILE, c.LINE]
    assert set(frame[c.SOURCE_FILE]) == {"table.csv"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a,b\n1,2\n3,4", id="no line break at the end"),
        pytest.param("\ufeffa,b\n1,2\n3,4\n", id="byte order mark"),
        pytest.param("a,b\r\n1,2\r\n3,4\r\n", id="Windows line ends"),
        pytest.param("b,a\n2,1\n4,3\n", id="another order of columns"),
        pytest.param('\ufeff"a","b"\n"1","2"\n"3","4"\n', id="quoted, with byte order mark"),
        pytest.param("a,b,more\n1,2,x\n3,4,y\n", id="another column"),
    ],
)
def test_harmless_differences_do_not_matter(read, content):
    assert records(read(content)) == [("1", "2", 2), ("3", "4", 3)]


def test_empty_cells_and_words_for_nothing_stay_text(read):
    assert records(read("a,b\nNA,null\n,None\n")) == [("NA", "null", 2), ("", "None", 3)]


def test_lines_are_right_after_cells_with_line_breaks(read):
    frame = read('a,b\n"one\ntwo","x"\n3,"say ""hi"", ok"\n')
    assert records(frame) == [("one\ntwo", "x", 2), ("3", 'say "hi", ok', 4)]


def test_blank_lines_are_no_records_but_count_as_lines(read):
    assert records(read("a,b\n\n1,2\n\n3,4\n\n")) == [("1", "2", 3), ("3", "4", 5)]
    assert records(read("\na,b\n1,2\n")) == [("1", "2", 3)]


def test_left_out_columns_are_told(read, caplog):
    with caplog.at_level(logging.WARNING):
        read("a,b,c,d\n1,2,3,4\n")
    assert "table.csv holds columns left out: c, d" in caplog.text


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("cell", ["2", '"2"'])
def test_another_separator_is_recognised_and_told(read, caplog, separator, cell):
    with caplog.at_level(logging.WARNING):
        frame = read(f"a,b\n1,{cell}\n".replace(",", separator))
    assert records(frame) == [("1", "2", 2)]
    assert "table.csv is separated by" in caplog.text


@pytest.mark.parametrize("header", ["a,b,,,", "a,,b,,", ",,a,b,", "Unnamed: 0,,a,b,"])
def test_columns_without_a_name_are_left_out(read, caplog, header):
    names = header.split(",")
    row = ",".join({"a": "1", "b": "2"}.get(name, "") for name in names)
    for quoted in (row, row.replace("1", '"1"')):
        with caplog.at_level(logging.WARNING):
            assert records(read(f"{header}\n{quoted}\n")) == [("1", "2", 2)]
    assert "columns left out" in caplog.text


def test_empty_cells_after_the_last_column_are_left_out(read):
    assert records(read("a,b\n1,2,,\n3,4\n")) == [("1", "2", 2), ("3", "4", 3)]


def test_utf_16_is_read(read):
    assert records(read("a,b\nñ,é\n".encode("utf-16"))) == [("ñ", "é", 2)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,c\n1,2\n", "table.csv, line 1: column b is missing.*header a,b; found is a,c"),
        ("a;c\n1;2\n", "column a, b is missing.*found is a;c.*etl.separator=';'"),
        ("a,b,b\n1,2,3\n", "line 1: column b stands there repeatedly"),
        ("", "table.csv is empty. Its first line must be a,b"),
        ("\n\n", "table.csv is empty"),
        ("a,b\n", "table.csv holds a header and no rows"),
        ("a,b", "table.csv holds a header and no rows"),
        ("a,b\n1,2\n\n3\n", "table.csv, line 4: 1 fields where the header has 2"),
        ("a,b\n1,2\n3,4,5\n", "table.csv, line 3: 3 fields where the header has 2"),
        ("a,b\n1,2\n3\n4,5\n", "table.csv, line 3: 1 fields where the header has 2"),
        ('a,b\n"x\ny",2\n3\n', "table.csv, line 4: 1 fields where the header has 2"),
        ('a,b\n1,2\n3,"4\n5,6\n', "table.csv, line 3: the record that starts here is broken"),
        ('a,b\n1,"2" or 3\n', "table.csv, line 2: the record that starts here is broken"),
        ("a,b\n1,2\n3,\0\n", "table.csv, line 3: a NUL byte"),
        ("a,b\n1,2\n3,ñ\n".encode("latin-1"), "line 3: not UTF-8.*iconv -f cp1252"),
        ("\ufeffa,b\n".encode() + b"\xe9,2\n", "line 2: not UTF-8"),
        ('a,b\n"ñ",2\n'.encode("latin-1"), "line 2: not UTF-8"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], r"packed \(gzip\) and broken"),
        (b"BZh9", r"packed \(bzip2\) and broken"),
        (b"\xfd7zXZ\0", r"packed \(xz\) and broken"),
        (b"PK\x03\x04\x14", r"packed \(zip\), not a table: unpack it"),
        (b"\x28\xb5\x2f\xfd\x24", r"packed \(Zstandard\)"),
    ],
)
def test_broken_files_are_refused_with_place_and_fix(read, content, message):
    with pytest.raises(InputError, match=message):
        read(content)


def test_a_quote_swallowing_the_rest_names_where_it_opens(read):
    rows = "".join(f"{i},some longer text\n" for i in range(20_000))
    with pytest.raises(InputError, match="line 2: the record that starts here is broken"):
        read('a,b\n1,"never closed\n' + rows)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv does not exist"):
        read_raw(tmp_path / "gone.csv", COLUMNS)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_texts_are_unpacked_whatever_they_are_called(read, pack):
    assert records(read(pack(b"a,b\n1,2\n"))) == [("1", "2", 2)]


def test_the_exact_reader_goes_on_over_its_batches(read, monkeypatch):
    monkeypatch.setattr(raw_csv, "_BATCH_ROWS", 2)
    frame = read("a,b\n" + "".join(f'"{i}",x\n' for i in range(5)))
    assert records(frame) == [(str(i), "x", i + 2) for i in range(5)]


PIECES = st.lists(
    st.sampled_from(["1", "x y", ",", ",", "\n", "\r\n", "\r", '"', "é", "\ufeff", " "])
)


@settings(max_examples=200)
@given(PIECES)
def test_the_fast_reader_agrees_with_the_exact_one(pieces):
    rows = "1,2\n" + "".join(pieces)
    fast = raw_csv.read_plain(rows.encode(), COLUMNS, COLUMNS, ",", 2)
    if fast is not None:
        # What quotes stand in is read exactly.
        exact = raw_csv.read_csv("t", iter([f'"a",b\n{rows}'.encode()]), COLUMNS, raw_csv.Reading())
        pd.testing.assert_frame_equal(fast, pd.concat(exact))


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=PIECES, block_bytes=st.integers(1, 12), pack=st.sampled_from([bytes, gzip.compress]))
def test_a_text_read_in_blocks_is_the_whole(tmp_path, pieces, block_bytes, pack):
    path = tmp_path / "table.csv"
    path.write_bytes(pack(("a,b\n1,2\n" + "".join(pieces)).encode()))

    def outcome(**options):
        try:
            return pd.concat(list(read_batches(path, COLUMNS, **options)), ignore_index=True)
        except InputError as error:
            return str(error)

    whole, in_blocks = outcome(), outcome(block_bytes=block_bytes)

    if isinstance(whole, str) or isinstance(in_blocks, str):
        assert in_blocks == whole
    else:
        pd.testing.assert_frame_equal(in_blocks, whole)


def test_a_large_text_is_not_read_as_a_whole(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n" + "1,2\n" * 10)
    lengths = [len(batch) for batch in read_batches(path, COLUMNS, block_bytes=8)]
    assert sum(lengths) == 10
    assert max(lengths) < 4


@pytest.fixture
def folder(tmp_path):
    for name in PUBLISHED.files.values():
        (tmp_path / name).write_text(",".join(c.RAW_TITLE_COLUMNS) + "\n")
    (tmp_path / "ratings").mkdir()
    for name in ("10.csv", "2.csv", "1.csv"):
        (tmp_path / "ratings" / name).write_text(
            f"userId,rating,timestamp,movieId\n{name[:-4]},4,1,as1\n"
        )
    return tmp_path


def test_rating_files_are_read_in_the_order_of_their_numbers(folder):
    ratings = read_ratings(find_raw_files(folder))
    assert list(ratings[c.RAW_USER]) == ["1", "2", "10"]
    assert list(ratings[c.SOURCE_FILE]) == ["ratings/1.csv", "ratings/2.csv", "ratings/10.csv"]
    assert list(ratings[c.LINE]) == [2, 2, 2]


def test_files_are_named_relative_to_their_folder(folder):
    names = list(find_raw_files(folder).by_name)
    assert names == [
        *PUBLISHED.files.values(),
        "ratings/1.csv",
        "ratings/2.csv",
        "ratings/10.csv",
    ]
