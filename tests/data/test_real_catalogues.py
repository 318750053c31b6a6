import pandas as pd
import pytest

from cartelera import columns as c
from cartelera import schemas
from cartelera.account import Count
from cartelera.accounting import Cleaned
from cartelera.catalogue.clean import clean_catalogue
from cartelera.catalogue.quirks import describe
from cartelera.nulled import Why
from cartelera.platforms import PUBLISHED
from cartelera.ratings.clean import clean_ratings
from cartelera.raw import read_ratings


@pytest.fixture(scope="module")
def titles(real_titles) -> pd.DataFrame:
    return Cleaned.union(list(real_titles.values())).clean


@pytest.fixture(scope="module")
def described(real_catalogues, real_titles):
    return {
        platform: describe(raw, real_titles[platform].clean)
        for platform, raw in real_catalogues.items()
    }


def test_all_titles_come_through(titles, real_titles):
    assert len(titles) == 22_998
    assert (titles[c.TYPE] == c.MOVIE).sum() == 16_481
    assert {platform: cleaned.total for platform, cleaned in real_titles.items()} == {
        c.AMAZON: Count(9_668, 9_668, 0, 0),
        c.DISNEY: Count(1_450, 1_450, 0, 0),
        c.HULU: Count(3_073, 3_073, 0, 0),
        c.NETFLIX: Count(8_807, 8_807, 0, 0),
    }
    schemas.validate(titles, schemas.CLEAN_TITLES, "titles")


def test_known_flaws_are_found_and_repaired(described):
    assert described[c.HULU]["durations_repaired"] == {c.MINUTES: 230, c.SEASONS: 62}
    assert described[c.NETFLIX]["durations_repaired"] == {c.MINUTES: 3, c.SEASONS: 0}
    assert described[c.NETFLIX]["flaws"]["dates_with_outer_space"] == 88
    assert described[c.AMAZON]["flaws"]["durations_of_0"] == 10
    assert described[c.AMAZON]["flaws"]["cast_with_name_without_letter"] == 35
    assert described[c.AMAZON]["flaws"]["director_with_word_for_nobody"] == 4


def test_what_stays_unknown(described):
    assert described[c.HULU]["nulls"][c.CAST] == 3_073
    assert {p: d["nulls"][c.DURATION_INT] for p, d in described.items()} == {
        c.AMAZON: 10,
        c.DISNEY: 0,
        c.HULU: 187,
        c.NETFLIX: 0,
    }
    assert {p: d["nulls"][c.DATE_ADDED] for p, d in described.items()} == {
        c.AMAZON: 9_513,
        c.DISNEY: 3,
        c.HULU: 28,
        c.NETFLIX: 10,
    }
    assert {p: d["certificates_imputed"] for p, d in described.items()} == {
        c.AMAZON: 337,
        c.DISNEY: 3,
        c.HULU: 520 + 292,
        c.NETFLIX: 4 + 3,
    }


def test_one_cell_is_a_word_that_means_nothing_and_all_others_can_be_read(real_titles):
    (noted,) = Cleaned.union(list(real_titles.values())).nulled
    assert (noted.file, noted.column, noted.why) == (
        PUBLISHED.files[c.AMAZON],
        c.DIRECTOR,
        Why.null_word,
    )
    assert (noted.count, noted.value) == (1, "None")


def test_repaired_seasons_are_of_movies(real_titles, real_catalogues):
    clean = real_titles[c.HULU].clean
    moved = real_catalogues[c.HULU][c.DURATION] == ""
    repaired = clean[moved & clean[c.DURATION_INT].notna()]
    seasons = repaired[repaired[c.DURATION_TYPE] == c.SEASONS]
    assert (len(repaired), len(seasons), set(seasons[c.TYPE])) == (292, 62, {c.MOVIE})


def test_without_the_repair_hulu_lacks_more_durations(real_catalogues):
    cleaned = clean_catalogue(real_catalogues[c.HULU], c.HULU, repair_durations=False)
    assert cleaned.clean[c.DURATION_INT].isna().sum() == 479


@pytest.mark.parametrize(
    "column", [*c.DISPLAY_COLUMNS, *c.DISPLAY_COLUMNS.values(), c.COUNTRY, c.LISTED_IN]
)
def test_texts_are_clean(titles, column):
    texts = titles[column].dropna()
    assert not texts.str.contains(r"[\x00-\x1f\x7f-\xa0\u2000-\u200f\u2028\u3000\ufeff]").any()
    assert not texts.str.contains(r"^\s|\s$|\s\s|^$").any()
    if column not in c.DISPLAY_COLUMNS.values():
        assert (texts == texts.str.lower()).all()
    if column not in (c.TITLE, c.DISPLAY_TITLE, c.DESCRIPTION, c.DISPLAY_DESCRIPTION):
        assert not texts.str.contains(r"^,|,$|, ?,|,[^ ]").any()


def test_all_real_ratings_come_through(real_files, titles):
    cleaned = clean_ratings(read_ratings(real_files), titles[c.ID])
    assert cleaned.total == Count(28_644, 28_644, 0, 0)
    assert cleaned.clean[c.USER_ID].nunique() == 671
    assert cleaned.clean[c.TITLE_ID].nunique() == 1_750
    schemas.validate(cleaned.clean, schemas.clean_ratings(), "ratings")
