"""Reasons: exact shares, true, and different from card to card."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cartelera import columns as c
from cartelera.ranking.fit import fit_vectors, rated_titles
from cartelera.ranking.histories import Histories
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.reasons import LIKED, choose_reasons, explain, shares
from cartelera.ranking.weights import history_weights

ALL = np.ones(2, dtype=bool)


def overlap(sets: list[set]) -> float:
    """Mean Jaccard overlap of two cards that have reasons."""
    pairs = list(combinations([some for some in sets if some], 2))
    return float(np.mean([len(a & b) / len(a | b) for a, b in pairs])) if pairs else 0.0


def test_shares_by_hand():
    weights = np.array([2.0, 0.5])
    rated = np.array([[1.0, 0.0], [1.0, 1.0]])
    listed = np.array([[3.0, 4.0], [0.0, 2.0], [1.0, 0.0]])
    assert shares(weights, rated, listed).tolist() == [[6.0, 0.0, 2.0], [3.5, 1.0, 0.5]]


def test_reason_is_the_share_above_its_mean_not_the_largest_one():
    # The first rating brings both cards up alike; the others tell them apart.
    contributions = np.array([[0.9, 0.9], [0.3, 0.1], [0.0, 0.2]])
    assert choose_reasons(contributions, np.array([5.0, 4.0, 4.0]), ALL) == [[1], [2]]


def test_disliked_title_is_no_reason():
    contributions = np.array([[0.9, 0.1], [0.1, 0.2]])
    assert choose_reasons(contributions, np.array([3.0, 3.5]), ALL) == [[1], [1]]
    assert choose_reasons(contributions, np.array([3.0, 1.0]), ALL) == [[], []]


def test_rating_that_takes_away_is_no_reason():
    contributions = np.array([[-0.1, -0.5]])
    assert choose_reasons(contributions, np.array([5.0]), ALL) == [[], []]


def test_card_alone_has_the_largest_shares():
    contributions = np.array([[0.1], [0.5], [0.4], [0.3], [0.01]])
    reasons = choose_reasons(contributions, np.full(5, 4.0), np.ones(1, dtype=bool))
    assert reasons == [[1, 2, 3]]
    assert choose_reasons(contributions, np.full(5, 4.0), np.ones(1, dtype=bool), 1) == [[1]]


def test_faint_reason_is_not_added():
    contributions = np.array([[1.0, 0.0], [0.2, 0.0], [0.0, 1.0]])
    assert choose_reasons(contributions, np.full(3, 4.0), ALL) == [[0], [2]]


def test_explain_tells_popular_from_personal():
    contributions = np.array([[0.6, 0.1], [0.2, 0.1]])
    first, second = explain(contributions, np.array([0.2, 0.3]), ["ns1", "ns2"], np.array([5, 4.5]))

    assert not first.popular
    assert [(r.title_id, r.rating, r.share) for r in first.reasons] == [("ns1", 5.0, 0.6)]
    assert first.reasons[0].fraction == pytest.approx(0.6)
    assert second.popular
    assert second.reasons == ()


def test_fraction_of_a_score_below_zero_is_none():
    found = explain(np.array([[0.5], [-0.9]]), np.array([-1.0]), ["ns1", "ns2"], np.full(2, 4.0))
    assert found[0].reasons[0].fraction == 0.0


def test_explain_nothing():
    assert explain(np.zeros((0, 2)), np.ones(2), [], np.zeros(0))[0].popular
    assert explain(np.zeros((1, 0)), np.zeros(0), ["ns1"], np.ones(1)) == []


@st.composite
def lists(draw):
    n_rated, n_listed = draw(st.integers(0, 12)), draw(st.integers(1, 12))
    numbers = st.floats(-1, 1, width=16)
    stars = st.integers(1, 10).map(lambda halves: halves / 2)
    return (
        draw(arrays(np.float64, (n_rated, n_listed), elements=numbers)),
        draw(arrays(np.float64, n_rated, elements=stars)),
        draw(arrays(np.bool_, n_listed)),
    )


@given(lists())
def test_reasons_are_true_and_at_most_three(drawn):
    contributions, ratings, wanting = drawn
    chosen = choose_reasons(contributions, ratings, wanting)
    for card, reasons in enumerate(chosen):
        assert len(set(reasons)) == len(reasons) <= 3
        assert all(contributions[j, card] > 0 and ratings[j] >= LIKED for j in reasons)
        possible = (contributions[:, card] > 0) & (ratings >= LIKED)
        assert bool(reasons) == bool(wanting[card] and possible.any())


@given(st.integers(0, 10_000), st.integers(2, 15))
def test_overlap_is_bounded_where_there_are_enough_ratings(seed, n_listed):
    # Every rating is above its mean on some card, so that none has to be used too often.
    contributions = 1 + np.random.default_rng(seed).random((8 * n_listed, n_listed))
    chosen = choose_reasons(contributions, np.full(8 * n_listed, 5.0), np.ones(n_listed, bool))
    assert all(chosen)
    assert overlap([set(reasons) for reasons in chosen]) <= 0.2


@pytest.fixture(scope="module")
def streaming() -> pd.DataFrame:
    if "CARTELERA_REAL_DATA" not in os.environ:
        pytest.skip("CARTELERA_REAL_DATA is not set")
    folder = Path(os.environ["CARTELERA_REAL_DATA"]) / "streaming" / "ratings"
    ratings = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("*.csv"))])
    names = {c.RAW_USER: c.USER_ID, c.RAW_TITLE_ID: c.TITLE_ID}
    ratings = ratings.rename(columns=names).drop_duplicates([c.USER_ID, c.TITLE_ID], keep="last")
    return ratings.sort_values([c.USER_ID, c.TIMESTAMP, c.TITLE_ID], ignore_index=True)


PARAMS = RankingParams(n_factors=64, reg=15.0, reg_count=1.5, rating_weight=1.0)


@pytest.mark.parametrize("n_ratings", [3, 5, 10, None])
def test_real_people(streaming, n_ratings):
    """What is stated as a share is what the score loses without the rating."""
    title_ids = rated_titles(streaming)
    titles = fit_vectors(Histories.from_frame(streaming, title_ids), len(title_ids), PARAMS)

    def parts(latest: pd.DataFrame, listed) -> tuple[np.ndarray, np.ndarray]:
        told = Histories.from_frame(latest, title_ids)
        weights = history_weights(told, PARAMS) * titles.weights[told.codes]
        strength = PARAMS.prior_strength / (PARAMS.prior_ratings + len(latest))
        rated = titles.factors[told.codes]
        return shares(weights, rated, titles.factors[listed]), strength * titles.prior[listed]

    stated, lost, overlaps = [], [], []
    for _, rated in list(streaming.groupby(c.USER_ID))[::40]:
        latest = rated.tail(n_ratings or len(rated))
        ids, stars = latest[c.TITLE_ID].to_numpy(object), latest[c.RATING].to_numpy()
        contributions, prior = parts(latest, slice(None))
        scores = contributions.sum(axis=0) + prior
        listed = np.argsort(np.where(np.isin(title_ids, ids), np.inf, -scores))[:10]

        explained = explain(contributions[:, listed], prior[listed], ids.tolist(), stars)
        overlaps.append(overlap([{r.title_id for r in one.reasons} for one in explained]))
        for title, one in zip(listed, explained, strict=True):
            for reason in one.reasons:
                kept, rest = parts(latest[ids != reason.title_id], [title])
                stated.append(reason.share)
                lost.append(float(scores[title] - kept.sum() - rest[0]))

    assert len(stated) > 50
    assert np.corrcoef(stated, lost)[0, 1] >= 0.99
    if n_ratings is None:
        assert np.mean(overlaps) <= 0.2
