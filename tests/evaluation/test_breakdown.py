import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.evaluation import breakdown as b
from cartelera.evaluation.comparison import MODEL, compare
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.metrics.rmse import RMSE
from cartelera.evaluation.settings import Settings

SETTINGS = Settings(k=2, relevant_at=4, n_bootstrap=10, confidence=0.9, max_users=100, seed=0)


def compared_on(rater, train, test):
    return compare({"model": Entry(rater=rater)}, train, test, SETTINGS)


class Identity:
    """Predicts the number in the title's id."""

    def predict(self, user_ids, title_ids):
        assert len(user_ids) == len(title_ids)
        return np.asarray(title_ids, dtype=float)


def test_true_stands_beside_predicted(train):
    predicted = np.linspace(1, 5, 40)
    test = pd.DataFrame(
        {c.USER_ID: 1, c.TITLE_ID: predicted.astype(str), c.RATING: predicted + 0.25}
    )

    table = b.calibration(test, compared_on(Identity(), train, test))

    assert table[b.N_RATINGS].tolist() == [4] * 10
    assert (table[b.TRUE] - table[b.PREDICTED]).tolist() == pytest.approx([0.25] * 10)
    assert table[b.PREDICTED].is_monotonic_increasing
    assert (table[b.LOW_QUARTILE] <= table[b.HIGH_QUARTILE]).all()


def test_equal_predictions_share_a_bin(fake_rater, train, test):
    table = b.calibration(test, compared_on(fake_rater(), train, test))

    assert table[b.N_RATINGS].tolist() == [7]


def test_error_by_popularity_worked_by_hand(fake_rater, train, test):
    """Held out: f was never rated in train, e once, c twice, b and d three times."""
    table = b.rmse_by_popularity(train, test, compared_on(fake_rater(), train, test))

    assert table[b.GROUP].tolist() == ["0", "1", "2", "3"]
    assert table[b.N_RATINGS].tolist() == [1, 2, 2, 2]
    assert table[RMSE].tolist() == pytest.approx([1.0, np.sqrt(2), np.sqrt(2.5), 1.0])
    assert set(table[MODEL]) == {"model"}


def test_error_by_activity_worked_by_hand(fake_rater, train, test):
    """User 1 has four ratings in train, the others three."""
    table = b.rmse_by_activity(train, test, compared_on(fake_rater(), train, test))

    assert table[b.GROUP].tolist() == ["3", "4"]
    assert table[RMSE].tolist() == pytest.approx([np.sqrt(7 / 5), np.sqrt(5 / 2)])


def test_titles_that_are_all_new_in_test_are_one_group(fake_rater, train, test):
    new = test.assign(**{c.TITLE_ID: "z"})
    table = b.rmse_by_popularity(train, new, compared_on(fake_rater(), train, new))

    assert table[b.GROUP].tolist() == ["0"]
    assert table[b.N_RATINGS].tolist() == [7]


def test_the_groups_hold_every_rating_once(fake_rater):
    rng = np.random.default_rng(0)
    train = pd.DataFrame({c.USER_ID: rng.geometric(0.03, 3000), c.TITLE_ID: "a"})
    test = pd.DataFrame(
        {c.USER_ID: rng.geometric(0.02, 500), c.TITLE_ID: "a", c.RATING: rng.uniform(1, 5, 500)}
    )

    table = b.rmse_by_activity(train, test, compared_on(fake_rater(), train, test))

    assert table[b.N_RATINGS].sum() == 500
    assert table[b.GROUP].is_unique
    assert table[b.GROUP].iloc[0] == "0"
    assert len(table) == 6


@pytest.fixture
def lists(model, train, test):
    """Users 1, 2 and 4; of what they like, their lists hold e first, c second, c first."""
    return compare({"model": model}, train, test, SETTINGS)


def test_lists_by_activity_worked_by_hand(lists, train):
    groups = b.activity_groups(train, lists.user_ids)
    table = b.ndcg_by_group(lists, groups, ["model"])
    second = 1 / np.log2(3)
    assert table[[b.GROUP, b.N_USERS]].to_numpy().tolist() == [["3", 2], ["4", 1]]
    assert table[NDCG].tolist() == pytest.approx([(second + 1) / 2, 1 / (1 + second)])


def test_lists_by_kind_leave_out_who_is_of_none(lists):
    kinds = pd.Series(["noir", "drama", "noir"], index=[1, 3, 4])
    table = b.ndcg_by_group(lists, kinds, ["model"])
    assert table[[b.GROUP, MODEL, b.N_USERS]].to_numpy().tolist() == [["noir", "model", 2]]
    assert b.ndcg_by_group(lists, kinds.loc[[3]], ["model"]).empty
