"""The table of platforms: what it refuses, and what people may call its entries."""

from dataclasses import replace

import pytest

from cartelera.config import compose
from cartelera.errors import ConfigError
from cartelera.platforms import PUBLISHED, Platform, Platforms

MAX = Platform("max", "max_titles.csv", "m", "HBO Max", "#5822b4", ("H.B.O.",))
PARAMOUNT = Platform("paramount", "paramount_titles.csv", "p", "Paramount+", "#0064ff")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("netflix", "netflix"),
        ("  NETFLIX ", "netflix"),
        ("Disney+", "disney"),
        ("disney plus", "disney"),
        ("DISNEY", "disney"),
        ("prime video", "amazon"),
        ("Amazon-Prime", "amazon"),
        ("hbo max", "max"),
        ("HBO-MAX", "max"),
        ("hbo", "max"),
        ("paramount", "paramount"),
        ("Paramount Plus", "paramount"),
        ("mubi", None),
        ("", None),
    ],
)
def test_a_platform_is_found_by_what_people_call_it(word, name):
    assert Platforms((*PUBLISHED.table, MAX, PARAMOUNT)).find(word) == name


def test_the_table_in_conf_is_the_published_one():
    assert compose().catalogue.table() == PUBLISHED


def test_platforms_are_added_taken_away_and_renamed_by_overrides():
    table = compose(
        [
            "~catalogue.platforms.hulu",
            "+catalogue.platforms.mubi={file: mubi.csv, initial: m, label: MUBI, colour: '#001489'}",
            "catalogue.platforms.netflix.file='my films.csv'",
        ]
    ).catalogue.table()
    assert table.names == ("amazon", "disney", "netflix", "mubi")
    assert table.files["netflix"] == "my films.csv"


def test_a_table_comes_back_from_json():
    table = Platforms((MAX, PARAMOUNT))
    assert Platforms.of(table.to_json()) == table


def test_names_alone_give_the_published_table_and_the_others_after_it():
    assert Platforms.named(["netflix", "hulu"]) is PUBLISHED
    assert Platforms.named(["mubi", "netflix"]).names == (*PUBLISHED.names, "mubi")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ((), "catalogue.platforms is empty"),
        ((MAX, replace(PARAMOUNT, file=MAX.file)), "two have file=max_titles.csv"),
        ((MAX, replace(PARAMOUNT, initial="mp")), "initial=mp of paramount begins with initial=m"),
        ((MAX, replace(PARAMOUNT, aliases=("hbo max",))), "are both called hbomax"),
    ],
)
def test_platforms_that_could_be_taken_for_each_other_are_refused(entries, message):
    with pytest.raises(ConfigError, match=message):
        Platforms(entries)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "HBO Max"}, "name='HBO Max' is not allowed"),
        ({"initial": "1"}, "initial='1' is not allowed"),
        ({"colour": "blue"}, "colour='blue' is not allowed: allowed are a colour such as #be123c"),
        ({"file": "a/b.csv"}, "a file's name, without folder"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        replace(MAX, **change)
