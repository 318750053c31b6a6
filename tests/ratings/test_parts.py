import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.ratings import parts
from cartelera.ratings.parts import join_csv, join_parquet, write_arrow, write_csv


@pytest.fixture
def ratings():
    n = np.arange(1, 12)
    return pd.DataFrame(
        {
            c.USER_ID: n * 10**12,
            c.TITLE_ID: pd.Series([f"hs-{number}" for number in n], dtype="str"),
            c.RATING: n / 2,
            c.TIMESTAMP: 4_102_444_799 - n,
            c.IS_RECEIVED: n % 3 == 0,
        }
    )


def test_a_file_of_ratings_is_the_one_that_pandas_writes(ratings, tmp_path):
    write_csv(ratings, tmp_path / "ratings.csv", with_header=True)
    expected = ratings[list(c.CLEAN_RATING_COLUMNS)].to_csv(index=False, lineterminator="\n")
    assert (tmp_path / "ratings.csv").read_text() == expected


def test_parts_are_joined_to_the_files_of_all_ratings(ratings, tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_ROWS_OF_A_GROUP", 4)
    cuts = [ratings[:3], ratings[3:3], ratings[3:9], ratings[9:]]
    for number, part in enumerate(cuts):
        write_csv(part, tmp_path / f"csv-{number}")
        write_arrow(part, tmp_path / f"arrow-{number}")

    join_csv([tmp_path / f"csv-{number}" for number in range(4)], tmp_path / "joined.csv")
    join_parquet([tmp_path / f"arrow-{number}" for number in range(4)], tmp_path / "joined.parquet")

    write_csv(ratings, tmp_path / "whole.csv", with_header=True)
    ratings.to_parquet(tmp_path / "whole.parquet", index=False, row_group_size=4)
    for kind in ("csv", "parquet"):
        joined, whole = (tmp_path / f"{name}.{kind}" for name in ("joined", "whole"))
        assert joined.read_bytes() == whole.read_bytes()
