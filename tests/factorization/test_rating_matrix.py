import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.rating_matrix import RatingMatrix


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
