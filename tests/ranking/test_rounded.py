"""Lists are exact, though most titles are left out by products of rounded vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.rounded import RoundedVectors
from cartelera.ranking.score_scales import Scales

N_TITLES, N_RATED = 3000, 2000


def numbers(*shape: int):
    return arrays(np.float32, shape, elements=st.floats(-1e3, 1e3, width=32))


@given(numbers(5, 4), numbers(5, 3), numbers(4), numbers(3))
def test_a_product_is_no_further_from_the_true_one_than_said(left, right, one, other) -> None:
    products = RoundedVectors.of(left, right).products(slice(1, 5), one, other)

    true = left[1:].astype(float) @ one.astype(float) + right[1:].astype(float) @ other
    errors = products.errors(np.arange(4))
    assert (np.abs(products.values - true) <= errors + 1e-30).all()
    assert errors.max() <= products.largest_error


def test_rounding_loses_about_a_hundredth() -> None:
    rng = np.random.default_rng(0)
    vectors, one = rng.standard_normal((100, 64)).astype(np.float32), rng.standard_normal(64)

    products = RoundedVectors.of(vectors).products(slice(None), one)

    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(one)
    assert products.largest_error < 0.05 * lengths.max()
    assert np.abs(products.values - vectors @ one).max() < 0.01 * lengths.max()


@pytest.fixture(scope="module")
def model() -> RankingModel:
    """Titles of very different lengths; a third are equal to another one, to the bit."""
    rng = np.random.default_rng(1)
    factors = rng.standard_normal((N_TITLES, 16)) * rng.pareto(2.0, (N_TITLES, 1))
    content = rng.standard_normal((N_TITLES, 8))
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    prior = rng.random(N_TITLES)
    same = rng.permutation(N_RATED)[:1000].reshape(2, -1)
    for array in (factors, content, prior):
        array[same[0]] = array[same[1]]
    return RankingModel(
        title_ids=np.array([f"t{number}" for number in rng.permutation(N_TITLES)], object),
        factors=factors.astype(np.float32),
        weights=np.ones(N_TITLES, np.float32),
        prior=prior.astype(np.float32),
        content=content.astype(np.float32),
        n_ratings=(np.arange(N_TITLES) < N_RATED).astype(np.int32),
        params=RankingParams(n_factors=16),
        scales=Scales(0.5, 0.4),
    )


@pytest.mark.parametrize("n_ratings", [0, 1, 20])
@pytest.mark.parametrize("k", [1, 10, 700])
@pytest.mark.parametrize("allowed_share", [1.0, 0.4, 0.01])
def test_a_list_is_the_one_of_exact_scores(model, n_ratings, k, allowed_share) -> None:
    rng = np.random.default_rng([n_ratings, k])
    rated = rng.permutation(N_RATED)[:n_ratings]
    profile = model.profile(model.title_ids[rated].tolist(), rng.integers(1, 11, n_ratings) / 2)
    allowed = rng.random(N_TITLES) < allowed_share

    found = model.recommend(profile, k, allowed=allowed)
    new = model.new_to_everyone(profile, k, allowed=allowed)

    codes = np.flatnonzero(allowed)
    scores = model.score(profile, codes).scores
    alphabetical = np.lexsort((model.title_ids[codes].astype(str), -scores))
    in_order = [(str(model.title_ids[codes[at]]), scores[at]) for at in alphabetical]
    is_rated = {str(title_id) for title_id in model.title_ids[:N_RATED]}
    assert [(line.title_id, line.score) for line in found if line.title_id in is_rated] == [
        line for line in in_order if line[0] in is_rated
    ][: len(found)]
    if n_ratings:
        assert [(line.title_id, line.score) for line in new] == [
            line for line in in_order if line[0] not in is_rated
        ][:k]
