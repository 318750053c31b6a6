import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from cartelera.factorization import kernels

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
