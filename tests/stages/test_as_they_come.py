"""Folders of other tables than published, through the cleaning of a run."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.paths import Paths
from cartelera.platforms import PUBLISHED
from cartelera.stages import etl

TITLE_HEADER = ",".join(c.RAW_TITLE_COLUMNS)


def film(show_id: str, title: str) -> dict[str, str]:
    empty = dict.fromkeys(c.RAW_TITLE_COLUMNS, "")
    return empty | {"show_id": show_id, "type": "Movie", "title": title, "release_year": "2001"}


def catalogue(*films: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(films)


@pytest.fixture
def paths(tmp_path) -> Paths:
    paths = Paths(tmp_path / "data")
    (paths.raw / c.RATINGS_FOLDER).mkdir(parents=True)
    return paths


def write_scored(raw: Path) -> None:
    """Write what notebooks leave: a score beside the columns, ids with the initial or without."""
    for place, (name, file) in enumerate(PUBLISHED.files.items()):
        initial = PUBLISHED[name].initial if name in ("amazon", "netflix") else ""
        frame = catalogue(
            film(f"{initial}s1", f"One of {name}"), film(f"{initial}s2", f"Two {name}")
        )
        frame.assign(score=3.5 + place / 10).to_csv(
            raw / file.replace(".csv", "-score.csv"), index=False
        )


def test_the_four_scored_catalogues_of_notebooks_are_taken(paths):
    write_scored(paths.raw)
    (paths.raw / "ratings" / "1.csv").write_text(
        "userId,scored,timestamp,movieId\n1,4.0,1500000000000,as1\n2,3.5,1500000001000,hs2\n"
    )
    etl.run(compose(), paths)

    titles = pd.read_parquet(paths.clean_titles)
    assert titles[c.ID].to_list() == ["as1", "as2", "ds1", "ds2", "hs1", "hs2", "ns1", "ns2"]
    ratings = pd.read_parquet(paths.clean_ratings)
    assert ratings.to_numpy().tolist() == [
        [1, "as1", 4.0, 1_500_000_000, False],
        [2, "hs2", 3.5, 1_500_000_001, False],
    ]
    report = json.loads((paths.reports / "etl.json").read_text())
    assert report["read_as"]["amazon_prime_titles-score.csv"] == [
        "holds columns left out: score",
        "has title ids as show_id, such as as1; they stay so.",
    ]
    assert report["read_as"]["ratings/1.csv"] == [
        "has columns that are read so: scored as rating.",
        "has timestamps in milliseconds; they are read as such.",
    ]
    assert report["titles"]["total"] == {"read": 8, "clean": 8, "dropped": 0, "rejected": 0}


def test_every_row_of_other_tables_is_accounted_for_with_its_place(paths):
    films = catalogue(film("81145628", "One"), film("81145629", ""), film("81145628", "One"))
    films.to_parquet(paths.raw / "netflix_titles.parquet")
    records = [film("D1", "Two"), film("D2", "Three") | {"release_year": "?"}]
    (paths.raw / "disney_plus_titles.json").write_text(json.dumps(records))
    packed = catalogue(film("31", "Four")).to_csv(index=False)
    (paths.raw / "hulu_titles.csv.gz").write_bytes(gzip.compress(packed.encode()))
    catalogue(film("s1", "Five")).to_csv(paths.raw / "amazon_prime_titles.csv", index=False)
    pd.DataFrame(
        {"user_id": [1, 2], "rating": [4.0, 9.0], "timestamp": [5, 6], "movie_id": [31, 81145628]}
    ).to_parquet(paths.raw / "ratings" / "1.parquet")
    etl.run(compose(["etl.max_rejected=0.9"]), paths)

    titles = pd.read_parquet(paths.clean_titles)
    assert titles[c.ID].to_list() == ["as1", "dd1", "h31", "n81145628"]
    ratings = pd.read_parquet(paths.clean_ratings)
    assert ratings.to_numpy().tolist() == [[1, "h31", 4.0, 5, False]]

    def places(name: str) -> list[tuple[str, int]]:
        rows = pd.read_csv(paths.clean / f"{name}.csv")
        return list(zip(rows[c.SOURCE_FILE], rows[c.LINE], strict=True))

    assert places("rejected_titles") == [
        ("disney_plus_titles.json", 2),
        ("netflix_titles.parquet", 2),
    ]
    assert places("dropped_titles") == [("netflix_titles.parquet", 3)]
    assert places("rejected_ratings") == [("ratings/1.parquet", 2)]


def test_names_of_columns_and_the_form_of_ids_can_be_set(paths):
    for name, file in PUBLISHED.files.items():
        frame = catalogue(film("x-1", f"One of {name}"), film("7b", f"Two of {name}"))
        frame.rename(columns={"show_id": "code", "rating": "label"}).assign(label="PG").to_csv(
            paths.raw / file, index=False
        )
    (paths.raw / "ratings" / "1.csv").write_text(
        "who,rating,timestamp,movieId\n1,4.0,1500000000,hx-1\n"
    )
    settings = [
        "etl.columns.show_id=code",
        "etl.columns.certificate=label",
        "etl.columns.userId=who",
        "etl.id_pattern='[a-z0-9-]+'",
    ]
    etl.run(compose(settings), paths)

    titles = pd.read_parquet(paths.clean_titles)
    assert titles[c.ID].to_list()[:2] == ["ax-1", "a7b"]
    assert set(titles[c.CERTIFICATE]) == {"pg"}
    assert pd.read_parquet(paths.clean_ratings)[c.TITLE_ID].to_list() == ["hx-1"]
