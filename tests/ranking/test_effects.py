"""What a rating is said to do to a score is what the score loses without it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ranking.conftest import draw_ratings

from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.score_scales import Scales

N_UNRATED = 4


@pytest.fixture(scope="module")
def model() -> RankingModel:
    """A model of 25 rated titles, and four that nobody rated, with content of three directions."""
    fitted = fit_ranking(draw_ratings(40, 25, 600), None, RankingParams(half_life=20.0))
    rng = np.random.default_rng(5)
    content = np.eye(3)[rng.integers(0, 3, 25 + N_UNRATED)] + 0.1 * rng.random((25 + N_UNRATED, 3))
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    more = {
        name: np.concatenate([getattr(fitted, name), getattr(fitted, name)[:N_UNRATED]])
        for name in ("factors", "weights", "prior")
    }
    return dataclasses.replace(
        fitted,
        **more,
        title_ids=np.append(fitted.title_ids, [f"u{number}" for number in range(N_UNRATED)]),
        content=content.astype(np.float32),
        n_ratings=np.append(fitted.n_ratings, np.zeros(N_UNRATED)).astype(np.int32),
        scales=Scales(0.3, 0.2),
    )


@settings(max_examples=25, deadline=None)
@given(
    codes=st.lists(st.integers(0, 28), min_size=2, max_size=8, unique=True),
    stars=st.lists(st.integers(1, 10), min_size=8, max_size=8),
)
def test_the_stated_loss_is_what_the_score_loses(model, codes, stars) -> None:
    title_ids = model.title_ids[codes].tolist()
    ratings = [number / 2 for number in stars[: len(codes)]]
    profile = model.profile(title_ids, ratings)
    listed = np.array([code for code in range(29) if code not in codes])

    losses = model.effects(profile, listed).losses

    for place in range(len(codes)):
        rest = model.profile(
            title_ids[:place] + title_ids[place + 1 :], ratings[:place] + ratings[place + 1 :]
        )
        dropped = model.score(profile, listed).scores - model.score(rest, listed).scores
        # What remains is that a history's focus is read with the weights as they were.
        largest = np.abs(model.score(profile, np.arange(29)).scores).max()
        np.testing.assert_allclose(losses[place], dropped, atol=0.02 * largest)


def test_shares_and_prior_add_up_to_the_score(model) -> None:
    profile = model.profile(model.title_ids[[3, 7, 26]].tolist(), [5.0, 4.0, 4.5])
    listed = np.array([0, 1, 2, 27, 28])

    shares = model.effects(profile, listed).shares

    found = model.score(profile, listed)
    np.testing.assert_allclose(shares.sum(axis=0) + found.prior, found.scores, rtol=1e-4, atol=1e-6)
