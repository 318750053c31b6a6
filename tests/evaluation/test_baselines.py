import numpy as np
import pandas as pd
import pytest
import surprise
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.evaluation.baselines import BiasOnly, GlobalMean, TitleMean, UserMean

SCALE = (0.5, 5.0)


@pytest.fixture
def train() -> pd.DataFrame:
    """User 1 rated three titles, user 2 one; the mean of all is 3."""
    return pd.DataFrame(
        {
            c.USER_ID: [1, 1, 1, 2],
            c.TITLE_ID: ["as1", "as2", "ds3", "as1"],
            c.RATING: [5.0, 4.0, 1.5, 1.5],
        }
    )


def test_global_mean(train):
    model = GlobalMean.fit(train, scale=SCALE)
    assert model.predict([1, 9], ["as1", "zz"]).tolist() == [3.0, 3.0]


def test_user_mean_is_plain_by_default_and_global_for_strangers(train):
    model = UserMean.fit(train, scale=SCALE)
    assert model.predict([1, 2, 9, 2], ["as1", "zz", "as1", "zz"]).tolist() == [3.5, 1.5, 3.0, 1.5]


def test_user_mean_is_drawn_to_the_global_mean_if_from_few(train):
    model = UserMean.fit(train, scale=SCALE, shrinkage=2.0)
    assert model.predict([1, 2], ["as1", "as1"]) == pytest.approx([3 + 1.5 / 5, 3 - 1.5 / 3])


def test_title_mean_is_shrunken(train):
    model = TitleMean.fit(train, scale=SCALE)
    # as1 deviates from 3 by 2 and -1.5, as2 by 1, ds3 by -1.5; ten ratings of 3 are added to each.
    expected = [3 + 0.5 / 12, 3 + 1 / 11, 3 - 1.5 / 11, 3.0]
    assert model.predict([1, 9, 1, 1], ["as1", "as2", "ds3", "zz"]) == pytest.approx(expected)


def test_bias_only_first_round_by_hand(train, monkeypatch):
    monkeypatch.setattr("cartelera.evaluation.baselines._ALS_EPOCHS", 1)
    model = BiasOnly.fit(train, scale=SCALE)
    b_as1, b_as2, b_ds3 = 0.5 / 12, 1 / 11, -1.5 / 11
    b_1 = (2 - b_as1 + 1 - b_as2 - 1.5 - b_ds3) / 18
    b_2 = (-1.5 - b_as1) / 16
    assert model.title_bias == pytest.approx([b_as1, b_as2, b_ds3])
    assert model.user_bias == pytest.approx([b_1, b_2])
    assert model.predict([2, 9, 1, 9], ["ds3", "ds3", "zz", "zz"]) == pytest.approx(
        [3 + b_2 + b_ds3, 3 + b_ds3, 3 + b_1, 3.0]
    )


def test_bias_only_clips_predictions():
    train = pd.DataFrame(
        {
            c.USER_ID: np.repeat(np.arange(40), 40),
            c.TITLE_ID: np.tile([f"as{n}" for n in range(40)], 40),
            c.RATING: np.tile([5.0] * 20 + [4.0] * 20, 40),
        }
    )
    train.loc[train[c.USER_ID] == 0, c.RATING] = 5.0
    model = BiasOnly.fit(train, scale=SCALE)
    assert model.global_mean + model.user_bias[0] + model.title_bias[0] > 5.0
    assert model.predict([0], ["as0"])[0] == 5.0


@given(
    pairs=st.lists(
        st.tuples(st.integers(1, 6), st.integers(1, 8)), min_size=1, max_size=30, unique=True
    ),
    reg_users=st.sampled_from([15, 3]),
    reg_titles=st.sampled_from([10, 5]),
    data=st.data(),
)
def test_bias_only_is_surprises_baseline(pairs, reg_users, reg_titles, data):
    stars = st.lists(st.integers(1, 10), min_size=len(pairs), max_size=len(pairs))
    train = pd.DataFrame(
        {
            c.USER_ID: [user for user, _ in pairs],
            c.TITLE_ID: [f"ns{title}" for _, title in pairs],
            c.RATING: np.array(data.draw(stars)) / 2,
        }
    )
    reader = surprise.Reader(rating_scale=SCALE)
    trainset = surprise.Dataset.load_from_df(train, reader).build_full_trainset()
    options = {"method": "als", "reg_u": reg_users, "reg_i": reg_titles}
    theirs = surprise.BaselineOnly(bsl_options=options, verbose=False).fit(trainset)
    users, titles = [*train[c.USER_ID], 99, 1, 99], [*train[c.TITLE_ID], "ns1", "zz", "zz"]
    expected = [theirs.predict(*pair).est for pair in zip(users, titles, strict=True)]
    model = BiasOnly.fit(train, scale=SCALE, reg_users=reg_users, reg_titles=reg_titles)
    np.testing.assert_allclose(model.predict(users, titles), expected, rtol=1e-12)
