"""How a list is put together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.ranking.composing import CONTENT, POPULARITY, RANKING, Scored, compose, interleave
from cartelera.ranking.content_taste import Mixing, Taste

N = 8
N_RATED = 5
SCORES = np.array([5.0, 4.0, 3.0, 2.0, 1.0, 90.0, 80.0, 70.0])
CONTENT_SCORES = np.array([1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def best(codes, allowed, prior, k: int) -> Scored:
    kept = np.array([code for code in codes if code in allowed][:k], np.intp)
    return Scored(kept, CONTENT_SCORES[kept], np.array(prior, float)[kept], SCORES[kept])


def listed(
    k: int = 4, allowed=range(N), prior=(0,) * N, *, focus: float = 0.0, share: float = 0.0
) -> tuple[list[int], list[str]]:
    found, origins = compose(
        best(range(N_RATED), allowed, prior, k),
        lambda: best(range(N_RATED, N), allowed, prior, k),
        Taste(np.zeros(2), 1.0, focus, 1.0, share, 3),
        k,
        Mixing(),
    )
    return found.codes.tolist(), origins


def test_unrated_titles_do_not_compete_by_score() -> None:
    assert listed()[0] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("share", "codes"),
    [(0.25, [0, 1, 2, 5]), (0.5, [0, 5, 1, 6]), (1.0, [5, 6, 7, 0]), (1 / 3, [0, 1, 5, 2])],
)
def test_unrated_titles_have_the_share_they_have_in_the_history(share, codes) -> None:
    assert listed(share=share)[0] == codes


def test_a_rated_title_that_does_not_fit_gives_its_place_to_an_unrated_one() -> None:
    assert listed(focus=1.0)[0] == [0, 5, 2, 3]
    assert listed(focus=0.2)[0] == [0, 1, 2, 3]


def test_every_filter_that_matches_titles_has_a_list() -> None:
    assert listed(allowed=[6, 7])[0] == [6, 7]
    assert listed(allowed=[1], focus=1.0)[0] == [1]
    assert listed(allowed=[])[0] == []


def test_each_title_says_where_it_comes_from() -> None:
    codes, origins = listed(k=8, prior=[2.0, 3.0, 0, 0, 0, 90.0, 0, 0], share=0.5)

    assert dict(zip(codes, origins, strict=True)) == {
        **dict.fromkeys([0, 2, 3, 4], RANKING),
        1: POPULARITY,
        **dict.fromkeys([5, 6, 7], CONTENT),
    }


def test_titles_that_nobody_rated_are_not_looked_for_where_no_list_needs_them() -> None:
    def refuse() -> Scored:
        raise AssertionError

    known = Taste(np.zeros(2), 1.0, 0.0, 1.0, 0.09, 3)
    compose(best(range(N_RATED), range(N), (0,) * N, 4), refuse, known, 4, Mixing())


@given(
    st.integers(0, 6),
    st.integers(0, 6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.floats(0, 1),
    st.integers(1, 14),
)
def test_a_list_is_full_and_names_nothing_twice(n_rated, n_unrated, fits, share, k) -> None:
    rated, unrated = np.arange(n_rated), 100 + np.arange(n_unrated)
    codes = interleave(rated, unrated, np.array(fits[:n_rated], np.bool_), share, k).tolist()

    assert len(codes) == len(set(codes)) == min(k, n_rated + n_unrated)
    assert set(codes) <= {*rated.tolist(), *unrated.tolist()}
    assert [code for code in codes if code >= 100] == sorted(code for code in codes if code >= 100)
