"""A flood of received ratings, and the lists of people who have rated next to nothing."""

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.parameters import RankingParams
from cartelera.ratings.received import cap_received
from cartelera.sources import sample

N_SENT = 16_000


@pytest.fixture(scope="module")
def own() -> pd.DataFrame:
    made = sample.generate(n_titles=250, n_users=260, n_ratings=16_000, noise=0.8, seed=7)
    return made.truth.ratings[list(c.CLEAN_RATING_COLUMNS)].assign(**{c.IS_RECEIVED: False})


@pytest.fixture(scope="module")
def flooded(own) -> pd.DataFrame:
    """5 stars for the ten least rated titles, from 1,600 accounts."""
    pushed = own[c.TITLE_ID].astype(str).value_counts().index[-10:]
    n_accounts = N_SENT // len(pushed)
    flood = pd.DataFrame(
        {
            c.USER_ID: 10**6 + np.repeat(np.arange(n_accounts), len(pushed)),
            c.TITLE_ID: pd.Series(np.tile(pushed, n_accounts), dtype="str"),
            c.RATING: 5.0,
            c.TIMESTAMP: int(own[c.TIMESTAMP].max()) + 1,
            c.IS_RECEIVED: True,
        }
    )
    return pd.concat([own, flood], ignore_index=True)


def list_of_a_newcomer(ratings: pd.DataFrame, liked: str) -> set[str]:
    model = fit_ranking(ratings, None, RankingParams(n_factors=16))
    someone = model.profile([liked], [5.0])
    return {line.title_id for line in model.recommend(someone, k=10)}


def test_a_newcomers_list_keeps_most_of_its_titles(own, flooded):
    liked = str(own[c.TITLE_ID].value_counts().index[30])
    before = list_of_a_newcomer(own, liked)
    assert not before & list_of_a_newcomer(flooded, liked), "the attack as it was"

    kept, left_out = cap_received(flooded, share=0.2, seed=0)

    assert len(before & list_of_a_newcomer(kept, liked)) >= 7
    assert len(left_out) > 0.9 * N_SENT
