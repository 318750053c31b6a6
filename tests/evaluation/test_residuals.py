import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.errors import InputError
from cartelera.evaluation.residuals import SMALLEST_BAND, summarise

SETTINGS = {"coverage": 0.8, "top": 5.0, "seed": 0}


def test_few_ratings_by_hand():
    """Errors -4 to 4 by 1: a tail of (9 + 1) / 10 = 1, so the smallest and the largest."""
    errors = np.arange(-4, 5) / 2
    found = summarise(np.arange(9), 2.5 + errors, np.full(9, 2.5), **SETTINGS)

    assert (found.overall.low, found.overall.high) == (-2.0, 2.0)
    assert found.bands == (found.overall,)
    assert (found.overall.up_to, found.overall.n_ratings) == (5.0, 9)


def test_the_tails_of_many_ratings_by_hand():
    """Of 99 errors the 10th smallest and the 10th largest."""
    true = np.arange(1.0, 100.0)
    found = summarise(np.arange(99), true, np.zeros(99), **SETTINGS)
    assert (found.overall.low, found.overall.high) == (10.0, 90.0)


def test_each_band_has_its_own_interval():
    """Predictions of 2 stars are off by up to 1, those of 4 by up to 0.1."""
    n = 500
    predicted = np.repeat([2.0, 4.0], n)
    errors = np.concatenate([np.linspace(-1, 1, n), np.linspace(-0.1, 0.1, n)])
    found = summarise(np.arange(2 * n) % 50, predicted + errors, predicted, **SETTINGS)

    assert [band.up_to for band in found.bands] == [2.0, 5.0]
    assert [band.n_ratings for band in found.bands] == [n, n]
    assert found.bands[0].high == pytest.approx(0.8, abs=0.01)
    assert found.bands[1].high == pytest.approx(0.08, abs=0.001)
    assert found.bands[1].low == pytest.approx(-0.08, abs=0.001)


@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 2500),
    grid=st.sampled_from([0.01, 0.5, 2.0]),
    coverage=st.sampled_from([0.5, 0.8, 0.95]),
)
def test_bands_part_all_ratings_and_hold_at_least_their_share(seed, n, grid, coverage):
    rng = np.random.default_rng(seed)
    predicted = np.clip(np.round(rng.normal(3.5, 0.8, n) / grid) * grid, 0.5, 5)
    true = rng.integers(1, 11, n) / 2
    found = summarise(rng.integers(0, 40, n), true, predicted, coverage=coverage, top=5.0, seed=0)

    ends = [band.up_to for band in found.bands]
    assert ends == sorted(set(ends))
    assert ends[-1] == 5.0
    assert sum(band.n_ratings for band in found.bands) == n
    assert len(found.bands) == 1 or min(b.n_ratings for b in found.bands) >= SMALLEST_BAND // 2
    codes = np.searchsorted(ends, predicted)
    low, high = (np.array([getattr(b, end) for b in found.bands])[codes] for end in ("low", "high"))
    errors = true - predicted
    assert np.mean((low <= errors) & (errors <= high)) >= coverage - 1e-9
    json.dumps(found.to_json(), allow_nan=False)


def test_other_users_find_the_coverage_that_was_aimed_at():
    rng = np.random.default_rng(0)
    n = 20_000
    predicted = rng.uniform(0.5, 5, n)
    true = predicted + rng.normal(0, 0.2 + 0.2 * predicted)
    found = summarise(rng.integers(0, 500, n), true, predicted, **SETTINGS)
    assert found.measured_coverage == pytest.approx(0.8, abs=0.02)
    assert [band.high for band in found.bands] == sorted(band.high for band in found.bands)


def test_one_user_cannot_be_halved():
    found = summarise(np.zeros(9, dtype=int), np.full(9, 3.0), np.full(9, 3.0), **SETTINGS)
    assert found.measured_coverage is None
    assert found.to_json() == {
        "coverage": 0.8, "low": 0.0, "high": 0.0, "n_ratings": 9, "measured_coverage": None,
        "bands": [{"up_to": 5.0, "low": 0.0, "high": 0.0, "n_ratings": 9}],
    }  # fmt: skip


def test_the_order_of_the_ratings_does_not_matter():
    rng = np.random.default_rng(3)
    users, true, predicted = rng.integers(0, 9, 999), rng.uniform(1, 5, 999), rng.uniform(1, 5, 999)
    order = rng.permutation(999)
    assert summarise(users, true, predicted, **SETTINGS) == summarise(
        users[order], true[order], predicted[order], **SETTINGS
    )


def test_no_ratings_are_refused():
    with pytest.raises(InputError, match="empty"):
        summarise(np.array([], dtype=int), [], [], **SETTINGS)
