"""How much the ratings of a history count, worked out by hand."""

import numpy as np
import pytest

from cartelera.ranking.histories import Histories
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.weights import history_weights, rating_weights


@pytest.fixture
def histories() -> Histories:
    """User 7 rated titles 0, 1 and 2, user 8 nothing, user 9 title 1."""
    return Histories(
        user_ids=np.array([7, 8, 9]),
        starts=np.array([0, 3, 3, 4]),
        codes=np.array([0, 1, 2, 1], np.int32),
        values=np.array([5.0, 3.5, 2.0, 0.5]),
    )


def test_a_rating_counts_by_its_distance_from_the_neutral_one_and_never_below_nothing():
    stars = np.array([5.0, 4.25, 3.5, 2.0, 0.5])

    assert rating_weights(stars, 0.5).tolist() == [1.5, 1.25, 1.0, 0.5, 0.0]
    assert rating_weights(stars, 1.0).tolist() == [2.0, 1.5, 1.0, 0.0, 0.0]
    assert rating_weights(stars, 0.0).tolist() == [1.0] * 5


def test_an_earlier_rating_counts_half_after_a_half_life_of_later_ones(histories):
    fading = RankingParams(rating_weight=0.0, half_life=1.0)
    lasting = RankingParams(rating_weight=0.5, half_life=None)

    assert history_weights(histories, fading).tolist() == [0.25, 0.5, 1.0, 1.0]
    assert history_weights(histories, lasting).tolist() == [1.5, 1.0, 0.5, 0.0]


def test_weighted_vectors_are_added_up_user_by_user(histories):
    vectors = np.array([[1.0, 0.0], [0.0, 1.0], [10.0, 10.0]])
    weights = np.array([2.0, 3.0, 0.5, 7.0])

    assert histories.weighted_sums(weights, vectors).tolist() == [[7, 8], [0, 0], [0, 7]]
    nobody = histories.part(slice(1, 2))
    assert nobody.weighted_sums(np.zeros(0), vectors).tolist() == [[0, 0]]
