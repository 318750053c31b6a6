"""Columns that are called otherwise than published."""

import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.headers import find_columns, name_columns
from cartelera.notes import Notes

TITLES, RATINGS = c.RAW_TITLE_COLUMNS, c.RAW_RATING_COLUMNS


def named(header, columns=RATINGS, **names):
    return name_columns("r.csv", header, columns, names, notes=Notes())


@pytest.mark.parametrize(
    "header",
    [
        ["userId", "scored", "timestamp", "movieId"],
        ["user_id", "Rating", "Time Stamp", "MOVIE_ID"],
        ["USER", "stars", "time", "title_id"],
        ["userId", "score", "rated at", "show_id"],
    ],
)
def test_names_that_can_mean_one_thing_are_found(header):
    assert named(header) == list(RATINGS)


def test_what_is_read_otherwise_is_noted():
    notes = Notes()
    name_columns("r.csv", ["userId", "scored", "timestamp", "movieId", "x"], RATINGS, notes=notes)
    assert notes.by_file == {
        "r.csv": ["has columns that are read so: scored as rating.", "holds columns left out: x"]
    }


def test_two_candidates_are_not_guessed():
    with pytest.raises(InputError, match="column rating is missing") as refused:
        named(["userId", "scored", "score", "timestamp", "movieId"])
    assert "etl.columns.rating='score" in str(refused.value)


def test_a_missing_column_is_told_with_the_nearest_and_the_setting():
    with pytest.raises(InputError, match=r"r\.csv, line 1: column movieId is missing") as refused:
        named(["userId", "rating", "timestamp", "filmId"])
    assert "Then say etl.columns.movieId='filmId'." in str(refused.value)
    assert "max_rejected" not in str(refused.value)


def test_the_settings_count_before_the_very_name():
    header = ["userId", "rating", "timestamp", "movieId", "adjusted"]
    assert named(header, rating="adjusted") == [
        "userId", "(rating)", "timestamp", "movieId", "rating",
    ]  # fmt: skip


def test_a_name_that_is_set_but_not_there_is_passed_over():
    assert named(list(RATINGS), rating="scored") == list(RATINGS)


def test_the_age_label_of_catalogues_has_a_setting_of_its_own():
    header = [name if name != "rating" else "label" for name in TITLES]
    found = find_columns([*header, "scored"], TITLES, {"rating": "scored", "certificate": "label"})
    assert found["rating"] == "label"


def test_a_catalogue_that_holds_a_score_keeps_its_age_label():
    found = find_columns(["id", *TITLES, "score"], TITLES)
    assert found == {name: name for name in TITLES}


def test_the_ids_of_a_catalogue_may_be_called_id():
    header = ["id", *TITLES[1:]]
    assert find_columns(header, TITLES)[c.SHOW_ID] == "id"
