"""Vectors of titles that nobody rated."""

import numpy as np
import pytest
import scipy.sparse as sp

from cartelera.ranking.content import ContentFit, fit_content
from cartelera.ranking.content_features import ContentFeatures

TITLE_IDS = np.array(["as1", "as2", "ns1", "ns2", "ns3"], dtype=object)
ROWS = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.6, 0.8], [0, 0, 1.0]])
FEATURES = ContentFeatures(TITLE_IDS, sp.csr_array(ROWS), sp.csr_array(ROWS))
RATED_IDS = np.array(["ns1", "as2"], dtype=object)
FACTORS = np.array([[2.0, 0.0], [0.0, 4.0]])


def fit(features: ContentFeatures = FEATURES, rated_ids=RATED_IDS, **more) -> ContentFit:
    n = len(rated_ids)
    given = {
        "factors": FACTORS[:n],
        "weights": np.array([0.2, 0.6])[:n],
        "prior": np.array([0.5, -1.0])[:n],
        "n_ratings": np.array([9, 1])[:n],
    }
    return fit_content(features, rated_ids, **{**given, **more})


def test_an_unrated_title_gets_the_factors_of_like_ones() -> None:
    found = fit(ridge=1.0)

    # F F' = I, so that (F F' + I)^-1 halves each; ns2 is 0.6 like as2.
    assert found.unrated_ids.tolist() == ["as1", "ns2", "ns3"]
    np.testing.assert_allclose(found.factors, [[1.0, 0.0], [0.0, 1.2], [0.0, 0.0]], atol=1e-9)


def test_popularity_is_guessed_and_never_negative() -> None:
    np.testing.assert_allclose(fit(ridge=1.0).prior, [0.25, 0.0, 0.0], atol=1e-9)


def test_unrated_titles_weigh_like_those_with_fewest_ratings() -> None:
    assert fit().weights.tolist() == [0.6, 0.6, 0.6]


def test_conjugate_gradients_solve_the_ridge_regression() -> None:
    rng = np.random.default_rng(3)
    rows = rng.standard_normal((40, 25)) * (rng.random((40, 25)) < 0.3)
    ids = np.array([f"ns{n:02}" for n in range(40)], dtype=object)
    features = ContentFeatures(ids, sp.csr_array(rows), sp.csr_array(rows))
    factors, prior = rng.standard_normal((30, 6)), rng.random(30)

    found = fit_content(features, ids[:30], factors, np.ones(30), prior, np.full(30, 5), ridge=0.7)

    kernel = rows[:30] @ rows[:30].T + 0.7 * np.eye(30)
    exact = rows[30:] @ rows[:30].T @ np.linalg.solve(kernel, factors)
    np.testing.assert_allclose(found.factors, exact, atol=1e-4)


def test_embeddings_keep_who_is_like_whom() -> None:
    found = fit(n_dimensions=3)
    ids = [*RATED_IDS, *found.unrated_ids]
    alike = found.embeddings @ found.embeddings.T

    np.testing.assert_allclose(np.diag(alike), 1, rtol=1e-5)
    assert found.embeddings.dtype == np.float32
    assert alike[ids.index("ns1"), ids.index("as1")] == pytest.approx(1, abs=1e-5)
    assert alike[ids.index("ns2"), ids.index("ns3")] > alike[ids.index("ns2"), ids.index("as1")]


def test_what_people_rate_is_the_middle() -> None:
    found = fit(n_dimensions=3)

    # (9 z_ns1 + z_as2) / 10 is the origin: as1, just like ns1, lies the other way than as2.
    ns1, as2 = found.embeddings[:2]
    assert ns1 @ as2 == pytest.approx(-1, abs=1e-5)


def test_rated_titles_the_catalogue_lacks_have_no_content() -> None:
    found = fit(rated_ids=np.array(["ns1", "gone"], dtype=object), ridge=1.0)

    assert found.unrated_ids.tolist() == ["as1", "as2", "ns2", "ns3"]
    assert not found.embeddings[1].any()
    np.testing.assert_allclose(found.factors[0], [1.0, 0.0], atol=1e-9)


def test_a_catalogue_all_of_which_is_rated() -> None:
    found = fit(
        rated_ids=TITLE_IDS,
        factors=np.ones((5, 2)),
        weights=np.ones(5),
        prior=np.ones(5),
        n_ratings=np.ones(5, int),
    )

    assert found.factors.shape == (0, 2)
    assert found.embeddings.shape == (5, 3)


def test_the_same_seed_gives_the_same_numbers() -> None:
    assert fit(seed=4).embeddings.tobytes() == fit(seed=4).embeddings.tobytes()
