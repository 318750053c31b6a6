import numpy as np
import pytest

from cartelera.errors import InputError
from cartelera.ranking.fit import fit_vectors, rated_titles
from cartelera.ranking.histories import Histories
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.truncated_svd import SparseRows, gram_product, right_factors
from cartelera.ranking.weights import history_weights

FULL = {
    "n_factors": 1000,
    "user_norm": 0.0,
    "leave_one_out": 1.0,
    "popularity_damping": 0.0,
    "half_life": None,
    "prior_strength": 0.0,
}


def scores_of(histories, n_titles, params):
    """Score as the formulas say, in double precision."""
    vectors = fit_vectors(histories, n_titles, params)
    shares = history_weights(histories, params) * vectors.weights[histories.codes]
    users = np.zeros((histories.n_users, vectors.factors.shape[1]))
    np.add.at(users, histories.rows, shares[:, None] * vectors.factors[histories.codes])
    return users @ vectors.factors.T


def closed_form(histories, n_titles, params):
    """EASE with a diagonal of regularisation: B_ij = -P_ij / P_jj with P = (X'X + L)^-1."""
    x = np.zeros((histories.n_users, n_titles))
    x[histories.rows, histories.codes] = history_weights(histories, params)
    norms = np.square(x).sum(axis=0)
    ridge = params.reg * norms.mean() + params.reg_count * norms
    inverse = np.linalg.inv(x.T @ x + np.diag(ridge))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return x @ weights


@pytest.mark.parametrize("reg_count", [0.0, 0.3], ids=["EASE", "EDLAE"])
@pytest.mark.parametrize("rating_weight", [0.0, 1.2])
def test_at_full_rank_unrated_titles_score_as_in_ease(random_ratings, reg_count, rating_weight):
    title_ids = rated_titles(random_ratings)
    histories = Histories.from_frame(random_ratings, title_ids)
    params = RankingParams(
        **{**FULL, "reg": 0.7, "reg_count": reg_count, "rating_weight": rating_weight}
    )

    ours = scores_of(histories, len(title_ids), params)

    is_unrated = np.ones(ours.shape, dtype=bool)
    is_unrated[histories.rows, histories.codes] = False
    theirs = closed_form(histories, len(title_ids), params)
    assert np.abs(ours - theirs)[is_unrated].max() < 1e-12


def test_two_titles_by_hand():
    # Both users rated both titles 3.5, so X'X = [[2, 2], [2, 2]]; with L = 2 I it is
    # B_ab = -P_ab / P_bb = 2 / 4 (of a user who rated a alone, b scores one half).
    histories = Histories(
        np.array([1, 2]), np.array([0, 2, 4]), np.array([0, 1, 0, 1]), np.full(4, 3.5)
    )
    params = RankingParams(**{**FULL, "reg": 1.0, "reg_count": 0.0})

    vectors = fit_vectors(histories, 2, params)

    score = vectors.weights[0] * vectors.factors[0] @ vectors.factors[1]
    assert score == pytest.approx(0.5, abs=1e-12)
    assert vectors.prior.tolist() == [1.0, 1.0]
    assert vectors.n_ratings.tolist() == [2, 2]


def test_a_hated_title_says_nothing(literal):
    title_ids = rated_titles(literal)
    histories = Histories.from_frame(literal, title_ids)
    params = RankingParams(**{**FULL, "rating_weight": 1.0, "reg": 1.0})

    weights = history_weights(histories, params)

    # x = max(0, 1 + (r - 3.5) / 1.5): of user 4, 3.5 stars for d and 0.5 for a.
    assert weights[-2:].tolist() == [1.0, 0.0]


def random_rows(n_rows, n_columns, n_values, seed=0):
    rng = np.random.default_rng(seed)
    columns = np.sort(rng.integers(0, n_columns, n_values)).astype(np.int32)
    rng.shuffle(columns)
    cuts = np.sort(rng.integers(0, n_values, n_rows - 1))
    starts = np.concatenate([[0], cuts, [n_values]]).astype(np.int64)
    return SparseRows(starts, columns, rng.random(n_values), n_columns)


