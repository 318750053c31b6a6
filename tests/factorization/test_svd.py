import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import surprise
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from surprise.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_validate,
    train_test_split,
)

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
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_equals_surprise_to_the_last_bit(ratings, trainset, options):
    theirs = surprise.SVD(**options).fit(trainset)
    assert_equal_to_the_last_bit(SVD(**options, exact=True).fit(trainset), theirs)
    matrix = RatingMatrix.from_frame(ratings)
    assert_equal_to_the_last_bit(SVD(**options, exact=True).fit_matrix(matrix), theirs)


def test_takes_the_same_random_states_and_whole_numbers_as_surprise(trainset):
    for state in (lambda: np.random.RandomState(3), lambda: np.int64(3), lambda: 3):
        options = {"n_factors": 3, "n_epochs": 2, "lr_all": 0, "reg_bu": 1}
        ours = SVD(**options, random_state=state(), exact=True).fit(trainset)
        theirs = surprise.SVD(**options, random_state=state()).fit(trainset)
        assert_equal_to_the_last_bit(ours, theirs)


def test_equals_surprise_on_a_part_of_the_data(dataset):
    trainset, testset = train_test_split(dataset, random_state=0)
    ours = SVD(random_state=0, exact=True).fit(trainset)
    theirs = surprise.SVD(random_state=0).fit(trainset)
    assert_equal_to_the_last_bit(ours, theirs)
    assert [p.est for p in ours.test(testset)] == [p.est for p in theirs.test(testset)]


def test_diverging_fits_end_as_in_surprise(trainset):
    options = {"lr_all": 5.0, "n_epochs": 10, "random_state": 0}
    ours, theirs = SVD(**options, exact=True).fit(trainset), surprise.SVD(**options).fit(trainset)
    assert np.isnan(theirs.pu).any()
    assert_equal_to_the_last_bit(ours, theirs)


def test_works_in_cross_validate(dataset):
    folds = surprise.model_selection.KFold(3, random_state=0)
    theirs, exact, fast = (
        cross_validate(algorithm, dataset, measures=["RMSE", "MAE"], cv=folds)
        for algorithm in (
            surprise.SVD(random_state=0),
            SVD(random_state=0, exact=True),
            SVD(random_state=0),
        )
    )
    for measure in ("test_rmse", "test_mae"):
        np.testing.assert_array_equal(exact[measure], theirs[measure])
        np.testing.assert_allclose(fast[measure], theirs[measure], atol=1e-4)


@pytest.mark.parametrize("search", [GridSearchCV, RandomizedSearchCV])
def test_works_in_surprises_searches(dataset, search):
    grid = {"n_factors": [2, 5], "n_epochs": [3], "random_state": [0], "exact": [True, False]}
    how_many = {"n_iter": 4, "random_state": 0} if search is RandomizedSearchCV else {}
    found = search(SVD, grid, measures=["rmse"], cv=2, **how_many)
    found.fit(dataset)
    assert found.best_params["rmse"]["n_factors"] in (2, 5)
    assert len(found.cv_results["mean_test_rmse"]) == 4


@pytest.mark.parametrize("exact", [True, False])
def test_survives_dump_and_load(trainset, tmp_path, exact):
    fitted = SVD(random_state=0, exact=exact).fit(trainset)
    file = str(tmp_path / "svd")
    surprise.dump.dump(file, algo=fitted)
    _, loaded = surprise.dump.load(file)
    assert_equal_to_the_last_bit(loaded, fitted)
    assert loaded.predict(100, "ns1") == fitted.predict(100, "ns1")
    assert loaded.test([(100, "ns1", 3.0)]) == fitted.test([(100, "ns1", 3.0)])


@pytest.mark.parametrize("exact", [True, False])
def test_on_epoch_sees_the_states_that_shorter_fits_end_in(trainset, exact):
    seen = {}

    def copy_state(state):
        arrays = state.model.arrays()
        seen[state.epoch] = {name: getattr(arrays, name).copy() for name in ARRAYS}
        return False

    SVD(n_epochs=4, random_state=0, exact=exact).fit(trainset, on_epoch=copy_state)
    assert sorted(seen) == [1, 2, 3, 4]
    for epoch, arrays in seen.items():
        shorter = SVD(n_epochs=epoch, random_state=0, exact=exact).fit(trainset)
        for name in ARRAYS:
            np.testing.assert_array_equal(arrays[name], getattr(shorter, name))


@pytest.mark.parametrize("exact", [True, False])
def test_on_epoch_ends_the_fit(trainset, exact):
    options = {"random_state": 0, "exact": exact}
    stopped = SVD(n_epochs=9, **options).fit(trainset, on_epoch=lambda state: state.epoch == 2)
    assert_equal_to_the_last_bit(stopped, SVD(n_epochs=2, **options).fit(trainset))


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("biased", [True, False])
def test_on_epoch_is_told_the_error_of_what_test_predicts(dataset, exact, biased):
    trainset, testset = train_test_split(dataset, random_state=0)
    testset = [*testset, (100, "unknown", 4.0), (-1, "ns1", 2.0), (-1, "unknown", 3.0)]
    told = []

    def note(state):
        told.append(state.valid_rmse)
        return False

    options = {"n_factors": 5, "biased": biased, "random_state": 0, "exact": exact}
    SVD(**options, n_epochs=3).fit(trainset, on_epoch=note, valid=testset)
    for n_epochs, valid_rmse in enumerate(told, start=1):
        fitted = SVD(**options, n_epochs=n_epochs).fit(trainset)
        expected = surprise.accuracy.rmse(fitted.test(testset), verbose=False)
        assert valid_rmse == pytest.approx(expected, rel=1e-6)


