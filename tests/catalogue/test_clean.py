import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera import schemas
from cartelera.account import Count
from cartelera.catalogue.clean import clean_catalogue
from cartelera.catalogue.text import NULL_WORDS
from cartelera.nulled import NulledCells, Why


@pytest.fixture
def clean_one(raw_titles):
    """Clean one row that differs from a sound one, which must not be rejected."""

    def clean(**cells: str):
        return clean_catalogue(raw_titles(cells), c.NETFLIX).clean.iloc[0]

    return clean


@pytest.fixture
def reasons_of(raw_titles):
    def reasons(*rows: dict[str, str], **settings):
        return list(clean_catalogue(raw_titles(*rows), c.NETFLIX, **settings).rejected[c.REASON])

    return reasons


def test_a_sound_row_comes_out_clean(raw_titles):
    clean = clean_catalogue(raw_titles({}), c.NETFLIX).clean
    assert clean.to_dict("records") == [
        {
            c.ID: "ns1",
            c.WORK_ID: "ns1",
            c.PLATFORM: "netflix",
            c.TYPE: "movie",
            c.TITLE: "the film",
            c.DISPLAY_TITLE: "The Film",
            c.DIRECTOR: "ann lee",
            c.CAST: "bob ray, cy young",
            c.COUNTRY: "spain",
            c.DATE_ADDED: "2021-03-30",
            c.RELEASE_YEAR: 2014,
            c.CERTIFICATE: "pg-13",
            c.CERTIFICATE_IMPUTED: False,
            c.DURATION_INT: 113,
            c.DURATION_TYPE: "min",
            c.LISTED_IN: "comedy, drama",
            c.DESCRIPTION: "a village.",
            c.DISPLAY_DIRECTOR: "Ann Lee",
            c.DISPLAY_CAST: "Bob Ray, Cy Young",
            c.DISPLAY_DESCRIPTION: "A village.",
        }
    ]
    schemas.validate(clean, schemas.CLEAN_TITLES, "titles")


@pytest.mark.parametrize(
    "column",
    [c.DIRECTOR, c.CAST, c.COUNTRY, c.DATE_ADDED, c.DURATION, c.LISTED_IN, c.DESCRIPTION],
)
def test_an_empty_cell_is_null(raw_titles, column):
    cleaned = clean_catalogue(raw_titles({column: " "}), c.HULU)
    schemas.validate(cleaned.clean, schemas.CLEAN_TITLES, "titles")
    nulls = set(cleaned.clean.columns[cleaned.clean.isna().any()])
    expected = {column} | ({c.DISPLAY_COLUMNS[column]} if column in c.DISPLAY_COLUMNS else set())
    assert nulls == ({c.DURATION_INT, c.DURATION_TYPE} if column == c.DURATION else expected)


def test_titles_keep_their_spelling_beside_the_lower_case(clean_one):
    row = clean_one(title=" İstanbul\u00a0\nNIGHTS\u200b ")
    assert (row[c.TITLE], row[c.DISPLAY_TITLE]) == ("istanbul nights", "İstanbul NIGHTS")


@pytest.mark.parametrize(
    ("published", "length", "unit"),
    [("1 Season", 1, "season"), ("12 Seasons", 12, "season"), ("601 min", 601, "min")],
)
def test_durations_are_split(clean_one, published, length, unit):
    row = clean_one(duration=published)
    assert (row[c.DURATION_INT], row[c.DURATION_TYPE]) == (length, unit)


def test_a_length_of_0_is_no_length(clean_one):
    row = clean_one(duration="0 min")
    assert pd.isna(row[c.DURATION_INT])
    assert pd.isna(row[c.DURATION_TYPE])


@pytest.mark.parametrize(
    ("published", "length", "unit"), [("94 min", 94, "min"), ("1 Season", 1, "season")]
)
def test_a_duration_among_the_certificates_is_moved_back(clean_one, published, length, unit):
    row = clean_one(rating=published, duration="")
    assert (row[c.DURATION_INT], row[c.DURATION_TYPE]) == (length, unit)
    assert (row[c.CERTIFICATE], row[c.CERTIFICATE_IMPUTED]) == ("g", True)


def test_a_misplaced_duration_does_not_replace_a_known_one(clean_one):
    row = clean_one(rating="94 min", duration="90 min")
    assert (row[c.DURATION_INT], row[c.CERTIFICATE_IMPUTED]) == (90, True)


def test_the_repair_can_be_switched_off(raw_titles):
    raw = raw_titles({c.CERTIFICATE: "94 min", c.DURATION: ""})
    row = clean_catalogue(raw, c.HULU, repair_durations=False).clean.iloc[0]
    assert pd.isna(row[c.DURATION_INT])
    assert (row[c.CERTIFICATE], row[c.CERTIFICATE_IMPUTED]) == ("94 min", False)


