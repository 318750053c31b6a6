import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.catalogue.dates import read_dates


def read(*texts: str, files: list[str] | None = None) -> list[str | None]:
    cells = pd.Series([text.lower() for text in texts], dtype="str")
    dates = read_dates(cells, pd.Series(files or ["a.csv"] * len(texts)))
    return [None if pd.isna(date) else date for date in dates]


@pytest.mark.parametrize(
    "text",
    [
        "September 25, 2021",
        "september 25,2021",
        "Sep 25, 2021",
        "Sept. 25th, 2021",
        "Saturday, September 25, 2021",
        "25 September 2021",
        "25-Sep-21",
        "25-Sep-2021",
        "25/Sep/21",
        "9/25/2021",
        "9/25/21",
        "09/25/2021 0:00",
        "9/25/2021 12:00:00 AM",
        "25.09.2021",
        "25-9-2021",
        "2021-09-25",
        "2021-9-25",
        "2021/09/25",
        "2021-09-25 00:00:00",
        "2021-09-25T10:30:00.000Z",
        "2021-09-25 00:00:00+02:00",
    ],
)
def test_ways_to_write_a_date(text):
    assert read(text) == ["2021-09-25"]


@pytest.mark.parametrize(
    "text",
    [
        *("soon", "", "2021", "44464", "Sep-21", "25-Sep", "February 30, 2020", "29-Feb-21"),
        *("13/13/2021", "0/5/2021", "2021-13-01", "1/2", "9/25/021", "9/25-2021", "0000-01-01"),
        *("2021-09-25 later", "Smarch 3, 2021", "2021-09-25 31:00"),
    ],
)
def test_what_is_no_date(text):
    assert read(text) == [None]


def test_years_of_two_digits():
    assert read("1-Jan-69", "1-Jan-70", "29-Feb-20") == ["2069-01-01", "1970-01-01", "2020-02-29"]


def test_a_cell_that_can_only_be_month_first_decides_its_file():
    assert read("3/4/2021", "9/25/2021", "") == ["2021-03-04", "2021-09-25", None]


def test_a_cell_that_can_only_be_day_first_decides_its_file():
    assert read("3/4/2021", "25/9/2021", "soon") == ["2021-04-03", "2021-09-25", None]


def test_a_file_decides_for_itself_alone():
    dates = read("3/4/2021", "9/25/2021", "3/4/2021", files=["a.csv", "a.csv", "b.csv"])
    assert dates == ["2021-03-04", "2021-09-25", None]


@pytest.mark.parametrize("others", [[], ["September 25, 2021"], ["9/25/2021", "25/9/2021"]])
def test_a_file_that_says_neither_or_both_leaves_it_open(others):
    assert read("3/4/2021", *others)[0] is None


def test_the_same_day_either_way_is_read():
    assert read("4/4/2021") == ["2021-04-04"]


@given(st.dates(), st.sampled_from(["%B %d, %Y", "%d %B %Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"]))
def test_what_is_written_in_full_is_read_back(day, form):
    text = day.strftime(form.replace("%Y", f"{day.year:04}"))
    assert read(text) == [day.isoformat()]
