import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.explore import tables
from cartelera.platforms import PUBLISHED


def test_tokens_repeat_the_index_and_drop_nulls_and_repeats():
    values = pd.Series(["a, b", None, "b, b", " , c"], index=[7, 8, 9, 3], dtype="str")
    found = tables.tokens(values)
    assert list(zip(found.index, found, strict=True)) == [(7, "a"), (7, "b"), (9, "b"), (3, "c")]


def test_catalogue_sizes_name_every_platform_and_type(titles):
    sizes = tables.catalogue_sizes(titles)
    assert list(sizes.index) == list(PUBLISHED.names)
    assert sizes.to_dict() == {
        "movie": {"amazon": 2, "disney": 1, "hulu": 0, "netflix": 1},
        "tv show": {"amazon": 0, "disney": 1, "hulu": 0, "netflix": 1},
    }


def test_titles_by_year_fill_gaps_and_skip_nulls(titles):
    counts = tables.titles_by_year(titles, tables.years_added(titles))
    assert list(counts.index) == [2019, 2020, 2021]
    assert counts["netflix"].tolist() == [0, 0, 2]
    assert counts["amazon"].sum() == 0


def test_titles_by_year_without_any_year(titles):
    nothing = pd.Series(pd.NA, index=titles.index, dtype="Int64")
    assert tables.titles_by_year(titles, nothing).empty


def test_with_duration_keeps_units_apart(titles):
    assert tables.with_duration(titles, c.MINUTES)[c.DURATION_INT].tolist() == [80, 90, 100, 300]
    assert tables.with_duration(titles, c.SEASONS)[c.DURATION_INT].tolist() == [1, 3]


def test_duration_fences_by_hand():
    # quartiles of 1..5 are 2 and 4: fences 1.5 * 2 beyond them
    assert tables.duration_fences(pd.Series([1, 2, 3, 4, 5])) == (-1.0, 7.0)


def test_extreme_titles_are_ordered_and_ties_go_by_title(titles):
    titles.loc[titles[c.ID] == "as2", c.DURATION_INT] = 90
    longest, shortest = tables.extreme_titles(titles, c.MINUTES, 3)
    assert longest[c.DISPLAY_TITLE].tolist() == ["Eve", "Arrival", "Bat"]
    assert shortest[c.DISPLAY_TITLE].tolist() == ["Cars", "Arrival", "Bat"]


def test_missing_shares_count_imputed_certificates(titles):
    shares = tables.missing_shares(titles)
    assert list(shares.columns) == ["amazon", "disney", "netflix"]
    assert shares.loc[c.CERTIFICATE].to_dict() == {"amazon": 0.5, "disney": 0.0, "netflix": 0.5}
    assert shares.loc[c.DATE_ADDED].to_dict() == {"amazon": 1.0, "disney": 0.0, "netflix": 0.0}
    assert c.RELEASE_YEAR not in shares.index
    assert shares.index[0] == c.DIRECTOR  # 2 of 6 missing, first in the order of the columns


def test_missing_shares_of_complete_titles_are_empty(titles):
    complete = titles[titles[c.ID] == "ds1"].assign(**{c.DIRECTOR: "eve"})
    assert tables.missing_shares(complete).empty


def test_top_values_count_each_title_once_and_break_ties_by_name(titles):
    top = tables.top_values(titles, c.LISTED_IN, 2)
    assert top.to_dict("records") == [
        {"value": "drama", "n_titles": 3},
        {"value": "kids", "n_titles": 2},
    ]
    assert tables.top_values(titles, c.COUNTRY, 5)["value"].tolist() == ["spain", "india"]


def test_top_certificates_show_the_imputed_ones(titles):
    assert tables.top_certificates(titles, 5).to_dict("records") == [
        {"value": "g", "n_titles": 4, "n_imputed": 2},
        {"value": "r", "n_titles": 2, "n_imputed": 0},
    ]


@pytest.mark.parametrize("column", [c.CAST, c.COUNTRY, c.LISTED_IN])
def test_top_values_of_an_empty_column_are_empty(titles, column):
    titles[column] = pd.Series(None, index=titles.index, dtype="str")
    assert tables.top_values(titles, column, 5).empty