def test_matrices_validate_as_testsets_do(ratings):
    train, valid = ratings.iloc[:200], ratings.iloc[200:]
    told = {}

    def note_as(name):
        return lambda state: told.setdefault(name, []).append(state.valid_rmse)

    options = {"n_epochs": 3, "random_state": 0}
    testset = list(valid[[c.USER_ID, c.TITLE_ID, c.RATING]].itertuples(index=False, name=None))
    SVD(**options).fit(dataset_of(train).build_full_trainset(), note_as("trainset"), testset)
    matrices = (RatingMatrix.from_frame(part) for part in (train, valid))
    train_matrix, valid_matrix = matrices
    SVD(**options).fit_matrix(train_matrix, note_as("matrix"), valid_matrix)
    np.testing.assert_allclose(told["matrix"], told["trainset"], rtol=1e-12)
    assert len(told["matrix"]) == 3


@pytest.mark.parametrize("biased", [True, False])
def test_test_predicts_what_predict_does_and_nearly_what_surprise_does(dataset, biased):
    trainset, testset = train_test_split(dataset, random_state=0)
    testset = [*testset, (100, "unknown", 4.0), (-1, "ns1", 2.0), (-1, "unknown", 3.0)]
    options = {"biased": biased, "random_state": 0}
    ours = SVD(**options).fit(trainset)
    predictions = ours.test(testset)
    assert predictions == [ours.predict(*pair) for pair in testset]
    theirs = surprise.SVD(**options).fit(trainset).test(testset)
    assert [p.details for p in predictions] == [p.details for p in theirs]
    assert [p[:3] for p in predictions] == [p[:3] for p in theirs]
    np.testing.assert_allclose([p.est for p in predictions], [p.est for p in theirs], atol=1e-3)
    assert ours.test([]) == []


def test_test_prints_when_asked_as_surprise_does(trainset, capsys):
    SVD(n_epochs=1).fit(trainset).test([(100, "ns1", 3.0)], verbose=True)
    assert "item: ns1" in capsys.readouterr().out


@pytest.mark.parametrize("exact", [True, False])
def test_predicts_by_raw_id_after_fitting_a_matrix(ratings, trainset, exact):
    options = {"n_factors": 3, "random_state": 0, "exact": exact}
    by_matrix = SVD(**options).fit_matrix(RatingMatrix.from_frame(ratings))
    by_trainset = SVD(**options).fit(trainset)
    testset = [(100, "ns1", 3.0), (101, "unknown", 4.0), (-1, "ns1", 2.0), ("100", "ns1", 1.0)]
    assert by_matrix.test(testset) == by_trainset.test(testset)
    assert by_matrix.predict(100, "ns1") == by_trainset.predict(100, "ns1")


@pytest.mark.parametrize("exact", [True, False])
def test_predicts_from_arrays_in_any_layout_but_not_beyond_them(trainset, exact):
    fitted = SVD(random_state=0, exact=exact).fit(trainset)
    codes = np.array([0, 3, 7], dtype=np.int32)
    expected = fitted.model.predict(codes, codes)
    for name in ARRAYS:
        setattr(fitted, name, np.asfortranarray(getattr(fitted, name)))
    np.testing.assert_array_equal(fitted.model.predict(codes, codes), expected)
    for beyond in ((codes + 100, codes), (codes, codes + 100)):
        with pytest.raises(IndexError, match="beyond"):
            fitted.model.predict(*beyond)


def test_wrong_numbers_of_threads_are_refused():
    with pytest.raises(ValueError, match="n_threads=0"):
        SVD(n_threads=0)


def test_running_error_of_one_rating_is_its_error_before_the_update():
    frame = pd.DataFrame(
        {c.USER_ID: [1, 1], c.TITLE_ID: ["as1", "as2"], c.RATING: [5.0, 3.0]}
    ).astype({c.TITLE_ID: "str"})
    errors = []

    def note(state):
        errors.append(state.train_rmse)
        return False

    options = {"n_factors": 1, "init_std_dev": 0, "lr_all": 0.5, "reg_all": 0, "n_epochs": 1}
    for exact in (True, False):
        SVD(**options, exact=exact).fit_matrix(RatingMatrix.from_frame(frame), on_epoch=note)
    # mu = 4. The first error is 1 and makes b_u 0.5; the second is 3 - 4 - 0.5 = -1.5.
    assert errors == [pytest.approx(np.sqrt((1 + 1.5**2) / 2))] * 2


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
        SVD(**options, exact=True).fit_matrix(RatingMatrix.from_frame(ratings)), theirs
    )
