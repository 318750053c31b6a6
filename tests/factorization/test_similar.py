import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.factorization.similar import SimilarTitle


def with_titles(title_factors, title_ids=None) -> Factors:
    title_factors = np.array(title_factors, dtype=np.float32)
    n_titles = len(title_factors)
    ids = title_ids or [f"as{code}" for code in range(n_titles)]
    return Factors(
        global_mean=3.0,
        user_bias=np.zeros(1, dtype=np.float32),
        title_bias=np.zeros(n_titles, dtype=np.float32),
        user_factors=np.zeros((1, title_factors.shape[1]), dtype=np.float32),
        title_factors=title_factors,
        user_ids=np.array([1]),
        title_ids=np.array(ids, dtype=object),
        title_means=np.full(n_titles, 3.0, dtype=np.float32),
        scale=(0.5, 5.0),
    )


def test_worked_by_hand():
    factors = with_titles([[1, 0], [3, 4], [-2, 0], [0, 5]])
    assert factors.similar("as0", 9) == [
        SimilarTitle("as1", pytest.approx(0.6)),
        SimilarTitle("as3", 0.0),
        SimilarTitle("as2", -1.0),
    ]
    assert factors.similar("as0", 1) == [SimilarTitle("as1", pytest.approx(0.6))]


def test_only_the_direction_counts_and_equals_are_in_alphabetical_order():
    factors = with_titles([[1, 1], [2, 2], [7, 7], [3, 3]], ["as1", "ns9", "ns10", "hs1"])
    similar = factors.similar("as1", 3)
    assert [title.title_id for title in similar] == ["hs1", "ns10", "ns9"]
    assert [title.similarity for title in similar] == pytest.approx([1.0] * 3)


def test_a_title_without_factors_is_like_no_other():
    factors = with_titles([[0, 0], [1, 0], [-1, 0]])
    assert factors.similar("as0", 2) == [SimilarTitle("as1", 0.0), SimilarTitle("as2", 0.0)]
    assert factors.similar("as1", 1) == [SimilarTitle("as0", 0.0)]


def test_filters_before_the_cut(factors):
    everything = [title.title_id for title in factors.similar("as1", 3)]
    assert everything == ["hs3", "ds2"]
    allowed = np.array([True, True, False])
    assert [title.title_id for title in factors.similar("as1", 1, allowed=allowed)] == ["ds2"]
    assert factors.similar("as1", 3, allowed=np.zeros(3, dtype=bool)) == []


def test_refuses_what_makes_no_sense(factors):
    with pytest.raises(InputError, match="no title 'zz'"):
        factors.similar("zz", 3)
    with pytest.raises(ValueError, match="k=0"):
        factors.similar("as1", 0)
    with pytest.raises(ValueError, match="one boolean for each of 3"):
        factors.similar("as1", 1, allowed=np.ones(2, dtype=bool))


@given(
    title_factors=hnp.arrays(np.float32, (12, 3), elements=st.integers(-3, 3).map(np.float32)),
    scale=st.sampled_from([1.0, 1e-6, 1e6]),
)
def test_similarity_is_the_cosine_best_first(title_factors, scale):
    factors = with_titles(title_factors * np.float32(scale))
    similar = factors.similar("as0", 20)
    assert len(similar) == 11
    norms = np.linalg.norm(title_factors.astype(float), axis=1)
    for title in similar:
        code = int(title.title_id.removeprefix("as"))
        product = float(title_factors[code].astype(float) @ title_factors[0])
        expected = product / (norms[code] * norms[0]) if product else 0.0
        assert title.similarity == pytest.approx(expected, abs=1e-6)
    keys = [(-title.similarity, title.title_id) for title in similar]
    assert keys == sorted(keys)


def test_biases_do_not_matter(factors):
    other = dataclasses.replace(factors, title_bias=np.array([9, -9, 3], dtype=np.float32))
    assert other.similar("as1", 3) == factors.similar("as1", 3)
