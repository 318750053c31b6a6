import json
from pathlib import Path

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.errors import InputError
from cartelera.files import sha256
from cartelera.paths import Paths
from cartelera.platforms import PUBLISHED
from cartelera.stages import etl

TITLE_HEADER = ",".join(c.RAW_TITLE_COLUMNS)
RATING_HEADER = ",".join(c.RAW_RATING_COLUMNS)
CATALOGUES = {
    c.AMAZON: [
        's1,Movie,"One, Two",Ann,"Bob, 1",Spain,"March 30, 2021",2014,,113 min,Drama,Text',
        "s2,Movie,Zero,,,,,2015,PG,0 min,Drama,Text",
    ],
    c.DISNEY: ["s1,TV Show,Three,,,,,2016,TV-G,2 Seasons,Drama,Text"],
    c.HULU: ["s1,Movie,Four,,,,,2017,94 min,,Drama,Text"],
    c.NETFLIX: [
        's1,Movie,Five,,,", France",,2018,R,90 min,Drama,"two\nlines"',
        "s2,Movie,Six,,,,,someday,R,90 min,Drama,Text",
        "s1,Movie,Five again,,,,,2018,R,90 min,Drama,Text",
    ],
}
RATINGS = {
    "1.csv": ["1,4.0,100,as1", "1,4.0,100,as1", "2,3.5,100,ns1"],
    "2.csv": ["1,2.0,200,as1", "2,5.0,1,xs9", "3,4.4,1,as1"],
}
TOLERANT = "etl.max_rejected=0.9"


@pytest.fixture
def paths(tmp_path) -> Paths:
    paths = Paths(tmp_path / "data")
    (paths.raw / "ratings").mkdir(parents=True)
    for platform, rows in CATALOGUES.items():
        write_rows(paths.raw / PUBLISHED.files[platform], TITLE_HEADER, rows)
    for name, rows in RATINGS.items():
        write_rows(paths.raw / "ratings" / name, RATING_HEADER, rows)
    return paths


def write_rows(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "raw" not in path.relative_to(folder).parts
    }


def test_clean_tables_and_their_parquet_twins(paths):
    etl.run(compose([TOLERANT]), paths)
    titles = pd.read_parquet(paths.clean_titles)
    assert list(titles[c.ID]) == ["as1", "as2", "ds1", "hs1", "ns1"]
    assert titles.loc[0, c.CAST] == "bob"
    assert titles[c.DURATION_INT].to_list() == [113, pd.NA, 2, 94, 90]
    assert (paths.clean / "ratings.csv").read_text() == (
        "user_id,title_id,rating,timestamp\n1,as1,2.0,200\n2,ns1,3.5,100\n"
    )
    twin = pd.read_csv(
        paths.clean / "titles.csv",
        keep_default_na=False,
        na_values=[""],
        dtype={c.DURATION_INT: "Int64"},
    )
    pd.testing.assert_frame_equal(twin, titles, check_dtype=False)
    ratings = pd.read_parquet(paths.clean_ratings)
    assert not ratings.pop(c.IS_RECEIVED).any()
    pd.testing.assert_frame_equal(pd.read_csv(paths.clean / "ratings.csv"), ratings)


def test_every_row_that_is_not_clean_is_written_with_its_place_and_reason(paths):
    etl.run(compose([TOLERANT]), paths)

    def places(name: str) -> list[tuple[str, int, str]]:
        rows = pd.read_csv(paths.clean / f"{name}.csv")
        return list(zip(rows[c.SOURCE_FILE], rows[c.LINE], rows[c.REASON], strict=True))

    assert places("rejected_titles") == [
        ("netflix_titles.csv", 4, "release_year is not a whole number: 'someday'"),
        ("netflix_titles.csv", 5, "show_id stands in an earlier row with different content: 's1'"),
    ]
    assert places("rejected_ratings") == [
        ("ratings/2.csv", 3, "movieId is in no catalogue: 'xs9'"),
        ("ratings/2.csv", 4, "rating is off the grid of 0.5: '4.4'"),
    ]
    assert places("dropped_ratings") == [
        ("ratings/1.csv", 2, "exact repeat of a later row"),
        ("ratings/1.csv", 3, "a later rating of the same user and title counts"),
    ]
    assert places("dropped_titles") == []


def test_a_rating_from_the_future_does_not_become_the_latest(paths):
    rows = [*RATINGS["1.csv"], "9,4.0,4070908800,ns1"]
    write_rows(paths.raw / "ratings" / "1.csv", RATING_HEADER, rows)

    etl.run(compose([TOLERANT]), paths)

    assert 9 not in set(pd.read_parquet(paths.clean_ratings)[c.USER_ID])
    rejected = pd.read_csv(paths.clean / "rejected_ratings.csv")
    assert "timestamp is in the future: '4070908800'" in set(rejected[c.REASON])


def test_raw_cells_survive_in_the_rejected_rows(paths):
    row = 's9,Movie,"a\rb ""c""\nd",,,,,x,R,90 min,Drama,Text'
    write_rows(paths.raw / "netflix_titles.csv", TITLE_HEADER, [*CATALOGUES[c.NETFLIX], row])
    etl.run(compose([TOLERANT]), paths)
    with (paths.clean / "rejected_titles.csv").open(newline="") as file:
        rejected = pd.read_csv(file, lineterminator="\n")
    assert rejected[c.TITLE].to_list()[-1] == 'a\rb "c"\nd'


