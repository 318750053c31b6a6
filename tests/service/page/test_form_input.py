"""What is read of what a browser sends: what makes no sense is left out."""

import json

import pytest

from cartelera.service.page.form_input import (
    MAX_RATINGS,
    read_integer,
    read_marked,
    read_number,
    read_ratings,
)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ('{"ns1": 4.5, "hs1": 1}', {"ns1": 4.5, "hs1": 1}),
        ('{"ns1": 0, "ns2": 5.5, "hs1": 4.2, "as1": true, "ds1": "5"}', {}),
        ('{"ns1": NaN, "ns2": Infinity}', {}),
        ("[1]", {}),
        ("{", {}),
        ("[" * 9_000, {}),
        (None, {}),
        ({"ns1": 4.5}, {}),
    ],
)
def test_only_half_stars_are_ratings(sent: object, expected: dict[str, float]):
    assert read_ratings(sent) == expected


def test_marks_are_read_apart_from_ratings():
    sent = '{"ns1": "later", "ns2": 4, "hs1": "hidden", "as1": "later", "ds1": ["later"]}'
    assert read_marked(sent, "later") == ["ns1", "as1"]
    assert read_marked(sent, "hidden") == ["hs1"]
    assert read_marked("[1]", "hidden") == []


def test_ratings_have_an_end():
    many = {f"ns{n}": 3 for n in range(2 * MAX_RATINGS)}
    assert len(read_ratings(json.dumps(many))) == MAX_RATINGS


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("15", 15),
        (" 15 ", 15),
        ("1 234\u00a0567", 1234567),
        ("-1", -1),
        ("1.5", None),
        ("1e3", None),
        ("9" * 19, None),
        (15, None),
    ],
)
def test_whole_numbers_are_read(typed: object, number: int | None):
    assert read_integer(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"), [("3.5", 3.5), ("3,5", 3.5), ("nan", None), ("inf", None), ("", None)]
)
def test_numbers_are_read_with_point_and_comma(typed: str, number: float | None):
    assert read_number(typed) == number
