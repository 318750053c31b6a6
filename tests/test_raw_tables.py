"""Tables that are no CSV: the same cells, and where each stands."""

import io
import json
import logging
from datetime import date, datetime

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.raw import read_raw

COLUMNS = ("id", "name", "when")


@pytest.fixture
def read(tmp_path):
    def read_content(name: str, content: bytes | str):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        frame = read_raw(path, COLUMNS, name=name)
        return list(zip(*(frame[column] for column in (*COLUMNS, c.LINE)), strict=True))

    return read_content


def parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def workbook(**sheets: list[list[object]]) -> bytes:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_parquet_gives_text_and_counts_its_rows_from_1(read):
    frame = pd.DataFrame(
        {
            "id": pd.array([81145628, None], dtype="Int64"),
            "name": ["Ñ", None],
            "when": [date(2021, 9, 25), None],
        }
    )
    assert read("t.parquet", parquet(frame)) == [
        ("81145628", "Ñ", "2021-09-25", 1),
        ("", "", "", 2),
    ]


def test_numbers_of_parquet_lose_no_digit_and_no_half(read):
    frame = pd.DataFrame({"id": [2**60 + 1, 2], "name": [7.0, float("nan")], "when": [3.5, 4.0]})
    assert read("t.parquet", parquet(frame)) == [
        ("1152921504606846977", "7", "3.5", 1),
        ("2", "", "4.0", 2),
    ]


def test_times_and_lists_of_parquet_are_written_out(read):
    frame = pd.DataFrame(
        {
            "id": pd.Categorical(["a", "b"]),
            "name": [["x", "y"], []],
            "when": [datetime(2021, 9, 25), datetime(2021, 9, 25, 10, 30)],
        }
    )
    assert read("t.parquet", parquet(frame)) == [
        ("a", "x, y", "2021-09-25", 1),
        ("b", "", "2021-09-25T10:30:00", 2),
    ]


RECORDS = [{"id": 1, "name": "a", "when": None}, {"name": "b", "id": 2.50, "when": True}]
EXPECTED = [("1", "a", "", 1), ("2.5", "b", "true", 2)]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps(RECORDS), id="a list of records"),
        pytest.param("\ufeff" + json.dumps(RECORDS, indent=1), id="byte order mark"),
        pytest.param("\n".join(map(json.dumps, RECORDS)), id="a record a line"),
        pytest.param(
            '{"id": {"0": 1, "1": 2.5}, "name": {"0": "a", "1": "b"},'
            ' "when": {"0": null, "1": true}}',
            id="columns, as pandas writes",
        ),
        pytest.param(
            '{"id": [1, 2.5], "name": ["a", "b"], "when": [null, true]}', id="columns as lists"
        ),
    ],
)
def test_json_is_read_however_it_is_laid_out(read, content):
    assert read("t.json", content) == EXPECTED


def test_lines_of_json_count_blank_ones(read):
    lines = [json.dumps(RECORDS[0]), "", json.dumps(RECORDS[1])]
    assert [record[-1] for record in read("t.jsonl", "\n".join(lines))] == [1, 3]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.json", '[{"id": 1}, 2]', r"t\.json is no table: JSON must be a list of objects"),
        ("t.json", '[{"id": 1},', r"t\.json is no JSON"),
        ("t.jsonl", '{"id": 1}\n{"id": \n', r"t\.jsonl is no JSON: line 2"),
        ("t.json", "[]", r"t\.json is empty"),
        ("t.json", '[{"id": 1, "nmae": 2, "when": 3}]', r"column name is missing.*='nmae'"),
        ("t.parquet", b"PAR1 and no more", r"t\.parquet is no whole Parquet file"),
    ],
)
def test_broken_tables_are_refused(read, name, content, message):
    with pytest.raises(InputError, match=message):
        read(name, content)


def test_a_workbook_gives_text_and_the_rows_of_its_sheet(read):
    content = workbook(
        titles=[
            ["id", "name", "when"],
            [81145628, 1917, datetime(2021, 9, 25)],
            [None, None, None],
            ["s2", None, 3.5],
        ]
    )
    assert read("t.xlsx", content) == [
        ("81145628", "1917", "2021-09-25", 2),
        ("s2", "", "3.5", 4),
    ]


def test_the_sheet_with_the_columns_is_read(read):
    content = workbook(
        notes=[["from", "to"], ["a", "b"]],
        titles=[["id", "name", "when", "more"], [1, 2, 3, 4]],
        empty=[],
    )
    assert read("t.xlsx", content) == [("1", "2", "3", 2)]


def test_of_two_sheets_with_the_columns_none_is_guessed(read):
    rows = [["id", "name", "when"], [1, 2, 3]]
    with pytest.raises(InputError, match=r"t\.xlsx: one sheet must hold the table.*one, two all"):
        read("t.xlsx", workbook(one=rows, two=rows))


def test_without_openpyxl_the_extra_is_named(read, monkeypatch):
    content = workbook(titles=[["id", "name", "when"], [1, 2, 3]])

    def missing(*args, **kwargs):
        raise ImportError("Missing optional dependency 'openpyxl'.")

    monkeypatch.setattr(pd, "read_excel", missing)
    with pytest.raises(InputError, match=r"pip install 'cartelera\[excel\]'"):
        read("t.xlsx", content)


def test_columns_left_out_are_told(read, caplog):
    with caplog.at_level(logging.WARNING):
        read("t.json", '[{"id": 1, "name": 2, "when": 3, "score": 4}]')
    assert "t.json holds columns left out: score" in caplog.text
