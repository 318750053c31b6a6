import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.catalogue.people import NOBODIES, SUFFIXES, name_key, people_in
from cartelera.catalogue.text import lower, tidy, tidy_list


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
    ("published", "expected"),
    [
        (", South Korea", "South Korea"),
        ("United States,", "United States"),
        ("a,,b ,  , c", "a, b, c"),
        ("1, Ann", "1, Ann"),
        (" , ", ""),
    ],
)
def test_lists(published, expected):
    assert tidy_list(published) == expected


@pytest.mark.parametrize(
    ("published", "people"),
    [
        ("1, Ann, 2", ["Ann"]),
        ("50 Cent, कुमार", ["50 Cent", "कुमार"]),
        ("1", []),
        (" , ", []),
        ("Robert  Downey, Jr., Uma Thurman", ["Robert Downey Jr.", "Uma Thurman"]),
        ("Ann Lee,, SR , Bob, III,Cy,iv.", ["Ann Lee SR", "Bob III", "Cy iv."]),
        ("Ann Lee, Jr., Ph.D., Bob", ["Ann Lee Jr. Ph.D.", "Bob"]),
        ("Jr., Ann", ["Ann"]),
        ("Ann, Various, Jr., Bob", ["Ann", "Bob"]),
        ("Various, NaN, None, N/A, Unknown, Not  Given, NA, --, No Data", []),
        ("Nana Mouskouri, Noone, Ivy, Junior", ["Nana Mouskouri", "Noone", "Ivy", "Junior"]),
    ],
)
def test_people_in_a_list(published, people):
    assert people_in(published) == people


@given(st.lists(st.sampled_from(["ann", "bob", "1", "", *SUFFIXES, *NOBODIES])))
def test_a_list_of_people_stays_as_it_is(items):
    once = people_in(", ".join(items))
    assert people_in(", ".join(once)) == once
    assert not {*SUFFIXES, *NOBODIES} & {*once}


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
