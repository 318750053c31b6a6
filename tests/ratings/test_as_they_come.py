"""Timestamps and title ids of ratings as people have them."""

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.notes import Notes
from cartelera.ratings.clean import HINTS, clean_ratings

TITLES = pd.Series(["as1", "as2", "h31", "n81145628", "ns1"], dtype="str")
SHOW_IDS = pd.Series(["s1", "s2", "31", "81145628", "s1"], dtype="str")


def raw_ratings(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Give ratings of file, timestamp and movieId, each by another user."""
    frame = pd.DataFrame(rows, columns=[c.SOURCE_FILE, c.RAW_TIMESTAMP, c.RAW_TITLE_ID])
    users = [str(number) for number in range(len(rows))]
    frame = frame.assign(**{c.RAW_USER: users, c.RAW_RATING: "4"}).astype("str")
    frame[c.SOURCE_FILE] = pd.Categorical(frame[c.SOURCE_FILE])
    lines = range(2, len(rows) + 2)
    return frame[[*c.RAW_RATING_COLUMNS, c.SOURCE_FILE]].assign(**{c.LINE: lines})


def moments(*texts: str, notes: Notes | None = None) -> list[int]:
    raw = raw_ratings(*(("1.csv", text, "as1") for text in texts))
    return clean_ratings(raw, TITLES, SHOW_IDS, notes=notes).clean[c.TIMESTAMP].to_list()


def titles(*ids: str, notes: Notes | None = None) -> list[str]:
    raw = raw_ratings(*(("1.csv", "100", movie) for movie in ids))
    return clean_ratings(raw, TITLES, SHOW_IDS, notes=notes).clean[c.TITLE_ID].to_list()


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_a_file_in_smaller_units_than_seconds_is_read(unit):
    assert moments(str(1_500_000_000 * unit), str(1_400_000_000 * unit)) == [
        1_500_000_000, 1_400_000_000,
    ]  # fmt: skip


def test_milliseconds_are_noted():
    notes = Notes()
    moments("1500000000123", notes=notes)
    assert notes.by_file == {"1.csv": ["has timestamps in milliseconds; they are read as such."]}


def test_milliseconds_among_seconds_are_rejected_as_ever():
    assert moments("1500000000", "1500000000000") == [1_500_000_000]


def test_files_are_told_apart():
    raw = raw_ratings(("1.csv", "1500000000", "as1"), ("2.csv", "1500000001000", "as1"))
    clean = clean_ratings(raw, TITLES, SHOW_IDS).clean
    assert clean[c.TIMESTAMP].to_list() == [1_500_000_000, 1_500_000_001]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2017-07-14T02:40:00Z", 1_500_000_000),
        ("2017-07-14 02:40:00", 1_500_000_000),
        ("2017-07-14T04:40:00+02:00", 1_500_000_000),
        ("2017-07-14 02:40:00.75", 1_500_000_000),
        ("2017-07-14", 1_499_990_400),
        ("1970-01-01", 0),
    ],
)
def test_dates_are_read_as_utc_unless_they_name_a_zone(text, seconds):
    notes = Notes()
    assert moments(text, "2017-07-14", notes=notes) == [seconds, 1_499_990_400]
    assert "has dates as timestamp" in notes.by_file["1.csv"][0]


@pytest.mark.parametrize("text", ["14/07/2017", "2017-13-14", "yesterday", "1969-12-31", "2017"])
def test_other_times_are_rejected_or_stay_seconds(text):
    assert moments(text, "1500000000") == (
        [2017, 1_500_000_000] if text == "2017" else [1_500_000_000]
    )


def test_show_ids_of_one_platform_are_read_as_its_titles():
    notes = Notes()
    assert titles("81145628", "31", "S2", "31.0", notes=notes) == [
        "n81145628", "h31", "as2", "h31",
    ]  # fmt: skip
    assert "has show_ids as movieId, such as '81145628'" in notes.by_file["1.csv"][0]
    assert "only platform that has them: n81145628" in notes.by_file["1.csv"][0]


def test_where_title_ids_stand_show_ids_are_unknown_titles():
    assert titles("h31", "31") == ["h31"]


def test_show_ids_of_several_platforms_are_not_guessed():
    raw = raw_ratings(("1.csv", "100", "s1"), ("1.csv", "100", "s2"))
    cleaned = clean_ratings(raw, TITLES, SHOW_IDS)
    assert cleaned.rejected[c.REASON].to_list() == [
        "movieId lacks the platform's initial, and several platforms have it: 's1'"
    ]
    with pytest.raises(InputError) as refused:
        cleaned.require_few_rejected("ratings", 0.02, hints=HINTS)
    message = str(refused.value)
    assert "1.csv:2: movieId lacks the platform's initial" in message
    assert "etl.columns.movieId=NAME" in message
    assert "max_rejected" not in message


def test_mixed_times_stop_with_what_is_read_and_no_word_of_tolerance():
    raw = raw_ratings(("1.csv", "100", "as1"), ("1.csv", "1500000000000", "as1"))
    with pytest.raises(InputError, match="timestamp is in seconds since 1970") as refused:
        clean_ratings(raw, TITLES, SHOW_IDS).require_few_rejected("ratings", 0.02, hints=HINTS)
    assert "max_rejected" not in str(refused.value)
