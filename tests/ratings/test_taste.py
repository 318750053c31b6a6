"""The test of taste: how often it cries wolf, and what it finds."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import binom
from tests.ratings.simulated import World, frame

from cartelera.ratings.scales import Beyond, Scales
from cartelera.ratings.taste import find_taste, predict_deviations
from cartelera.ratings.tested import UNTESTED, draw_testable

ALPHA = 0.05
N_WORLDS = 120
BY_LUCK = 1e-3
"""How often a test that holds alpha would have more false alarms than are allowed here."""

NO_TASTE = {
    "dense": World(),
    "sparse": World(n_titles=400),
    "uneven noise": World(uneven_noise=0.4),
    "own scales": World(slopes=0.5),
    "own scales, sparse": World(slopes=0.5, n_titles=300),
    "half stars up to 5": World(in_stars=True, mean=4.2, quality=0.6),
    "uneven noise up to 5": World(in_stars=True, mean=4.3, uneven_noise=0.4),
    "own scales up to 5": World(
        n_users=400, n_titles=100, n_each=40, slopes=0.5, in_stars=True, mean=4.4, quality=0.8
    ),
    "no quality": World(quality=0.0, in_stars=True),
    "skewed counts": World(n_titles=200, skew=0.9),
    "few titles": World(n_titles=12, n_each=6),
    "all of it": World(n_titles=150, skew=0.8, slopes=0.3, uneven_noise=0.3, in_stars=True),
}


def outcome_of(ratings, seed=0, n_flips=99, alpha=ALPHA):
    rng = np.random.default_rng((seed, 1))
    rows = draw_testable(ratings, 100_000, rng)
    return find_taste(rows, n_flips=n_flips, alpha=alpha, rng=rng)


def found_in(world, n_worlds):
    return sum(outcome_of(world.rate(seed), seed).is_found for seed in range(n_worlds))


@pytest.mark.parametrize("world", NO_TASTE.values(), ids=NO_TASTE.keys())
def test_without_taste_false_alarms_are_as_rare_as_alpha(world):
    assert found_in(world, N_WORLDS) <= binom.ppf(1 - BY_LUCK, N_WORLDS, ALPHA)


@pytest.mark.parametrize(
    "world",
    [
        World(taste=1.1, quality=0.0),
        World(taste=1.1),
        World(taste=1.2, n_tastes=5, n_each=25),
        World(taste=0.8, n_titles=120, n_each=20, skew=0.5, in_stars=True),
    ],
    ids=["nothing else", "beside quality", "five tastes", "skewed half stars"],
)
def test_planted_taste_is_mostly_found(world):
    assert found_in(world, 20) >= binom.ppf(BY_LUCK, 20, 0.9)


def test_two_camps_are_told_from_quality():
    """Camps like opposite halves: titles' means are equal, and nothing but taste is to be found."""
    rng = np.random.default_rng(0)
    users, titles = np.nonzero(rng.random((60, 40)) < 0.5)
    stars = 3 + np.where(users % 2 == titles % 2, 1, -1) + rng.choice([-0.5, 0.0, 0.5], len(users))
    outcome = outcome_of(frame(users, titles, stars), n_flips=999)
    assert outcome.p_value == 1 / 1000
    assert outcome.statistic > 0.7
    assert outcome.expected == 0


@pytest.mark.parametrize(
    ("users", "titles"),
    [
        ([1, 1, 2, 2], ["a", "b", "a", "b"]),  # hardly any is kept aside
        (np.repeat(np.arange(50), 8), np.arange(400)),  # nobody rated what another did
    ],
)
def test_what_nobody_shares_is_not_tested(users, titles):
    rng = np.random.default_rng(0)
    assert outcome_of(frame(users, titles, rng.choice([2.0, 5.0], len(users)))) == UNTESTED


def test_predictions_worked_by_hand():
    """Likeness of users 0 and 1: 1 * 1 + 1 * -1 + -1 * -1 = 1, over sqrt((3 + 20)(4 + 20))."""
    deviations = csr_array([[1.0, 1, -1, 0], [1.0, -1, -1, 2], [0.0, 0, 0, 0]])
    predicted = predict_deviations(deviations, np.array([0, 2]), np.array([3, 3]))
    assert predicted == pytest.approx([2 / np.sqrt(23 * 24), 0])


def test_predictions_are_the_same_by_either_side():
    """More users than titles or fewer: blocks of titles or of users."""
    rng = np.random.default_rng(0)
    for shape in ((30, 8), (8, 30)):
        dense = rng.normal(size=shape) * (rng.random(shape) < 0.4)
        users, titles = np.nonzero(dense == 0)
        damped = 1 / np.sqrt((dense != 0).sum(axis=1) + 20)
        expected = (damped[:, None] * dense) @ dense.T @ (damped[:, None] * dense)
        found = predict_deviations(csr_array(dense), users, titles)
        assert found == pytest.approx(expected[users, titles])


def test_curves_and_levels_are_taken_off():
    rng = np.random.default_rng(0)
    users, titles = np.nonzero(rng.random((30, 25)) < 0.3)
    quality, slopes, levels, others = (rng.normal(size=n) for n in (25, 30, 30, 25))
    beyond = Beyond(users, titles, quality[titles])
    bends = rng.normal(size=30)
    without_taste = levels[users] + slopes[users] * quality[titles] + others[titles]
    without_taste += bends[users] * quality[titles] ** 2
    assert beyond(without_taste) == pytest.approx(0, abs=1e-5)

    left = beyond(rng.normal(size=len(users)))
    assert beyond(left) == pytest.approx(left, abs=1e-5)
    for column in (1, quality[titles], quality[titles] ** 2):
        assert np.bincount(users, column * left) == pytest.approx(0, abs=1e-9)
    assert np.bincount(titles, left) == pytest.approx(0, abs=1e-5)


def test_own_scales_are_fitted():
    rng = np.random.default_rng(0)
    users, titles = (grid.ravel() for grid in np.indices((40, 60)))
    slopes, quality = np.exp(rng.normal(0, 0.4, 40)), rng.normal(0, 0.7, 60)
    values = 3 + slopes[users] * quality[titles] + rng.normal(0, 0.3, len(users))
    scales = Scales.fit(users, titles, values, (41, 61))
    assert np.corrcoef(scales.slopes[:40], slopes)[0, 1] > 0.95
    assert np.corrcoef(scales.quality[:60], quality)[0, 1] > 0.98
    unknown = scales.expect(np.array([40]), np.array([60]))
    assert unknown == pytest.approx(values.mean(), abs=0.1)
