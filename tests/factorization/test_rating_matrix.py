from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import surprise

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.rating_matrix import RatingMatrix

ARRAYS = ("user_codes", "title_codes", "values", "user_ids", "title_ids")


def assert_same(one: RatingMatrix, other: RatingMatrix) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype
    assert one.scale == other.scale


def trainset_of(frame: pd.DataFrame) -> surprise.Trainset:
    reader = surprise.Reader(rating_scale=(0.5, 5.0))
    columns = frame[[c.USER_ID, c.TITLE_ID, c.RATING]]
    return surprise.Dataset.load_from_df(columns, reader).build_full_trainset()


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.USER_ID: [7, 3, 7, 5],
            c.TITLE_ID: ["ds1", "as1", "as1", "hs1"],
            c.RATING: [4.0, 3.0, 0.5, 5.0],
        },
        index=[9, 9, 4, 1],
    )


def test_codes_follow_first_appearance_and_rows_their_user(frame):
    matrix = RatingMatrix.from_frame(frame)
    assert matrix.user_ids.tolist() == [7, 3, 5]
    assert matrix.title_ids.tolist() == ["ds1", "as1", "hs1"]
    assert matrix.user_codes.tolist() == [0, 0, 1, 2]
    assert matrix.title_codes.tolist() == [0, 1, 1, 2]
    assert matrix.values.tolist() == [4.0, 0.5, 3.0, 5.0]
    assert matrix.user_codes.dtype == matrix.title_codes.dtype == np.int32
    assert (matrix.n_users, matrix.n_titles, matrix.global_mean) == (3, 3, 3.125)


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        (c.RATING, [4.0, np.nan, 0.5, 5.0], "rating is missing in row 1"),
        (
            c.RATING,
            [4.0, 3.0, 5.5, np.inf],
            r"rating is outside the scale of 0\.5 to 5\.0 in row 2",
        ),
        (c.RATING, ["4", "3", "1", "5"], "make it numbers"),
        (c.RATING, [True, True, True, True], "make it numbers"),
        (c.USER_ID, [7.0, 3.0, 7.0, 5.0], "make it whole numbers"),
        (c.USER_ID, ["7", "3", "7", "5"], "make it whole numbers"),
        (
            c.USER_ID,
            np.array([7, 3, 2**64 - 5, 5], dtype=np.uint64),
            "18446744073709551611 is beyond",
        ),
        (c.TITLE_ID, [1, 2, 3, 4], "make it text"),
        (c.TITLE_ID, ["ds1", None, "as1", None], "title_id is missing in row 1.* 2 row"),
    ],
)
def test_wrong_values_are_refused_by_name(frame, column, values, words):
    with pytest.raises(InputError, match=words):
        RatingMatrix.from_frame(frame.assign(**{column: values}))


def test_missing_columns_and_rows_are_refused(frame):
    with pytest.raises(InputError, match="title_id, rating"):
        RatingMatrix.from_frame(frame[[c.USER_ID]])
    with pytest.raises(InputError, match="no rows"):
        RatingMatrix.from_frame(frame.head(0))


def test_the_scale_is_the_callers(frame):
    with pytest.raises(InputError, match=r"outside the scale of 1\.0 to 5\.0 in row 2"):
        RatingMatrix.from_frame(frame, scale=(1.0, 5.0))


def test_half_stars_take_four_bytes_and_nothing_is_rounded(frame):
    assert RatingMatrix.from_frame(frame).values.dtype == np.float32
    odd = RatingMatrix.from_frame(frame.assign(**{c.RATING: [4.0, 3.1, 0.5, 5.0]}))
    assert odd.values.dtype == np.float64
    assert odd.values.tolist() == [4.0, 0.5, 3.1, 5.0]


def test_the_frame_stays_as_it_was(frame):
    in_order = frame.sort_values(c.USER_ID)
    before = in_order.copy()
    matrix = RatingMatrix.from_frame(in_order)
    assert not np.shares_memory(matrix.values, in_order[c.RATING].to_numpy())
    pd.testing.assert_frame_equal(in_order, before)


def test_nullable_and_narrow_types_are_taken(frame):
    matrix = RatingMatrix.from_frame(frame)
    for types in ({c.USER_ID: "Int64", c.RATING: "Float64"}, {c.USER_ID: "int32", c.RATING: "f4"}):
        assert_same(RatingMatrix.from_frame(frame.astype(types)), matrix)


def test_a_trainset_gives_the_same_matrix_as_its_frame(ratings):
    assert_same(RatingMatrix.from_trainset(trainset_of(ratings)), RatingMatrix.from_frame(ratings))


def test_trainsets_with_other_ids_or_wrong_ratings_are_refused(frame):
    with pytest.raises(InputError, match="user ids are not whole numbers"):
        RatingMatrix.from_trainset(trainset_of(frame.astype({c.USER_ID: "str"})))
    with pytest.raises(InputError, match="item ids are not text"):
        RatingMatrix.from_trainset(trainset_of(frame.assign(**{c.TITLE_ID: [1, 2, 2, 3]})))
    for wrong in (np.nan, 5.5):
        with pytest.raises(InputError, match="outside the scale"):
            RatingMatrix.from_trainset(trainset_of(frame.assign(**{c.RATING: [4, 3, wrong, 5]})))


def test_parquet_gives_the_same_matrix_as_its_frame_whatever_else_is_in_it(frame, tmp_path: Path):
    file = tmp_path / "ratings.parquet"
    frame.assign(extra=list("abcd")).to_parquet(file, index=False)
    assert_same(RatingMatrix.from_parquet(file), RatingMatrix.from_frame(frame))


def test_wrong_parquet_files_are_refused_by_name(frame, tmp_path: Path):
    file = tmp_path / "ratings.parquet"
    with pytest.raises(InputError, match=r"ratings\.parquet"):
        RatingMatrix.from_parquet(file)
    file.write_bytes(b"user_id,title_id,rating")
    with pytest.raises(InputError, match=r"ratings\.parquet cannot be read as Parquet"):
        RatingMatrix.from_parquet(file)
    frame.drop(columns=c.RATING).to_parquet(file)
    with pytest.raises(InputError, match=r"ratings\.parquet: .*lack the column\(s\) rating"):
        RatingMatrix.from_parquet(file)
    frame.to_parquet(file)
    with pytest.raises(InputError, match=r"ratings\.parquet: .*outside the scale"):
        RatingMatrix.from_parquet(file, scale=(1.0, 5.0))


def test_codes_in_another_matrix(frame):
    matrix = RatingMatrix.from_frame(frame)
    other = RatingMatrix.from_frame(
        pd.DataFrame(
            {c.USER_ID: [5, 8, 7], c.TITLE_ID: ["as1", "hs1", "zz"], c.RATING: [1.0, 2.0, 3.0]}
        )
    )
    users, titles = other.codes_in(matrix)
    assert users.tolist() == [2, -1, 0]
    assert titles.tolist() == [1, 2, -1]
    assert users.dtype == titles.dtype == np.int32
