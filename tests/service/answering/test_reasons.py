import numpy as np
import pytest

from cartelera.factorization.factors import Factors
from cartelera.service.answering.reasons import top_reasons


@pytest.fixture(scope="module")
def factors() -> Factors:
    rng = np.random.default_rng(0)
    n_titles, n_factors = 30, 4
    return Factors(
        global_mean=3.5,
        user_bias=np.zeros(1, np.float32),
        title_bias=rng.normal(0, 0.3, n_titles).astype(np.float32),
        user_factors=np.zeros((1, n_factors), np.float32),
        title_factors=rng.normal(0, 0.5, (n_titles, n_factors)).astype(np.float32),
        user_ids=np.array([1]),
        title_ids=np.array([f"ns{n:02}" for n in range(n_titles)], dtype=object),
        title_means=np.full(n_titles, 3.5, np.float32),
        scale=(0.5, 5.0),
    )


@pytest.mark.parametrize("n_rated", [0, 1, 2, 3, 4, 20])
def test_the_reasons_are_those_the_model_gives_title_by_title(factors: Factors, n_rated: int):
    rng = np.random.default_rng(n_rated)
    rated = factors.title_ids[:n_rated]
    user = factors.fold_in(rated, rng.integers(1, 11, n_rated) / 2)
    titles = np.arange(len(factors.title_ids))  # those the user rated are among them
    expected = [factors.explain(user, title_id, 3) for title_id in factors.title_ids]
    assert top_reasons(factors, user, titles) == expected
