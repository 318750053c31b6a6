import numpy as np
import pandas as pd
import pytest

from cartelera.evaluation.popularity import TitlePopularity


@pytest.fixture
def popularity(train) -> TitlePopularity:
    """Of 13 ratings a has 4, b and d 3 each, c 2, e 1."""
    return TitlePopularity.of(train)


def test_counts_and_weights(popularity):
    assert popularity.n_ratings(["e", "never rated", "a"]).tolist() == [1, 0, 4]
    assert popularity.weights(["e", "never rated", "a"]).tolist() == [1.0, 1.0, 0.5]


def test_the_head_are_the_fewest_titles_with_half_of_the_ratings(popularity):
    assert popularity.head.tolist() == ["a", "b"]
    assert popularity.is_tail(["a", "d", "z"]).tolist() == [False, True, True]


def test_surprise_in_bits(popularity):
    assert popularity.self_information(["a", "c", "e", "never rated"]).tolist() == [0, 1, 2, 2]


def test_the_order_of_rows_does_not_matter(popularity, train):
    again = TitlePopularity.of(train.sample(frac=1, random_state=0))
    pd.testing.assert_series_equal(again.counts, popularity.counts)
    assert again.head.tolist() == popularity.head.tolist()


def test_text_is_text_whatever_its_type(popularity, train):
    for ids in (np.array(["a"]), pd.Series(["a"], dtype="str"), np.array(["a"], dtype=object)):
        assert popularity.n_ratings(ids).tolist() == [4]