def dense(rows):
    matrix = np.zeros((rows.n_rows, rows.n_columns))
    np.add.at(
        matrix, (np.repeat(np.arange(rows.n_rows), np.diff(rows.starts)), rows.columns), rows.values
    )
    return matrix


def test_a_large_matrix_has_the_singular_values_of_the_exact_decomposition():
    # Low rank and noise, as ratings are: 3,000 rows and 1,500 columns are beyond the dense way.
    rng = np.random.default_rng(1)
    rows = random_rows(3000, 1500, 60_000)
    taste = rng.normal(size=(1500, 8)) @ rng.normal(size=(8, 1500))
    rows.values[:] += np.abs(taste[rows.columns, rows.columns[::-1]]) / 8

    squares, stretched = right_factors(rows, 24, seed=0)

    exact = np.linalg.svd(dense(rows), compute_uv=False)[:24]
    np.testing.assert_allclose(np.sqrt(squares), exact, rtol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(stretched, axis=0), np.sqrt(squares), rtol=1e-4)


def test_the_gram_product_is_that_of_the_dense_matrix():
    rows = random_rows(200, 90, 3000)
    block = np.random.default_rng(2).normal(size=(90, 5)).astype(np.float32)

    product = gram_product(rows.starts, rows.columns, rows.values.astype(np.float32), block)

    matrix = dense(rows)
    np.testing.assert_allclose(product, matrix.T @ (matrix @ block), rtol=1e-4)


def test_any_number_of_threads_gives_the_same_numbers():
    rows = random_rows(2000, 1200, 30_000)
    values = rows.values.astype(np.float32)
    block = np.random.default_rng(3).normal(size=(1200, 16)).astype(np.float32)

    alone, together = (
        gram_product(rows.starts, rows.columns, values, block, n_threads) for n_threads in (1, 3)
    )

    np.testing.assert_array_equal(alone, together)


def test_a_large_matrix_of_few_dimensions_has_no_more_than_these():
    # Every row is one of five: the search space is exhausted long before it is full.
    few = random_rows(5, 1300, 200, seed=4)
    lengths = np.tile(np.diff(few.starts), 400)
    rows = SparseRows(
        np.concatenate([[0], np.cumsum(lengths)]),
        np.tile(few.columns, 400),
        np.tile(few.values, 400),
        1300,
    )

    squares, stretched = right_factors(rows, 12, seed=0)

    exact = 400 * np.linalg.svd(dense(few), compute_uv=False) ** 2
    np.testing.assert_allclose(squares[:5], exact, rtol=1e-4)
    assert (squares[5:] < 1e-4 * squares[0]).all()
    assert np.isfinite(stretched).all()


def test_nothing_to_learn_from_is_an_error(literal):
    with pytest.raises(InputError, match="no rows"):
        rated_titles(literal[:0])


def test_damping_takes_from_a_popular_titles_scores_whatever_was_rated():
    """With delta 1/2, a title that four people rated has half the scores, one of one person all."""
    users, titles = np.array([0, 0, 1, 1, 2, 2, 3, 3]), np.array([0, 1, 0, 2, 0, 2, 0, 2])
    starts = np.array([0, 2, 4, 6, 8])
    histories = Histories(np.arange(4), starts, titles.astype(np.int32), np.full(len(users), 4.0))

    def scores(damping: float):
        found = fit_vectors(histories, 3, RankingParams(n_factors=3, popularity_damping=damping))
        return (found.weights[:, np.newaxis] * found.factors) @ found.factors.T, found.prior

    (plain, prior), (damped, damped_prior) = scores(0.0), scores(0.5)
    expected = np.array([4, 1, 3]) ** -0.5
    np.testing.assert_allclose(damped, plain * expected)
    np.testing.assert_allclose(damped_prior, prior * expected)
