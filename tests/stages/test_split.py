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
            c.IS_RECEIVED: False,
        }
    )


@pytest.fixture
def paths(tmp_path, ratings) -> Paths:
    paths = Paths(tmp_path / "data")
    paths.features.mkdir(parents=True)
    paths.clean.mkdir()
    write(paths, ratings)
    ids = ratings[c.TITLE_ID].unique()
    pd.DataFrame({c.ID: ids, c.WORK_ID: ids}).astype("str").to_parquet(paths.clean_titles)
    return paths


def write(paths: Paths, ratings: pd.DataFrame) -> None:
    ratings.astype({c.TITLE_ID: "str"}).to_parquet(paths.clean_ratings, index=False)


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
        "received": {
            "train": 0,
            "test": 0,
            "left_out": 0,
            "about": "Of 0 received ratings 0 are used.",
        },
    }


def test_received_ratings_beyond_their_share_are_counted_and_kept_apart(
    config, paths, ratings, caplog
):
    """Beside 36 of the files in train 9 may stand, one of each of six accounts; in test 3."""
    titles = pd.Series([f"hs{number}" for number in range(len(ratings))], dtype="str")
    invented = ratings.assign(user_id=ratings[c.USER_ID] + 100, title_id=titles, is_received=True)
    write(paths, pd.concat([ratings, invented], ignore_index=True))

    split.run(config, paths)

    train, test = parts(paths)
    own_train, own_test = (part[~part[c.IS_RECEIVED]] for part in (train, test))
    assert (len(own_train), len(own_test)) == (36, 12)
    left_out = pd.read_parquet(paths.left_out)
    both = pd.concat([train, test, left_out])
    assert both[c.IS_RECEIVED].sum() == len(invented) == 48
    said = read_json(paths.reports / "split.json")["received"]
    assert (said["train"], said["test"], said["left_out"]) == (6, 3, 39)
    assert said["about"] in caplog.text


def test_received_ratings_alone_are_no_measure_unless_they_are_trusted(paths, ratings):
    write(paths, ratings.assign(is_received=True))

    with pytest.raises(InputError, match=r"split\.feedback_share=1"):
        split.run(compose([], conf=CONF), paths)
    split.run(compose(["split.feedback_share=1"], conf=CONF), paths)
    assert sum(map(len, parts(paths))) == len(ratings)


def test_the_same_bytes_every_time(config, paths):
    def written() -> list[bytes]:
        split.run(config, paths)
        files = (paths.train, paths.test, paths.reports / "split.json")
        return [file.read_bytes() for file in files]

    assert written() == written()


def test_ratings_of_one_work_are_those_of_one_title(config, paths, ratings):
    titles = pd.read_parquet(paths.clean_titles)
    works = titles[c.WORK_ID].where(titles[c.ID] != "as1", "as0")
    titles.assign(**{c.WORK_ID: works}).to_parquet(paths.clean_titles)

    split.run(config, paths)

    both = pd.concat(parts(paths))
    assert "as1" not in set(both[c.TITLE_ID])
    latest = both[both[c.TITLE_ID] == "as0"]
    assert latest[c.TIMESTAMP].eq(1_000_001).all()
    assert len(both) == len(ratings) - 6


def test_missing_ratings_name_the_stage_to_run(config, paths):
    paths.clean_ratings.unlink()

    with pytest.raises(InputError, match="etl stage"):
        split.run(config, paths)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({c.RATING: np.nan}, "column rating"),
        ({c.TIMESTAMP: 5}, "user_id, title_id together are unique; broken in row 0, 48"),
        ({c.TITLE_ID: "no id"}, "is a title id such as ns1"),
    ],
)
def test_bad_rows_are_named_and_nothing_is_written(config, paths, ratings, row, words):
    write(paths, pd.concat([ratings, ratings.head(1).assign(**row)], ignore_index=True))

    with pytest.raises(InputError, match=words):
        split.run(config, paths)
    assert not paths.train.exists()


def test_a_missing_column_is_named(config, paths, ratings):
    write(paths, ratings.drop(columns=c.TIMESTAMP))

    with pytest.raises(InputError, match=c.TIMESTAMP):
        split.run(config, paths)
