from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.evaluation.comparison import MODEL, compare, draw_audience
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics import HIGH, LOW, METRICS, MeanMetric, Metric, of_kind
from cartelera.evaluation.metrics.average_precision import MAP
from cartelera.evaluation.metrics.coverage import COVERAGE
from cartelera.evaluation.metrics.gini import GINI
from cartelera.evaluation.metrics.mae import MAE
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.novelty import NOVELTY
from cartelera.evaluation.metrics.overlap import OVERLAP
from cartelera.evaluation.metrics.precision import PRECISION
from cartelera.evaluation.metrics.recall import RECALL
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.metrics.stratified_recall import STRATIFIED_RECALL
from cartelera.evaluation.metrics.tail_recall import TAIL_RECALL

PAIRED = [metric.key for metric in of_kind(Metric) if metric.is_paired]


@pytest.fixture
def compared(model, fake, train, test, settings):
    return compare({"model": model, "bold": fake("edcba", stars=4.0)}, train, test, settings)


def test_values_worked_by_hand(compared):
    """The model's errors are -2 -1 -1 1 1 0 -2; its lists are those of `test_ranking`.

    Of e (1 rating), f (none), c (2): user 1 has weights 1 and 1 and hits e, users 2 and 4 have one
    over the root of 2 each and hit it. The head are a and b: all three are outside.
    """
    second_place, weight = 1 / np.log2(3), 1 / np.sqrt(2)
    expected = {
        RMSE: np.sqrt(12 / 7),
        MAE: 8 / 7,
        NDCG: (1 / (1 + second_place) + second_place + 1) / 3,
        PRECISION: 0.5,
        RECALL: 2.5 / 3,
        MAP: 2 / 3,
        STRATIFIED_RECALL: (1 + 2 * weight) / (2 + 2 * weight),
        TAIL_RECALL: 2.5 / 3,
        NOVELTY: (2 + (-np.log2(3 / 4) + 1) / 2 + 1.5) / 3,
        OVERLAP: (1 / 4 + 1 / 4 + 2 / 4) / 3,
        COVERAGE: 3 / 5,
        # Counts 0 0 1 2 2 among five titles: (0 + 1 * 0 + 2 * 2 + 4 * 2) / (5 * 5).
        GINI: 12 / 25,
    }

    assert {x: compared.interval("model", x).value for x in expected} == pytest.approx(expected)
    assert set(expected) == set(METRICS)


def test_who_is_measured_is_counted(compared):
    assert compared.n_test_ratings == 7
    assert compared.n_test_users == 4
    assert compared.n_relevant_users == compared.n_ranked_users == 3


def test_the_table_has_a_row_a_model_and_intervals_around_the_values(compared):
    assert compared.table[MODEL].tolist() == compared.models == ["model", "bold"]
    assert compared.first == "model"
    for measure in (metric.key for metric in of_kind(MeanMetric)):
        low, high = compared.table[measure + LOW], compared.table[measure + HIGH]
        assert (low <= compared.table[measure] + 1e-12).all()
        assert (compared.table[measure] <= high + 1e-12).all()


def test_differences_are_first_minus_other(compared):
    for measure in PAIRED:
        difference = compared.differences[measure]["bold"]
        values = [compared.interval(name, measure).value for name in ("model", "bold")]
        assert difference.value == pytest.approx(values[0] - values[1])
        assert difference.low <= difference.value <= difference.high


def test_equal_models_do_not_differ(model, train, test, settings):
    compared = compare({"one": model, "other": model}, train, test, settings)

    for measure in PAIRED:
        difference = compared.differences[measure]["other"]
        assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_a_side_that_is_missing_is_left_out(model, train, test, settings):
    entries = {
        "model": model,
        "stars": Entry(rater=model.rater),
        "lists": Entry(None, model.ranker),
    }

    compared = compare(entries, train, test, settings)

    assert list(compared.predictions) == ["model", "stars"]
    assert compared.rankers == ["model", "lists"]
    assert np.isnan(compared.interval("stars", NDCG).value)
    assert np.isnan(compared.interval("stars", COVERAGE).value)
    assert np.isnan(compared.interval("lists", RMSE).value)
    assert compared.difference(RMSE, "stars").value == 0
    assert compared.difference(RMSE, "lists") is None
    assert compared.difference(NDCG, "stars") is None
    assert compared.interval("lists", NDCG) == compared.interval("model", NDCG)


def test_a_first_model_without_lists_is_not_compared_by_them(model, train, test, settings):
    entries = {"stars": Entry(rater=model.rater), "lists": Entry(None, model.ranker)}

    compared = compare(entries, train, test, settings)

    assert compared.difference(NDCG, "lists") is None
    assert compared.difference(RMSE, "lists") is None


def test_shares_of_titles_are_of_all_that_anybody_lists(model, fake, train, test, settings):
    entries = {"model": model, "wide": fake("abcdefghij")}

    compared = compare(entries, train, test, settings)

    assert compared.interval("model", COVERAGE).value == pytest.approx(3 / 10)


def test_the_same_every_time_and_whatever_the_order_of_rows(model, train, test, settings):
    one = compare({"model": model}, train, test, settings)
    again = compare({"model": model}, train[::-1], test[::-1], settings)

    pd.testing.assert_frame_equal(one.table, again.table)


def test_lists_are_made_for_a_sample_and_stars_measured_on_all(model, train, test, settings):
    few = replace(settings, max_users=2)

    compared = compare({"model": model}, train, test, few)

    assert (compared.n_ranked_users, compared.n_relevant_users) == (2, 3)
    assert compared.interval("model", RMSE).value == pytest.approx(np.sqrt(12 / 7))
    drawn = {tuple(draw_audience(train, test, replace(few, seed=n)).user_ids) for n in range(30)}
    assert drawn == {(1, 2), (1, 4), (2, 4)}


def test_a_model_that_is_better_for_everyone_is_clearly_better(fake, settings):
    users = np.repeat(np.arange(20), 5)
    test = pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: np.tile(list("abcde"), 20),
            c.RATING: np.tile([3.0, 3.5, 4.0, 3.0, 3.5], 20),
        }
    )
    train = pd.DataFrame({c.USER_ID: [0], c.TITLE_ID: ["z"], c.RATING: [3.0], c.TIMESTAMP: [0]})
    likes_c = {user: [0.0, 0.0, 1.0] for user in range(20)}

    compared = compare(
        {"near": fake("abc", likes_c, stars=3.5), "far": fake("abc", stars=2.0)},
        train,
        test,
        replace(settings, k=1),
    )

    assert compared.differences[RMSE]["far"].high < 0
    assert compared.differences[NDCG]["far"].low > 0


def test_without_relevant_titles_the_lists_are_not_judged(model, fake, train, test, settings):
    strict = replace(settings, relevant_at=6.0)
    compared = compare({"model": model, "other": fake()}, train, test, strict)

    assert compared.n_ranked_users == 0
    assert compared.interval("model", RMSE).value == pytest.approx(np.sqrt(12 / 7))
    assert np.isnan(compared.interval("model", NDCG).value)
    assert np.isnan(compared.interval("model", COVERAGE).value)
    assert np.isnan(compared.differences[NDCG]["other"].value)


def test_bad_input_is_refused(fake, model, train, test, settings):
    with pytest.raises(InputError, match="empty"):
        compare({"model": model}, train, test[:0], settings)
    with pytest.raises(InputError, match="diverged"):
        compare({"model": fake(stars=np.nan)}, train, test, settings)
