import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import surprise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from surprise.model_selection import cross_validate, train_test_split

from cartelera import columns as c
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.svd import SVD

ARRAYS = ("bu", "bi", "pu", "qi")


def dataset_of(ratings: pd.DataFrame) -> surprise.Dataset:
    reader = surprise.Reader(rating_scale=(0.5, 5.0))
    return surprise.Dataset.load_from_df(ratings[[c.USER_ID, c.TITLE_ID, c.RATING]], reader)


@pytest.fixture(scope="module")
def dataset(ratings) -> surprise.Dataset:
    return dataset_of(ratings)


@pytest.fixture(scope="module")
def trainset(dataset) -> surprise.Trainset:
    return dataset.build_full_trainset()


def assert_equal_to_the_last_bit(ours: SVD, theirs: surprise.SVD) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))


rates = st.one_of(st.none(), st.floats(0, 0.1))
options = st.fixed_dictionaries(
    {
        "n_factors": st.integers(1, 9),
        "n_epochs": st.integers(0, 4),
        "biased": st.booleans(),
        "init_mean": st.floats(-0.5, 0.5),
        "init_std_dev": st.floats(0, 0.5),
        "lr_all": st.floats(0, 0.05),
        "reg_all": st.floats(0, 0.5),
        "random_state": st.integers(0, 2**32 - 1),
    },
    optional={f"{kind}_{what}": rates for kind in ("lr", "reg") for what in ARRAYS},
)


@given(options=options)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_equals_surprise_to_the_last_bit(ratings, trainset, options):
    theirs = surprise.SVD(**options).fit(trainset)
    assert_equal_to_the_last_bit(SVD(**options).fit(trainset), theirs)
    matrix = RatingMatrix.from_frame(ratings)
    assert_equal_to_the_last_bit(SVD(**options).fit_matrix(matrix), theirs)


def test_takes_the_same_random_states_and_whole_numbers_as_surprise(trainset):
    for state in (lambda: np.random.RandomState(3), lambda: np.int64(3), lambda: 3):
        options = {"n_factors": 3, "n_epochs": 2, "lr_all": 0, "reg_bu": 1}
        ours = SVD(**options, random_state=state()).fit(trainset)
        theirs = surprise.SVD(**options, random_state=state()).fit(trainset)
        assert_equal_to_the_last_bit(ours, theirs)


def test_equals_surprise_on_a_part_of_the_data(dataset):
    trainset, testset = train_test_split(dataset, random_state=0)
    ours = SVD(random_state=0).fit(trainset)
    theirs = surprise.SVD(random_state=0).fit(trainset)
    assert_equal_to_the_last_bit(ours, theirs)
    assert [p.est for p in ours.test(testset)] == [p.est for p in theirs.test(testset)]


def test_diverging_fits_end_as_in_surprise(trainset):
    options = {"lr_all": 5.0, "n_epochs": 10, "random_state": 0}
    ours, theirs = SVD(**options).fit(trainset), surprise.SVD(**options).fit(trainset)
    assert np.isnan(theirs.pu).any()
    assert_equal_to_the_last_bit(ours, theirs)


def test_works_in_cross_validate(dataset):
    folds = surprise.model_selection.KFold(3, random_state=0)
    scores = [
        cross_validate(algorithm(random_state=0), dataset, measures=["RMSE", "MAE"], cv=folds)
        for algorithm in (SVD, surprise.SVD)
    ]
    for measure in ("test_rmse", "test_mae"):
        np.testing.assert_array_equal(scores[0][measure], scores[1][measure])


def test_survives_dump_and_load(trainset, tmp_path):
    fitted = SVD(random_state=0).fit(trainset)
    file = str(tmp_path / "svd")
    surprise.dump.dump(file, algo=fitted)
    _, loaded = surprise.dump.load(file)
    assert_equal_to_the_last_bit(loaded, fitted)
    assert loaded.predict(100, "ns1").est == fitted.predict(100, "ns1").est


def test_on_epoch_sees_the_states_that_shorter_fits_end_in(trainset):
    seen = {}

    def copy_state(state):
        seen[state.epoch] = {name: getattr(state, name).copy() for name in ARRAYS}
        return False

    SVD(n_epochs=4, random_state=0).fit(trainset, on_epoch=copy_state)
    assert sorted(seen) == [1, 2, 3, 4]
    for epoch, arrays in seen.items():
        shorter = surprise.SVD(n_epochs=epoch, random_state=0).fit(trainset)
        for name in ARRAYS:
            np.testing.assert_array_equal(arrays[name], getattr(shorter, name))


def test_on_epoch_ends_the_fit(trainset):
    ours = SVD(n_epochs=9, random_state=0).fit(trainset, on_epoch=lambda state: state.epoch == 2)
    assert_equal_to_the_last_bit(ours, surprise.SVD(n_epochs=2, random_state=0).fit(trainset))


def test_running_error_of_one_rating_is_its_error_before_the_update():
    frame = pd.DataFrame(
        {c.USER_ID: [1, 1], c.TITLE_ID: ["as1", "as2"], c.RATING: [5.0, 3.0]}
    ).astype({c.TITLE_ID: "str"})
    errors = []

    def note(state):
        errors.append(state.train_rmse)
        return False

    options = {"n_factors": 1, "init_std_dev": 0, "lr_all": 0.5, "reg_all": 0, "n_epochs": 1}
    SVD(**options).fit_matrix(RatingMatrix.from_frame(frame), on_epoch=note)
    # mu = 4. The first error is 1 and makes b_u 0.5; the second is 3 - 4 - 0.5 = -1.5.
    assert errors == [pytest.approx(np.sqrt((1 + 1.5**2) / 2))]


def test_verbose_logs_instead_of_printing(trainset, caplog, capsys):
    with caplog.at_level("INFO"):
        SVD(n_epochs=2, verbose=True).fit(trainset)
    assert len(caplog.records) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.skipif("CARTELERA_REAL_DATA" not in os.environ, reason="CARTELERA_REAL_DATA not set")
def test_equals_surprise_on_movielens():
    path = Path(os.environ["CARTELERA_REAL_DATA"]) / "movielens-small" / "ratings.csv"
    names = {"userId": c.USER_ID, "movieId": c.TITLE_ID, "rating": c.RATING}
    ratings = pd.read_csv(path, dtype={"movieId": "str"}).rename(columns=names)
    ratings = ratings.sample(frac=1, random_state=0)
    options = {"n_factors": 20, "n_epochs": 5, "random_state": 0}
    theirs = surprise.SVD(**options).fit(dataset_of(ratings).build_full_trainset())
    assert_equal_to_the_last_bit(
        SVD(**options).fit_matrix(RatingMatrix.from_frame(ratings)), theirs
    )
