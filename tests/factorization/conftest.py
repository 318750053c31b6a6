import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.factorization.factors import Factors


@pytest.fixture(scope="session")
def ratings() -> pd.DataFrame:
    """300 ratings of 20 users and 40 titles, in no order."""
    rng = np.random.default_rng(0)
    pairs = rng.permutation(20 * 40)[:300]
    return pd.DataFrame(
        {
            c.USER_ID: pairs // 40 + 100,
            c.TITLE_ID: [f"ns{pair % 40}" for pair in pairs],
            c.RATING: rng.integers(1, 11, 300) / 2,
        }
    ).astype({c.TITLE_ID: "str"})


@pytest.fixture
def factors() -> Factors:
    """A model small enough to work its answers out by hand."""
    return Factors(
        global_mean=3.0,
        user_bias=np.array([0.5, -0.5], dtype=np.float32),
        title_bias=np.array([0.25, 0.0, -0.25], dtype=np.float32),
        user_factors=np.array([[1.0, 0.0], [0.0, 2.0]], dtype=np.float32),
        title_factors=np.array([[0.5, 1.0], [2.0, -0.5], [0.0, 0.5]], dtype=np.float32),
        user_ids=np.array([10, 20]),
        title_ids=np.array(["as1", "ds2", "hs3"], dtype=object),
        title_means=np.array([3.5, 2.5, 3.5], dtype=np.float32),
        scale=(0.5, 5.0),
    )
