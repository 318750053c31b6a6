"""The forms of show_id that are read, and the title ids they make."""

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.catalogue.clean import RULE_HINTS, clean_catalogue
from cartelera.errors import InputError
from cartelera.notes import Notes


def raw_titles(*show_ids: str) -> pd.DataFrame:
    rows = [
        {**dict.fromkeys(c.RAW_TITLE_COLUMNS, ""), c.SHOW_ID: show_id, c.TYPE: "Movie"}
        | {c.TITLE: f"Film {number}", c.RELEASE_YEAR: "2001"}
        for number, show_id in enumerate(show_ids)
    ]
    frame = pd.DataFrame(rows, dtype="str")
    return frame.assign(
        **{c.SOURCE_FILE: pd.Categorical(["t.csv"] * len(rows)), c.LINE: range(2, len(rows) + 2)}
    )


def clean_ids(platform: str, *show_ids: str, **settings) -> list[str]:
    return clean_catalogue(raw_titles(*show_ids), platform, **settings).clean[c.ID].to_list()


@pytest.mark.parametrize(
    ("platform", "show_ids", "title_ids"),
    [
        ("amazon", ("s123", "S7"), ["as123", "as7"]),
        ("netflix", ("81145628", "70143836"), ["n81145628", "n70143836"]),
        ("disney", ("D1", "d12"), ["dd1", "dd12"]),
        ("amazon", ("as1", "as2"), ["as1", "as2"]),
        ("hulu", ("as1", "as2"), ["has1", "has2"]),
        ("hulu", ("31", "7"), ["h31", "h7"]),
        ("hulu", ("31.0", "7.0"), ["h31", "h7"]),
        ("hulu", ("tt-0111161", "tt-0068646"), ["htt-0111161", "htt-0068646"]),
    ],
)
def test_the_initial_stands_before_the_show_id(platform, show_ids, title_ids):
    assert clean_ids(platform, *show_ids) == title_ids


def test_another_form_is_noted_with_an_example():
    notes = Notes()
    clean_catalogue(raw_titles("D1", "D2"), "disney", notes=notes)
    assert notes.by_file == {
        "t.csv": ["has show_ids such as d1, not s123; title ids are 'd' before them: dd1."]
    }


def test_title_ids_stay_only_if_all_are():
    assert clean_ids("amazon", "as1", "as2", "s3") == ["as3"]
    assert clean_ids("amazon", "as1", "as2", "7") == []


def test_a_repeated_header_and_missing_ids_say_nothing_of_the_form():
    cleaned = clean_catalogue(raw_titles("81145628", "", "81145629"), "netflix")
    assert cleaned.clean[c.ID].to_list() == ["n81145628", "n81145629"]
    assert cleaned.rejected[c.REASON].to_list() == ["show_id is missing"]


@pytest.mark.parametrize("show_ids", [("d1", "x2"), ("5f3a9c", "77b1"), ("the-garden", "dune")])
def test_mixed_forms_stop_with_the_setting_and_no_word_of_tolerance(show_ids):
    cleaned = clean_catalogue(raw_titles(*show_ids), "disney")
    with pytest.raises(InputError) as refused:
        cleaned.require_few_rejected("titles", 0.02, hints=RULE_HINTS)
    message = str(refused.value)
    assert f"t.csv:2: show_id is not of the form s123: '{show_ids[0]}'" in message
    assert "etl.id_pattern='[a-z0-9._-]+'" in message
    assert "etl.columns.show_id=NAME" in message
    assert "max_rejected" not in message


def test_a_pattern_that_is_set_counts_instead():
    pattern = "[a-z0-9._-]+"
    assert clean_ids("disney", "The-Garden", "dune", "s1", id_pattern=pattern) == [
        "dthe-garden", "ddune", "ds1",
    ]  # fmt: skip
    assert clean_ids("disney", "D1", "x2", id_pattern="D[0-9]+") == ["dd1"]


@pytest.mark.parametrize("odd", ["a/b", "a b", "ä1", "a,b", "x" * 40])
def test_signs_that_addresses_do_not_hold_are_refused_whatever_is_set(odd):
    cleaned = clean_catalogue(raw_titles("s1", odd), "disney", id_pattern=".*")
    assert cleaned.clean[c.ID].to_list() == ["ds1"]
    assert len(cleaned.rejected) == 1
