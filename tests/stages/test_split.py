from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.errors import InputError
from cartelera.files import read_json
from cartelera.paths import Paths
from cartelera.ratings.digest import split_digest
from cartelera.stages import split

CONF = Path(__file__).parents[2] / "conf"


@pytest.fixture(scope="module")
def config():
    return compose(["split.test_fraction=0.25"], conf=CONF)


@pytest.fixture
def ratings() -> pd.DataFrame:
    """8 ratings of each of 6 users; the last of each user is of a title nobody else rated."""
    users = np.repeat(np.arange(1, 7), 8)
    places = np.tile(np.arange(8), 6)
    return pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: [
                f"ns{user}00" if place == 7 else f"as{place}"
                for user, place in zip(users, places, strict=True)
            ],
            c.RATING: 0.5 + (users + places) % 10 / 2,
            c.TIMESTAMP: 1_000_000 + places,
        }
    )


@pytest.fixture
def paths(tmp_path, ratings) -> Paths:
    paths = Paths(tmp_path / "data")
    paths.features.mkdir(parents=True)
    ratings.to_csv(paths.model_ratings, index=False)
    return paths


def parts(paths: Paths) -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.read_parquet(paths.train), pd.read_parquet(paths.test)


def test_every_rating_is_in_one_part(config, paths, ratings):
    split.run(config, paths)

    train, test = parts(paths)
    order = [c.USER_ID, c.TIMESTAMP]
    both = pd.concat([train, test]).sort_values(order, ignore_index=True)
    pd.testing.assert_frame_equal(both, ratings.astype({c.TITLE_ID: "str"}))
    assert test.groupby(c.USER_ID)[c.TIMESTAMP].min().eq(1_000_006).all()


def test_the_counts_worked_by_hand(config, paths):
    split.run(config, paths)

    assert read_json(paths.reports / "split.json") == {
        "method": "chronological",
        "train": {"ratings": 36, "users": 6, "titles": 6},
        "test": {"ratings": 12, "users": 6, "titles": 7},
        "cold_users_in_test": 0,
        "cold_titles_in_test": 7,
        "split_digest": split_digest(*parts(paths)),
    }


def test_the_same_bytes_every_time(config, paths):
    def written() -> list[bytes]:
        split.run(config, paths)
        files = (paths.train, paths.test, paths.reports / "split.json")
        return [file.read_bytes() for file in files]

    assert written() == written()


def test_text_stays_text(config, paths, ratings):
    """A title called NA is no missing cell."""
    ratings.loc[0, c.TITLE_ID] = "NA"
    ratings.to_csv(paths.model_ratings, index=False)

    split.run(config, paths)

    assert "NA" in set(pd.read_parquet(paths.train)[c.TITLE_ID])


def test_missing_ratings_name_the_stage_to_run(config, paths):
    paths.model_ratings.unlink()

    with pytest.raises(InputError, match="eda stage"):
        split.run(config, paths)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,as1,,5", "line 50"),
        ("1,as0,3.0,5", "line 50: the user has rated the title before"),
        ("one,as1,3.0,5", "one"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(config, paths, line, words):
    with paths.model_ratings.open("a") as file:
        file.write(line + "\n")

    with pytest.raises(InputError, match=words):
        split.run(config, paths)
    assert not paths.train.exists()


def test_a_missing_column_is_named(config, paths, ratings):
    ratings.drop(columns=c.TIMESTAMP).to_csv(paths.model_ratings, index=False)

    with pytest.raises(InputError, match=c.TIMESTAMP):
        split.run(config, paths)