def test_the_account_adds_up_and_names_the_raw_files(paths):
    etl.run(compose([TOLERANT]), paths)
    report = json.loads((paths.reports / "etl.json").read_text())
    assert report["titles"]["total"] == {"read": 7, "clean": 5, "dropped": 0, "rejected": 2}
    assert report["ratings"]["total"] == {"read": 6, "clean": 2, "dropped": 2, "rejected": 2}
    assert report["ratings"]["files"]["ratings/2.csv"] == {
        "read": 3,
        "clean": 1,
        "dropped": 0,
        "rejected": 2,
    }
    assert report["ratings"]["rejected"] == {
        "movieId is in no catalogue": 1,
        "rating is off the grid of 0.5": 1,
    }
    assert (report["ratings"]["users"], report["ratings"]["rated_titles"]) == (2, 2)
    platforms = report["titles"]["platforms"]
    assert platforms["hulu"]["durations_repaired"] == {"min": 1, "season": 0}
    assert platforms["amazon"]["flaws"]["durations_of_0"] == 1
    assert platforms["netflix"]["flaws"]["country_with_stray_comma"] == 1
    assert report["raw_files"]["ratings/1.csv"] == sha256(paths.raw / "ratings" / "1.csv")
    assert len(report["raw_files"]) == 6


def test_optional_cells_that_cannot_be_read_cost_no_row_and_are_counted(paths, caplog):
    rows = [
        "s1,Movie,One,nan,Unknown,,someday,2018,R,90 min,Drama,Text",
        "s2,Movie,Two,,N/A,,3/4/2021,2018,R,long,Drama,Text",
        "s3,Movie,Nan,,Ida,,25-Sep-21,2018,none,90 min,Drama,Text",
    ]
    write_rows(paths.raw / "netflix_titles.csv", TITLE_HEADER, rows)
    etl.run(compose([TOLERANT]), paths)

    report = json.loads((paths.reports / "etl.json").read_text())["titles"]
    assert report["total"] == {"read": 7, "clean": 7, "dropped": 0, "rejected": 0}
    assert report["unreadable_cells"] == {"netflix_titles.csv": {c.DATE_ADDED: 2, c.DURATION: 1}}
    assert report["null_words"] == {
        "netflix_titles.csv": {c.DIRECTOR: 1, c.CAST: 2, c.CERTIFICATE: 1}
    }
    warned = [message for message in caplog.messages if "cannot be read" in message]
    assert [message.split(". ")[0] for message in warned] == [
        "netflix_titles.csv: 2 cells of column date_added cannot be read and count as missing, "
        "the first on line 2: 'someday'",
        "netflix_titles.csv: 1 cell of column duration cannot be read and count as missing, "
        "the first on line 3: 'long'",
    ]
    titles = pd.read_parquet(paths.clean_titles).set_index(c.ID)
    assert titles.loc["ns3", c.DATE_ADDED] == "2021-09-25"
    assert titles.loc["ns3", c.TITLE] == "nan"


def test_settings_reach_the_cleaning(paths):
    etl.run(
        compose(
            [
                "etl.max_rejected=0.9",
                "etl.repair_durations=false",
                "etl.rating_step=0.1",
                "etl.null_words=[Spain]",
            ]
        ),
        paths,
    )
    titles = pd.read_parquet(paths.clean_titles).set_index(c.ID)
    assert pd.isna(titles.loc["as1", c.COUNTRY])
    assert titles.loc["hs1", c.CERTIFICATE] == "94 min"
    assert 4.4 in set(pd.read_parquet(paths.clean_ratings)[c.RATING])


def test_runs_again_to_the_same_bytes(paths):
    etl.run(compose([TOLERANT]), paths)
    first = contents(paths.root)
    etl.run(compose([TOLERANT]), paths)
    assert contents(paths.root) == first
    assert set(first) == {
        "clean/titles.csv",
        "clean/titles.parquet",
        "clean/ratings.csv",
        "clean/ratings.parquet",
        "clean/received_ratings.parquet",
        "clean/rejected_titles.csv",
        "clean/rejected_ratings.csv",
        "clean/dropped_titles.csv",
        "clean/dropped_ratings.csv",
        "reports/etl.json",
    }


def test_too_many_rejected_rows_stop_the_stage_with_nothing_left_behind(paths):
    with pytest.raises(InputError) as refused:
        etl.run(compose(), paths)
    message = str(refused.value)
    assert "2 of 7 titles (28.57%) are rejected" in message
    assert "netflix_titles.csv:4: release_year is not a whole number: 'someday'" in message
    assert "etl.max_rejected=0.667" in message
    assert contents(paths.root) == {}


def test_a_failed_run_leaves_the_last_good_one(paths):
    etl.run(compose([TOLERANT]), paths)
    good = contents(paths.root)
    (paths.raw / "hulu_titles.csv").write_text("show_id\ns1\n")
    with pytest.raises(InputError, match=r"hulu_titles\.csv, line 1: column type, title"):
        etl.run(compose([TOLERANT]), paths)
    assert contents(paths.root) == good


def test_raw_files_that_change_under_way_are_refused(paths, monkeypatch):
    honest_clean = etl.clean_by_range

    def clean_while_someone_writes(files, *others):
        ratings = honest_clean(files, *others)
        with files["ratings/1.csv"].open("a") as file:
            file.write("9,4.0,1,as1\n")
        return ratings

    monkeypatch.setattr(etl, "clean_by_range", clean_while_someone_writes)
    with pytest.raises(InputError, match=r"ratings/1\.csv changed while being read"):
        etl.run(compose([TOLERANT]), paths)
    assert contents(paths.root) == {}
