import pandas as pd
import pytest

from cartelera import columns as c
from cartelera import schemas
from cartelera.errors import InputError


@pytest.fixture
def titles():
    return pd.DataFrame(
        {
            c.ID: ["as1", "ns2"],
            c.WORK_ID: ["as1", "ns2"],
            c.PLATFORM: [c.AMAZON, c.NETFLIX],
            c.TYPE: [c.MOVIE, c.TV_SHOW],
            c.TITLE: ["one", "two"],
            c.DISPLAY_TITLE: ["One", "Two"],
            c.DIRECTOR: ["ann", None],
            c.CAST: ["bob, cy", None],
            c.COUNTRY: [None, "spain"],
            c.DATE_ADDED: ["2021-03-30", None],
            c.RELEASE_YEAR: [2014, 2020],
            c.CERTIFICATE: ["g", "tv-ma"],
            c.CERTIFICATE_IMPUTED: [True, False],
            c.DURATION_INT: pd.array([90, None], dtype="Int64"),
            c.DURATION_TYPE: [c.MINUTES, None],
            c.LISTED_IN: ["comedy", "drama"],
            c.DESCRIPTION: ["…", None],
            c.DISPLAY_DIRECTOR: ["Ann", None],
            c.DISPLAY_CAST: ["Bob, Cy", None],
            c.DISPLAY_DESCRIPTION: ["…", None],
        }
    )


@pytest.fixture
def ratings():
    return pd.DataFrame(
        {c.USER_ID: [1, 1], c.TITLE_ID: ["as1", "ns2"], c.RATING: [0.5, 5.0], c.TIMESTAMP: [0, 9]}
    ).assign(**{c.IS_RECEIVED: [False, True]})


def broken(table, schema):
    with pytest.raises(InputError) as error:
        schemas.validate(table, schema, "table.csv")
    return str(error.value)


def test_sound_tables_come_back_unchanged(titles, ratings):
    assert schemas.validate(titles, schemas.CLEAN_TITLES, "x").equals(titles)
    assert schemas.validate(ratings, schemas.clean_ratings(), "x").equals(ratings)


def test_every_broken_rule_is_told_with_file_column_and_row(titles):
    message = broken(
        titles.assign(type=["movie", "film"], release_year=[0, 2020], title=["one", None]),
        schemas.CLEAN_TITLES,
    )
    assert message.startswith("table.csv breaks the contract of clean titles:")
    assert "column type: every value is one of movie, tv show; broken in row 1: 'film'" in message
    assert "column release_year: every value is 1 or more; broken in row 0: 0" in message
    assert "column title: every value is there; broken in row 1" in message


def test_only_the_first_broken_rows_are_shown(titles):
    many = pd.concat([titles] * 50, ignore_index=True).assign(id="as1", platform=c.AMAZON)
    assert "row 4: 'as1'" in broken(many, schemas.CLEAN_TITLES)
    assert "row 5: 'as1'" not in broken(many, schemas.CLEAN_TITLES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({c.ID: ["as1", "as1"]}, "column id: every value is unique"),
        ({c.ID: ["as1", "n 2"]}, "is a title id such as ns1; broken in row 1: 'n 2'"),
        ({c.ID: ["hs1", "ns2"]}, "an id starts with its platform's initial; broken in row 0"),
        (
            {c.WORK_ID: ["as1", "ns3"]},
            "a work_id is the id of a title of that work; broken in row 1",
        ),
        ({c.DATE_ADDED: ["30.3.2021", None]}, "column date_added: every value is a date"),
        ({c.DURATION_TYPE: [c.MINUTES, c.SEASONS]}, "go together; broken in row 1"),
        ({c.CERTIFICATE: ["pg", "tv-ma"]}, "an imputed certificate is g; broken in row 0"),
        ({c.RELEASE_YEAR: [2014.0, 2020.0]}, "column release_year: is of type 'int64', not float"),
        ({"extra": 1}, "unexpected columns: extra"),
    ],
)
def test_contract_of_clean_titles(titles, change, message):
    assert message in broken(titles.assign(**change), schemas.CLEAN_TITLES)


def test_a_missing_column_is_named(titles):
    assert "missing columns: cast" in broken(titles.drop(columns=c.CAST), schemas.CLEAN_TITLES)


def test_contract_of_clean_ratings(ratings):
    assert "rating: every value is a rating from 0.5 to 5.0; broken in row 1: 6.0" in broken(
        ratings.assign(rating=[1.0, 6.0]), schemas.clean_ratings()
    )
    assert "user_id, title_id together are unique; broken in row 0, 1" in broken(
        ratings.assign(title_id="as1"), schemas.clean_ratings()
    )
    assert "missing columns: is_received" in broken(
        ratings.drop(columns=c.IS_RECEIVED), schemas.clean_ratings()
    )
    schemas.validate(ratings.assign(rating=[1.0, 6.0]), schemas.clean_ratings(1, 10), "x")


def test_contract_of_raw_tables_asks_for_text():
    raw = pd.DataFrame(
        {
            **{column: ["1"] for column in c.RAW_RATING_COLUMNS},
            c.SOURCE_FILE: pd.Categorical(["ratings/1.csv"]),
            c.LINE: [2],
        }
    )
    schemas.validate(raw, schemas.RAW_RATINGS, "ratings/1.csv")
    assert "column userId" in broken(raw.assign(userId=1), schemas.RAW_RATINGS)
