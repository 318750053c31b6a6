import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.catalogue.people import name_key
from cartelera.catalogue.text import has_nameless_item, lower, tidy, tidy_list


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        ("  plain  ", "plain"),
        ("two\u00a0 \u3000words", "two words"),
        ("line\r\nbreak\u2028here", "line break here"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a \u200b b", "a b"),
        ("bell\x07\x1b", "bell"),
        ("cafe\u0301", "café"),
        ("lost \ufffd sign", "lost \ufffd sign"),
        ("\u200b \u00a0", ""),
    ],
)
def test_tidy(published, expected):
    assert tidy(published) == expected


@given(st.text())
def test_tidy_text_is_normal_and_stays_so(text):
    once = tidy(text)
    assert tidy(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert once == " ".join(once.split())


@given(st.text())
def test_lower_case_text_stays_so_and_is_normal(text):
    once = lower(tidy(text))
    assert lower(once) == once
    assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize("published", ["İstanbul", "I\u0307stanbul"])
def test_the_dotted_capital_i_does_not_grow(published):
    assert lower(tidy(published)) == "istanbul"


@pytest.mark.parametrize(
    ("published", "names", "expected"),
    [
        (", South Korea", False, "South Korea"),
        ("United States,", False, "United States"),
        ("a,,b ,  , c", False, "a, b, c"),
        ("1, Ann, 2", True, "Ann"),
        ("1, Ann", False, "1, Ann"),
        ("50 Cent, कुमार", True, "50 Cent, कुमार"),
        ("1", True, ""),
        (" , ", False, ""),
    ],
)
def test_lists(published, names, expected):
    assert tidy_list(published, names=names) == expected


def test_items_without_a_letter_are_found():
    assert has_nameless_item("Ann, 1")
    assert not has_nameless_item("Ann, , 50 Cent,")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Penélope Cruz", "penelope  cruz"),
        ("J.K. Simmons", "j. k. simmons"),
        ("Zoë", "ZOE"),
        ("Straße", "strasse"),
    ],
)
def test_names_that_differ_in_case_accents_or_spacing_are_one(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("ann lee", "anna lee"), ("か", "が"), ("कि", "कु")])
def test_other_names_stay_apart(one, other):
    assert name_key(one) != name_key(other)
