"""Files as people have them: other endings, names that notebooks and file managers add to."""

from pathlib import Path

import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.platforms import PUBLISHED
from cartelera.raw_files import find_raw_files


@pytest.fixture
def folder(tmp_path) -> Path:
    for name in PUBLISHED.files.values():
        (tmp_path / name).write_text("titles")
    (tmp_path / c.RATINGS_FOLDER).mkdir()
    (tmp_path / c.RATINGS_FOLDER / "1.csv").write_text("ratings")
    return tmp_path


def test_the_files_that_notebooks_of_these_catalogues_end_in_are_found(folder):
    for file in PUBLISHED.files.values():
        (folder / file).rename(folder / file.replace(".csv", "-score.csv"))
    (folder / "hulu_titles-score.csv").rename(folder / "hulu_titles-score (2) copy.csv")

    assert {name: path.name for name, path in find_raw_files(folder).catalogues.items()} == {
        "amazon": "amazon_prime_titles-score.csv",
        "disney": "disney_plus_titles-score.csv",
        "hulu": "hulu_titles-score (2) copy.csv",
        "netflix": "netflix_titles-score.csv",
    }


@pytest.mark.parametrize(
    "name",
    [
        "netflix_titles.json",
        "netflix_titles.csv.gz",
        "netflix_titles.parquet",
        "netflix_titles.xlsx",
        "Netflix_Titles.CSV",
        "netflix_titles_score.csv",
        "netflix_titles (1).tsv",
    ],
)
def test_other_endings_are_found(folder, name):
    (folder / "netflix_titles.csv").rename(folder / name)
    assert find_raw_files(folder).catalogues["netflix"].name == name


def test_the_very_name_counts_before_others(folder):
    (folder / "netflix_titles-score.csv").write_text("other titles")
    assert find_raw_files(folder).catalogues["netflix"].name == "netflix_titles.csv"


def test_one_of_two_is_not_guessed(folder):
    (folder / "netflix_titles.csv").rename(folder / "netflix_titles-score.csv")
    (folder / "netflix_titles.json").write_text("other titles")
    with pytest.raises(InputError) as refused:
        find_raw_files(folder)
    message = str(refused.value)
    assert "holds netflix_titles-score.csv and netflix_titles.json" in message
    assert "catalogue.platforms.netflix.file='netflix_titles-score.csv'" in message


@pytest.mark.parametrize("name", ["netflix.csv", "netflix titels.csv", "netflix_catalog.csv"])
def test_a_missing_file_is_told_with_the_nearest_and_the_setting(folder, name):
    (folder / "netflix_titles.csv").rename(folder / name)
    with pytest.raises(InputError, match=r"lacks netflix_titles\.csv") as refused:
        find_raw_files(folder)
    assert f"Then say catalogue.platforms.netflix.file={name!r}." in str(refused.value)


def test_a_misspelt_catalogue_is_told_with_the_nearest(folder):
    (folder / "netflix_titles.csv").rename(folder / "netfilx_titles.csv")
    with pytest.raises(InputError, match=r"unknown platform.* Is it netflix_titles\?"):
        find_raw_files(folder)


@pytest.mark.parametrize(
    "name", ["1.csv.gz", "1.CSV", "1.parquet", "1.json", "1.xlsx", "part-0001.csv.xz"]
)
def test_ratings_may_be_written_otherwise(folder, name):
    (folder / "ratings" / "1.csv").rename(folder / "ratings" / name)
    assert [path.name for path in find_raw_files(folder).ratings] == [name]


@pytest.mark.parametrize("name", ["ratings.csv", "Ratings.parquet", "ratings.csv.gz"])
def test_ratings_may_stand_in_one_file_beside_the_catalogues(folder, name):
    (folder / "ratings" / "1.csv").rename(folder / name)
    (folder / "ratings" / "feedback-ratings.csv").write_text("received")
    assert list(find_raw_files(folder).by_name)[4:] == [name, "ratings/feedback-ratings.csv"]


def test_a_file_beside_a_folder_of_ratings_is_left_alone(folder):
    (folder / "ratings.csv").write_text("all of them once more")
    assert list(find_raw_files(folder).by_name)[4:] == ["ratings/1.csv"]
