import numpy as np
import pytest

from cartelera.evaluation.audience import ListValues
from cartelera.evaluation.metrics import ListMetric, of_kind
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.overlap import OVERLAP
from cartelera.evaluation.resampling import list_intervals, mean_intervals


def of_lists(rng, n_users, **values) -> ListValues:
    names = [metric.key for metric in of_kind(ListMetric)]
    table = np.column_stack([values.get(name, rng.random(n_users)) for name in names])
    return ListValues(table, np.ones_like(table))


def test_weights_decide_how_much_a_user_counts(settings):
    rng = np.random.default_rng(0)
    lists = of_lists(rng, 3)
    lists.values[:, 0], lists.weights[:, 0] = [0.2, 0.8, 0.0], [1.0, 3.0, 0.0]

    found = list_intervals([lists], settings).own[0][NDCG]

    assert found.value == pytest.approx((0.2 + 3 * 0.8) / 4)


def test_the_overlap_of_pairs_is_twice_as_uncertain_as_a_mean_over_users(settings):
    rng = np.random.default_rng(0)
    own = rng.random(50)
    found = list_intervals([of_lists(rng, 50, **{NDCG: own, OVERLAP: own})], settings).own[0]

    mean, pairs = found[NDCG], found[OVERLAP]
    assert (mean.value, pairs.value) == pytest.approx((own.mean(), own.mean()))
    assert pairs.high - pairs.value == pytest.approx(2 * (mean.high - mean.value))
    assert pairs.value - pairs.low == pytest.approx(2 * (mean.value - mean.low))


def test_differences_are_paired(settings):
    values = np.random.default_rng(0).random(30)
    found = mean_intervals([values + 0.25, values], NDCG, settings)

    difference = found.paired[0][NDCG]
    assert (difference.low, difference.high) == pytest.approx((0.25, 0.25))


def test_nothing_to_measure():
    assert list_intervals([], None).own == []
