from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.cold_titles import cold_title_ndcg
from cartelera.ranking.histories import Histories

N_USERS, N_TITLES = 40, 60
IDS = np.array([f"t{title:02d}" for title in range(N_TITLES)], dtype=object)
GENRE = np.arange(N_TITLES) % 4


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """Everybody rates 20 titles and likes those of one genre."""
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(N_USERS), 20)
    titles = np.concatenate([rng.permutation(N_TITLES)[:20] for _ in range(N_USERS)])
    return pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: IDS[titles],
            c.RATING: np.where(GENRE[titles] == users % 4, 5.0, 2.0),
            c.TIMESTAMP: np.arange(len(users)),
        }
    )


class ByGenre:
    """Knows the titles' genres, and no ratings but those it is told of."""

    title_ids = IDS

    def __init__(self, fitted_to: pd.DataFrame):
        self.fitted_to = fitted_to

    def score_histories(self, histories: Histories):
        liked = np.zeros((histories.n_users, 4))
        np.add.at(liked, (histories.rows, GENRE[histories.codes]), histories.values - 3)
        return liked[:, GENRE]


@pytest.fixture(scope="module")
def settings(request) -> object:
    from cartelera.evaluation.settings import Settings

    return Settings(k=5, relevant_at=4.0, n_bootstrap=100, confidence=0.9, max_users=100, seed=0)


def test_who_knows_the_genres_ranks_hidden_titles(ratings, settings):
    found = cold_title_ndcg(ByGenre, ratings, settings)
    assert found.difference.low > 0.1
    assert found.ndcg.value > found.random.value
    assert found.difference.value == pytest.approx(found.ndcg.value - found.random.value)
    assert (found.n_users, found.n_titles) == (N_USERS, N_TITLES)


def test_nothing_of_a_hidden_title_is_fitted_or_told(ratings, settings):
    hidden_at_some_time: list[set[str]] = []

    class Watched(ByGenre):
        def __init__(self, fitted_to):
            super().__init__(fitted_to)
            hidden_at_some_time.append(set(IDS) - set(fitted_to[c.TITLE_ID]))

        def score_histories(self, histories):
            assert not {IDS[code] for code in histories.codes} & hidden_at_some_time[-1]
            return super().score_histories(histories)

    cold_title_ndcg(Watched, ratings, settings)
    assert len(hidden_at_some_time) == 5
    assert sum(len(one) for one in hidden_at_some_time) == N_TITLES
    assert set().union(*hidden_at_some_time) == set(IDS)


def test_the_seed_decides_and_users_are_drawn(ratings, settings):
    few = replace(settings, max_users=7)
    found = cold_title_ndcg(ByGenre, ratings, few)
    assert found == cold_title_ndcg(ByGenre, ratings, few)
    assert found.n_users == 7


def test_without_relevant_titles_nothing_is_known(ratings, settings):
    found = cold_title_ndcg(ByGenre, ratings, replace(settings, relevant_at=6.0))
    assert np.isnan(found.ndcg.value)
    assert found.n_users == 0


def test_a_ranker_that_lacks_hidden_titles_is_refused(ratings, settings):
    class OnlyRated(ByGenre):
        def __init__(self, fitted_to):
            super().__init__(fitted_to)
            self.title_ids = np.unique(fitted_to[c.TITLE_ID].to_numpy(dtype=object))

    with pytest.raises(InputError, match="lacks 12 of 12 hidden titles"):
        cold_title_ndcg(OnlyRated, ratings, settings)
    with pytest.raises(InputError, match="cannot be split into 5"):
        cold_title_ndcg(ByGenre, ratings[ratings[c.TITLE_ID] == "t00"], settings)
