import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera.errors import InputError
from cartelera.evaluation import bootstrap
from cartelera.evaluation.bootstrap import Interval, bootstrap_intervals
from cartelera.evaluation.metrics.mae import mae
from cartelera.evaluation.metrics.rmse import rmse

stars = st.floats(0.5, 5.0)
pairs = st.lists(st.tuples(stars, stars), min_size=1, max_size=30)


def share(sums):
    """The first column over the second, as a ratio of sums over users."""
    return sums[:, :1] / sums[:, 1:2]


def interval_of(per_user, statistic=share, n_bootstrap=200, confidence=0.9, seed=0) -> Interval:
    (interval,) = bootstrap_intervals(
        np.asarray(per_user, dtype=float),
        statistic,
        n_bootstrap=n_bootstrap,
        confidence=confidence,
        seed=seed,
    )
    return interval


def test_errors_worked_by_hand():
    true, predicted = [5.0, 3.0, 1.0, 4.0], [4.0, 3.0, 3.0, 4.0]

    assert rmse(true, predicted) == pytest.approx(np.sqrt(5 / 4))
    assert mae(true, predicted) == pytest.approx(3 / 4)


@given(pairs)
def test_rmse_lies_between_the_mean_and_the_largest_error(rows):
    true, predicted = np.array(rows).T

    assert mae(true, predicted) <= rmse(true, predicted) + 1e-9
    assert rmse(true, predicted) <= np.abs(true - predicted).max() + 1e-9
    assert rmse(true, true) == mae(true, true) == 0


@pytest.mark.parametrize("measure", [rmse, mae])
def test_what_cannot_be_measured_is_refused(measure):
    with pytest.raises(InputError, match="diverged"):
        measure([3.0, 4.0], [3.0, np.nan])
    with pytest.raises(InputError, match="true ratings"):
        measure([np.nan, 4.0], [3.0, 4.0])
    with pytest.raises(InputError, match="empty"):
        measure([], [])
    with pytest.raises(ValueError, match="shapes"):
        measure([3.0], [3.0, 4.0])


def test_whole_users_are_resampled():
    """Two users of 50 ratings each: every resample is one user, the other, or both."""
    per_user = [[50 * 1.0, 50], [50 * 3.0, 50]]

    interval = interval_of(per_user)

    assert (interval.low, interval.value, interval.high) == (1.0, 2.0, 3.0)


def test_an_interval_narrows_with_users_and_with_less_confidence():
    rng = np.random.default_rng(0)
    few = np.column_stack([rng.normal(size=20), np.ones(20)])
    many = np.column_stack([rng.normal(size=2000), np.ones(2000)])

    def width(interval: Interval) -> float:
        return interval.high - interval.low

    assert width(interval_of(many)) < width(interval_of(few)) / 5
    assert width(interval_of(few, confidence=0.5)) < width(interval_of(few, confidence=0.95))


def test_the_interval_of_a_mean_is_that_of_the_textbook():
    values = np.random.default_rng(1).normal(size=400)

    interval = interval_of(np.column_stack([values, np.ones(400)]), n_bootstrap=4000)

    half = 1.645 * values.std() / np.sqrt(400)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.006)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.006)


def test_the_seed_decides():
    per_user = np.column_stack([np.arange(9.0), np.ones(9)])

    assert interval_of(per_user, seed=3) == interval_of(per_user, seed=3)
    assert interval_of(per_user, seed=3) != interval_of(per_user, seed=4)


def test_differences_are_paired():
    """Users differ wildly, two models only by 0.5: the difference is known exactly."""
    first = np.array([0.0, 40.0, 90.0, 10.0])
    per_user = np.column_stack([first, first + 0.5, np.ones(4)])

    interval = interval_of(per_user, lambda sums: (sums[:, :1] - sums[:, 1:2]) / sums[:, 2:])

    assert interval == Interval(-0.5, -0.5, -0.5)


def test_what_nobody_determines_is_nan():
    interval = interval_of([[0.0, 0.0], [0.0, 0.0]])

    assert np.isnan([interval.value, interval.low, interval.high]).all()


def test_resamples_that_determine_nothing_are_left_out():
    interval = interval_of([[1.0, 1.0], [0.0, 0.0]])

    assert interval == Interval(1.0, 1.0, 1.0)


def test_without_users_there_is_nothing_to_resample():
    with pytest.raises(ValueError, match="no users"):
        interval_of(np.empty((0, 2)))


def test_there_are_as_many_resamples_as_asked_for_however_many_fit_into_a_block(monkeypatch):
    monkeypatch.setattr(bootstrap, "_BLOCK_BYTES", 3 * 2 * 8)
    sizes: list[int] = []

    def count(sums):
        sizes.append(len(sums))
        return share(sums)

    interval_of([[1.0, 1.0], [3.0, 1.0]], count, n_bootstrap=7)

    assert sizes == [1, 3, 3, 1]  # the whole first