def test_a_missing_certificate_is_imputed_and_marked(clean_one):
    missing, published = clean_one(rating=""), clean_one(rating="G")
    assert (missing[c.CERTIFICATE], missing[c.CERTIFICATE_IMPUTED]) == ("g", True)
    assert (published[c.CERTIFICATE], published[c.CERTIFICATE_IMPUTED]) == ("g", False)


def test_lists_lose_stray_commas_and_names_without_a_letter(clean_one):
    row = clean_one(
        cast="1", director="1, Ann\u00a0Lee,", country=", France, Algeria", listed_in="A,,B"
    )
    assert pd.isna(row[c.CAST])
    assert row[c.DIRECTOR] == "ann lee"
    assert row[c.COUNTRY] == "france, algeria"
    assert row[c.LISTED_IN] == "a, b"


@pytest.mark.parametrize("column", [c.CAST, c.DIRECTOR])
def test_suffixes_belong_to_names_and_words_for_nobody_name_nobody(clean_one, column):
    row = clean_one(**{column: "Ann Lee, Jr., Various, Bob,  II"})
    assert row[column] == "ann lee jr., bob ii"
    for nobody in ("None", "NaN", "N/A", "Not Available, Unknown"):
        assert pd.isna(clean_one(**{column: nobody})[column])


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        (c.SHOW_ID, "", "show_id is missing"),
        (c.SHOW_ID, "12", "show_id is not of the form s123: '12'"),
        (c.SHOW_ID, "s1; drop", "show_id is not of the form s123: 's1; drop'"),
        (c.TYPE, "Opera", "type is neither movie nor tv show: 'Opera'"),
        (c.TITLE, " \u200b", "title is empty: ' \\u200b'"),
        (c.RELEASE_YEAR, "", "release_year is not a whole number: ''"),
        (c.RELEASE_YEAR, "20x4", "release_year is not a whole number: '20x4'"),
        (c.RELEASE_YEAR, "2014.5", "release_year is not a whole number: '2014.5'"),
        (c.RELEASE_YEAR, "1869", "release_year is not in 1870 to 2035: '1869'"),
        (c.RELEASE_YEAR, "2036", "release_year is not in 1870 to 2035: '2036'"),
    ],
)
def test_a_broken_row_is_rejected_with_its_reason(raw_titles, column, value, reason):
    cleaned = clean_catalogue(raw_titles({}, {column: value}), c.NETFLIX)
    assert list(cleaned.clean[c.ID]) == ["ns1"]
    rejected = cleaned.rejected.iloc[0]
    assert rejected[c.REASON] == reason
    assert (rejected[c.SOURCE_FILE], rejected[c.LINE]) == ("x_titles.csv", 3)
    assert rejected[column] == value


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (c.DATE_ADDED, "February 30, 2020"),
        (c.DATE_ADDED, "soon"),
        (c.DATE_ADDED, "3/4/2021"),
        (c.DURATION, "90 minutes"),
        (c.DURATION, "-5 min"),
    ],
)
def test_an_optional_cell_that_cannot_be_read_is_null_and_noted(raw_titles, column, value):
    cleaned = clean_catalogue(raw_titles({}, {column: value}, {column: value}), c.NETFLIX)
    schemas.validate(cleaned.clean, schemas.CLEAN_TITLES, "titles")
    assert cleaned.total == Count(read=3, clean=3, dropped=0, rejected=0)
    of_clean = c.DURATION_INT if column == c.DURATION else column
    assert list(cleaned.clean[of_clean].isna()) == [False, True, True]
    assert cleaned.nulled == (NulledCells("x_titles.csv", column, Why.unreadable, 2, 3, value),)


def test_cells_of_rows_that_are_rejected_are_not_noted(raw_titles):
    raw = raw_titles({c.TYPE: "?", c.DATE_ADDED: "soon", c.CAST: "nan"})
    assert clean_catalogue(raw, c.NETFLIX).nulled == ()


def test_a_misplaced_duration_replaces_one_that_cannot_be_read(raw_titles):
    cleaned = clean_catalogue(raw_titles({c.CERTIFICATE: "94 min", c.DURATION: "nan"}), c.HULU)
    assert cleaned.clean[c.DURATION_INT].item() == 94
    cleaned = clean_catalogue(raw_titles({c.CERTIFICATE: "94 min", c.DURATION: "long"}), c.HULU)
    assert cleaned.clean[c.DURATION_INT].item() == 94
    assert [noted.column for noted in cleaned.nulled] == [c.DURATION]


