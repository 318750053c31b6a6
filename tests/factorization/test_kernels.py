import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cartelera.factorization import fast_kernels, kernels

FIT_ONE_RATING = """
import numpy as np, kernels
codes, ones = np.zeros(1, dtype=np.int32), np.ones(1)
rates = (0.1, 0.1, 0.1, 0.1)
arrays = np.zeros(1), np.zeros(1), np.zeros((1, 2)), np.zeros((1, 2))
print(kernels.sgd_epoch(codes, codes, ones, 0.0, *arrays, True, rates, rates))
"""


def test_the_compiled_kernel_works_where_nothing_can_be_cached(tmp_path: Path):
    shutil.copy(kernels.__file__, tmp_path / "kernels.py")
    no_folder = tmp_path / "__pycache__"
    no_folder.write_text("a file where the caches' folders would be")
    keep = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA")}
    done = subprocess.run(
        [sys.executable, "-c", FIT_ONE_RATING],
        cwd=tmp_path,
        env={**keep, "HOME": str(no_folder), "XDG_CACHE_HOME": str(no_folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "1.0", done.stderr


FIT_IN_THE_DEFAULT_MODE = """
import hashlib, numpy as np
from cartelera.factorization import fast_kernels
from cartelera.factorization.gradient_descent import BlockDescent, Ratings, SgdHyperparameters, FactorInit
rng = np.random.default_rng(0)
users, titles = rng.integers(0, 30, (2, 500), dtype=np.int32)
ratings = Ratings(users, titles, rng.integers(1, 11, 500) / 2, (30, 30), 2.75)
start = FactorInit(np.random.RandomState(0), 0.0, 0.1, 53)
descent = BlockDescent(ratings, start, SgdHyperparameters(True, (0.01,) * 4, (0.02,) * 4), 1)
for _ in range(5):
    descent.epoch()
fitted = descent.arrays()
arrays = (fitted.bu, fitted.bi, fitted.pu, fitted.qi, descent.predict(users, titles))
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
print(sum(fast_kernels.sgd_blocks.stats.cache_hits.values()))
"""


def fit_in_the_default_mode(**env: str) -> tuple[str, int]:
    """Fit in a new process; give the model's hash and how often the cache had the machine code."""
    done = subprocess.run(
        [sys.executable, "-c", FIT_IN_THE_DEFAULT_MODE],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=True,
    )
    digest, hits = done.stdout.split()
    return digest, int(hits)


def test_the_next_process_does_not_compile_again_and_any_machine_gives_the_same_model(tmp_path):
    first, _ = fit_in_the_default_mode()
    assert fit_in_the_default_mode() == (first, 1)
    narrow = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+sse4.2,+avx,+fma"}
    assert fit_in_the_default_mode(NUMBA_CACHE_DIR=str(tmp_path), **narrow) == (first, 0)


def test_one_epoch_by_hand():
    codes = np.zeros(1, dtype=np.int32)
    bu, bi = np.array([0.5]), np.array([-0.5])
    pu, qi = np.array([[1.0]]), np.array([[2.0]])
    lr, reg = (0.1, 0.2, 0.3, 0.4), (1.0, 2.0, 3.0, 4.0)
    # err = 4 - (1 + 0.5 - 0.5 + 2) = 1
    squared = kernels.sgd_epoch(codes, codes, np.array([4.0]), 1.0, bu, bi, pu, qi, True, lr, reg)
    assert squared == 1.0
    np.testing.assert_allclose(bu, 0.5 + 0.1 * (1 - 1 * 0.5))
    np.testing.assert_allclose(bi, -0.5 + 0.2 * (1 + 2 * 0.5))
    np.testing.assert_allclose(pu, 1 + 0.3 * (1 * 2 - 3 * 1))
    np.testing.assert_allclose(qi, 2 + 0.4 * (1 * 1 - 4 * 2))


@pytest.mark.parametrize("n_factors", [1, 15, 16, 17, 32, 48, 53])
def test_the_vectors_compute_what_the_formula_says(n_factors):
    rng = np.random.default_rng(n_factors)
    bu, bi = rng.normal(size=(2, 1)).astype(np.float32)
    width = -(-n_factors // fast_kernels.LANES) * fast_kernels.LANES
    pu, qi = np.zeros((2, 1, width), dtype=np.float32)
    pu[0, :n_factors], qi[0, :n_factors] = rng.normal(size=(2, n_factors))
    b_u, b_i, p, q = (array[0].astype(np.float64) for array in (bu, bi, pu, qi))
    lr, reg = (0.1, 0.2, 0.3, 0.4), (0.01, 0.02, 0.03, 0.04)
    codes, squared = np.zeros(1, dtype=np.int32), np.zeros(1)
    starts, values = np.array([0, 1]), np.array([4.0], dtype=np.float32)

    model = (np.float32(3), bu, bi, pu, qi)
    fast_kernels.sgd_blocks(0, 1, starts, codes, codes, values, *model, True, lr, reg, squared)

    err = 4 - (3 + b_u + b_i + p @ q)
    np.testing.assert_allclose(squared, err**2, rtol=1e-4)
    np.testing.assert_allclose(bu[0], b_u + 0.1 * (err - 0.01 * b_u), rtol=1e-4)
    np.testing.assert_allclose(bi[0], b_i + 0.2 * (err - 0.02 * b_i), rtol=1e-4)
    np.testing.assert_allclose(pu[0], p + 0.3 * (err * q - 0.03 * p), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(qi[0], q + 0.4 * (err * p - 0.04 * q), rtol=1e-4, atol=1e-5)
    assert not pu[0, n_factors:].any()
    assert not qi[0, n_factors:].any()


@pytest.mark.parametrize("n_factors", [1, 16, 53])
@pytest.mark.parametrize("module", [kernels, fast_kernels])
def test_predictions_leave_out_what_is_unknown(module, n_factors):
    dtype = np.float64 if module is kernels else np.float32
    rng = np.random.default_rng(0)
    bu, bi, pu, qi = (
        rng.normal(size=shape).astype(dtype) for shape in (3, 4, (3, n_factors), (4, n_factors))
    )
    users, titles = np.array([[2, 0, -1, -1], [3, -1, 1, -1]], dtype=np.int32)
    estimates = np.empty(4)
    module.predict_pairs(users, titles, 3.5, bu, bi, pu, qi, estimates)
    expected = [3.5 + bu[2] + bi[3] + pu[2] @ qi[3], 3.5 + bu[0], 3.5 + bi[1], 3.5]
    np.testing.assert_allclose(estimates, expected, rtol=1e-5)
