"""The default mode against the exact one, and against itself."""

import os
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.factorization import blocks
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.svd import SVD

ARRAYS = ("bu", "bi", "pu", "qi")

needs_real_data = pytest.mark.skipif(
    "CARTELERA_REAL_DATA" not in os.environ, reason="CARTELERA_REAL_DATA not set"
)


@pytest.fixture
def small_blocks(monkeypatch):
    """Deal even a few thousand ratings into many blocks."""
    monkeypatch.setattr(blocks, "RATINGS_PER_CUBE", 4)


@pytest.fixture(scope="module")
def matrix() -> RatingMatrix:
    """4,000 ratings with tastes, of 90 users and 70 titles."""
    rng = np.random.default_rng(0)
    pairs = rng.permutation(90 * 70)[:4000]
    users, titles = pairs // 70, pairs % 70
    liking = (rng.normal(size=(90, 2)) @ rng.normal(size=(2, 70)))[users, titles]
    stars = np.clip(np.round(2 * (3.5 + liking + rng.normal(0, 0.3, 4000))) / 2, 0.5, 5.0)
    return RatingMatrix.from_frame(
        pd.DataFrame({c.USER_ID: users, c.TITLE_ID: [f"as{t}" for t in titles], c.RATING: stars})
    )


def movielens() -> tuple[RatingMatrix, RatingMatrix]:
    """Nine tenths to learn from, one tenth to test with."""
    path = Path(os.environ["CARTELERA_REAL_DATA"]) / "movielens-small" / "ratings.csv"
    names = {"userId": c.USER_ID, "movieId": c.TITLE_ID, "rating": c.RATING}
    ratings = pd.read_csv(path, dtype={"movieId": "str"}).rename(columns=names)
    ratings = ratings.sample(frac=1, random_state=0)
    cut = len(ratings) * 9 // 10
    return RatingMatrix.from_frame(ratings[:cut]), RatingMatrix.from_frame(ratings[cut:])


def assert_same_model(one: SVD, other: SVD) -> None:
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def last_valid_rmse(train: RatingMatrix, valid: RatingMatrix, **options) -> float:
    seen = []
    SVD(**options).fit_matrix(train, lambda state: seen.append(state.valid_rmse), valid)
    return seen[-1]


def test_the_ratings_are_in_many_blocks(small_blocks, matrix):
    assert blocks.strips_for(len(matrix.values)) == 8


@pytest.mark.parametrize("n_threads", [1, 2, 3, 8, None])
def test_a_seed_gives_the_same_model_on_any_number_of_threads(small_blocks, matrix, n_threads):
    options = {"n_factors": 20, "n_epochs": 5, "random_state": 0}
    fitted = SVD(**options, n_threads=n_threads).fit_matrix(matrix)
    assert_same_model(fitted, SVD(**options, n_threads=2).fit_matrix(matrix))
    assert not np.array_equal(
        fitted.pu, SVD(**{**options, "random_state": 1}).fit_matrix(matrix).pu
    )


def test_a_seed_gives_the_same_model_on_a_busy_machine(small_blocks, matrix):
    options = {"n_factors": 20, "n_epochs": 10, "random_state": 0, "n_threads": 4}
    calm = SVD(**options).fit_matrix(matrix)
    done = threading.Event()

    def keep_busy():
        while not done.is_set():
            np.sort(np.random.default_rng(0).random(10_000))

    busy = [threading.Thread(target=keep_busy) for _ in range(4)]
    for thread in busy:
        thread.start()
    try:
        for _ in range(5):
            assert_same_model(SVD(**options).fit_matrix(matrix), calm)
    finally:
        done.set()
        for thread in busy:
            thread.join()


def test_fits_may_run_beside_each_other(small_blocks, matrix):
    options = {"n_factors": 8, "n_epochs": 10, "n_threads": 2}
    together: dict[int, SVD] = {}

    def fit(seed):
        together[seed] = SVD(**options, random_state=seed).fit_matrix(matrix)

    threads = [threading.Thread(target=fit, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, fitted in together.items():
        assert_same_model(fitted, SVD(**options, random_state=seed).fit_matrix(matrix))
    assert len(together) == 4


rates = st.one_of(st.none(), st.floats(0, 0.02))


@given(
    options=st.fixed_dictionaries(
        {
            "n_factors": st.integers(1, 40),
            "n_epochs": st.integers(0, 4),
            "biased": st.booleans(),
            "init_mean": st.floats(-0.1, 0.1),
            "init_std_dev": st.floats(0, 0.2),
            "lr_all": st.floats(0, 0.02),
            "reg_all": st.floats(0, 0.5),
            "random_state": st.integers(0, 2**32 - 1),
        },
        optional={f"{kind}_{what}": rates for kind in ("lr", "reg") for what in ARRAYS},
    )
)
@settings(max_examples=25)
def test_few_ratings_are_learned_in_surprises_order_so_the_model_is_nearly_its(matrix, options):
    fast, exact = (SVD(**options, exact=mode).fit_matrix(matrix) for mode in (False, True))
    for name in ARRAYS:
        assert getattr(fast, name).dtype == np.float32
        np.testing.assert_allclose(getattr(fast, name), getattr(exact, name), atol=2e-4)


@pytest.mark.parametrize("biased", [True, False])
def test_many_blocks_learn_as_much(small_blocks, matrix, biased):
    options = {"n_factors": 4, "n_epochs": 40, "lr_all": 0.02, "random_state": 0}
    options["biased"] = biased
    fast, exact = (
        last_valid_rmse(matrix, matrix, **options, exact=exact) for exact in (False, True)
    )
    assert fast == pytest.approx(exact, abs=0.01)
    assert fast < 0.5  # the standard deviation of the ratings is above 1


@needs_real_data
@pytest.mark.parametrize("ratings_per_cube", [blocks.RATINGS_PER_CUBE, 128])
def test_on_movielens_the_error_is_within_a_thousandth(monkeypatch, ratings_per_cube):
    monkeypatch.setattr(blocks, "RATINGS_PER_CUBE", ratings_per_cube)
    train, valid = movielens()
    options = {"random_state": 0}
    exact = last_valid_rmse(train, valid, **options, exact=True)
    one, two = (last_valid_rmse(train, valid, **options, n_threads=n) for n in (1, 2))
    assert one == pytest.approx(exact, abs=0.001)
    assert one == two