@pytest.mark.parametrize(
    "column",
    [c.DIRECTOR, c.CAST, c.COUNTRY, c.DATE_ADDED, c.DURATION, c.LISTED_IN, c.DESCRIPTION],
)
@pytest.mark.parametrize("word", [*sorted(NULL_WORDS), " NaN\u00a0", "Not  Given", "UNKNOWN"])
def test_a_word_that_means_nothing_is_null_and_noted(raw_titles, column, word):
    cleaned = clean_catalogue(raw_titles({column: word}), c.HULU)
    schemas.validate(cleaned.clean, schemas.CLEAN_TITLES, "titles")
    of_clean = c.DURATION_INT if column == c.DURATION else column
    assert pd.isna(cleaned.clean[of_clean].item())
    assert cleaned.nulled == (NulledCells("x_titles.csv", column, Why.null_word, 1, 2, word),)


def test_a_certificate_that_means_nothing_is_imputed_and_marked(raw_titles):
    cleaned = clean_catalogue(raw_titles({c.CERTIFICATE: "NaN"}), c.HULU)
    row = cleaned.clean.iloc[0]
    assert (row[c.CERTIFICATE], row[c.CERTIFICATE_IMPUTED]) == ("g", True)
    assert [noted.column for noted in cleaned.nulled] == [c.CERTIFICATE]


@pytest.mark.parametrize("title", ["Unknown", "NaN", "None", "--"])
def test_a_title_may_be_called_so(clean_one, title):
    assert clean_one(title=title)[c.DISPLAY_TITLE] == title


def test_the_words_that_mean_nothing_can_be_set(raw_titles):
    raw = raw_titles({c.COUNTRY: "n/d", c.CAST: "Ann, N/D, unknown", c.LISTED_IN: "unknown"})
    row = clean_catalogue(raw, c.HULU, null_words=["N/D"]).clean.iloc[0]
    assert pd.isna(row[c.COUNTRY])
    assert (row[c.CAST], row[c.LISTED_IN]) == ("ann", "unknown")


@pytest.mark.parametrize("year", ["1870", "2035", "2014.0"])
def test_years_at_the_bounds_are_believed(clean_one, year):
    assert clean_one(release_year=year)[c.RELEASE_YEAR] == int(float(year))


def test_the_believed_years_can_be_set(reasons_of):
    reasons = reasons_of({}, {c.RELEASE_YEAR: "1999"}, earliest_year=2000, latest_year=2020)
    assert reasons == ["release_year is not in 2000 to 2020: '1999'"]


def test_an_exact_repeat_is_dropped_and_a_contradiction_rejected(raw_titles):
    raw = raw_titles({}, {c.SHOW_ID: "s1"}, {c.SHOW_ID: "s1", c.TITLE: "Another"})
    cleaned = clean_catalogue(raw, c.NETFLIX)
    assert cleaned.total == Count(read=3, clean=1, dropped=1, rejected=1)
    assert list(cleaned.clean[c.TITLE]) == ["the film"]
    assert list(cleaned.dropped[c.LINE]) == [3]
    assert cleaned.rejected[c.REASON].item().startswith("show_id stands in an earlier row")


def test_a_broken_row_does_not_block_a_later_one_with_its_id(raw_titles):
    raw = raw_titles({c.RELEASE_YEAR: "?"}, {c.SHOW_ID: "s1"})
    cleaned = clean_catalogue(raw, c.NETFLIX)
    assert list(cleaned.clean[c.ID]) == ["ns1"]
    assert list(cleaned.rejected[c.LINE]) == [2]


CELLS = {
    c.SHOW_ID: st.sampled_from(["s1", "s2", "s3", "", "x"]),
    c.TYPE: st.sampled_from(["Movie", "TV Show", "tv  show ", "?"]),
    c.TITLE: st.text(max_size=5),
    c.CAST: st.sampled_from(["", "1", "Ann,, Bob", ","]),
    c.DATE_ADDED: st.sampled_from(["", " May 5, 2020", "2020-05-05", "x", "3/4/21", "nan"]),
    c.RELEASE_YEAR: st.sampled_from(["2000", "1", "", "x", "2000.0"]),
    c.CERTIFICATE: st.sampled_from(["", "PG", "90 min", "Unknown"]),
    c.DURATION: st.sampled_from(["", "0 min", "2 Seasons", "long"]),
}


@settings(max_examples=25)
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=8))
def test_whatever_comes_in_is_accounted_for_and_clean(rows):
    raw = pd.DataFrame(rows, dtype="str").reindex(columns=c.RAW_TITLE_COLUMNS, fill_value="")
    raw = raw.astype("str").assign(
        source_file=pd.Categorical(["f"] * len(rows)), line=range(2, len(rows) + 2)
    )
    cleaned = clean_catalogue(raw, c.DISNEY)
    schemas.validate(cleaned.clean, schemas.CLEAN_TITLES, "titles")
    kept = set(raw.loc[cleaned.clean.index, c.LINE])
    lines = [*kept, *cleaned.dropped[c.LINE], *cleaned.rejected[c.LINE]]
    assert sorted(lines) == list(raw[c.LINE])
    assert cleaned.total.read == len(rows)
