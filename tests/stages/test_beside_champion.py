import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.factorization.factors import Factors
from cartelera.files import write_json
from cartelera.paths import Paths
from cartelera.ratings.portrait import Portrait
from cartelera.stages.beside_champion import (
    FEWEST_RATINGS,
    Champion,
    compare_with_champion,
    drift_since,
)

CONF = Path(__file__).parents[2] / "conf"
N = 240


@pytest.fixture(scope="module")
def settings():
    return compose(["evaluate.n_bootstrap=100", "evaluate.drift_permutations=99"], CONF).evaluate


@pytest.fixture
def model(tmp_path) -> Factors:
    """Knows 20 users and 30 titles, and predicts 3 stars of all."""
    blank = {
        name: np.zeros(shape, dtype=np.float32)
        for name, shape in {
            "user_bias": 20, "title_bias": 30, "user_factors": (20, 1), "title_factors": (30, 1),
        }.items()
    }  # fmt: skip
    factors = Factors(
        global_mean=3.0,
        user_ids=np.arange(20),
        title_ids=np.array([f"ns{code}" for code in range(30)], dtype=object),
        title_means=np.full(30, 3.0, dtype=np.float32),
        scale=(0.5, 5.0),
        **blank,
    )
    return saved(factors, tmp_path / "model", {"train": {"sha256": {"train": "a"}}})


def saved(factors, folder, card) -> Factors:
    factors.save(folder, card)
    return Factors.load(folder)


@pytest.fixture
def ratings() -> pd.DataFrame:
    codes = np.random.default_rng(0).permutation(20 * 30)[:N]
    return pd.DataFrame(
        {
            c.USER_ID: codes // 30,
            c.TITLE_ID: pd.Series([f"ns{code % 30}" for code in codes], dtype="str"),
            c.RATING: np.where(codes % 2, 3.0, 3.5),
            c.TIMESTAMP: np.arange(N),
        }
    )


@pytest.fixture
def crown(model, tmp_path):
    """Leave a champion that predicts 4 stars of all, as the register stage does."""

    def crown(card, *, factors=None, registered=None) -> Paths:
        paths = Paths(tmp_path / "data")
        four = dataclasses.replace(model, global_mean=4.0)
        (factors or four).save(paths.champion / "factors", card)
        write_json(paths.registered, registered or {"version": 7, "aliases": ["champion"]})
        return paths

    return crown


def test_a_champion_of_the_same_train_part_meets_all_test_ratings(crown, model, ratings, settings):
    champion = Champion.read(crown({"train": {"sha256": {"train": "a"}, "last_timestamp": 999}}))

    numbers, (verdict,) = compare_with_champion(model, champion, ratings, settings)

    found = numbers["beside_champion"]
    assert (found["version"], found["n_ratings"]) == (7, N)
    assert found["model_rmse"] < 0.5 < found["champion_rmse"]
    assert found["rmse_difference"] == pytest.approx(
        found["model_rmse"] - found["champion_rmse"], abs=1e-6
    )
    assert verdict.is_better


def test_a_champion_of_another_train_part_meets_only_ratings_given_since(
    crown, model, ratings, settings
):
    last = N - FEWEST_RATINGS - 1
    champion = Champion.read(crown({"train": {"sha256": {"train": "b"}, "last_timestamp": last}}))

    numbers, (verdict,) = compare_with_champion(model, champion, ratings, settings)

    assert numbers["beside_champion"]["n_ratings"] == FEWEST_RATINGS
    assert "version 7, on the 100 held-out ratings new to both" in verdict.sentence


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"train": "?"},
        {"train": {"sha256": {}}},
        {"train": {"sha256": {"train": "b"}, "last_timestamp": "2020"}},
        {"train": {"sha256": {"train": "b"}, "last_timestamp": N - FEWEST_RATINGS}},
    ],
)
def test_a_champion_that_may_have_seen_the_ratings_is_not_compared_with(
    crown, model, ratings, settings, card
):
    numbers, (verdict,) = compare_with_champion(
        model, Champion.read(crown(card)), ratings, settings
    )

    assert not numbers
    assert not verdict.is_better
    assert "too few to compare with it" in verdict.sentence


def test_the_champion_itself_has_no_rival(crown, model, ratings, settings):
    champion = Champion.read(crown({}, factors=model))
    assert compare_with_champion(model, champion, ratings, settings) == ({}, [])
    assert compare_with_champion(model, None, ratings, settings) == ({}, [])


def test_there_is_no_champion_before_the_first(tmp_path):
    assert Champion.read(Paths(tmp_path / "data")) is None


@pytest.mark.parametrize(
    "registered",
    [{"version": 7, "aliases": ["candidate"]}, {"version": 7}, {"aliases": ["champion"]}],
)
def test_what_is_no_champion_is_not_taken_for_one(crown, registered):
    assert Champion.read(crown({}, registered=registered)) is None


@pytest.mark.parametrize("card", [{"reference": 1}, {"reference": {"n_ratings": 3}}])
def test_a_champion_with_a_senseless_card_is_not_looked_at(crown, card, caplog):
    assert Champion.read(crown(card)) is None
    assert "The champion is not looked at" in caplog.text


def test_a_damaged_champion_is_not_looked_at(crown, caplog):
    paths = crown({})
    (paths.champion / "factors" / "users.parquet").write_bytes(b"?")
    assert Champion.read(paths) is None
    assert "users.parquet" in caplog.text


def test_new_ratings_are_those_after_the_last_the_champion_knew_of(crown, ratings, settings):
    reference = Portrait.of(ratings[:200]).to_json()
    champion = Champion.read(crown({"reference": reference}))
    later = ratings.assign(user_id=lambda rows: rows["user_id"].where(rows["timestamp"] < 230, 99))

    drift, about = drift_since(later, champion, settings, alpha=0.05)

    assert about == (
        "The 40 ratings after the last one that the champion, version 7, knew of (1970-01-01), "
        "beside its 200 ratings."
    )
    assert (drift.before.n_ratings, drift.new.n_ratings) == (200, 40)
    assert drift.share_of_new_users == 10 / 40


def test_without_later_ratings_the_latest_are_set_beside_those_before(crown, ratings, settings):
    champion = Champion.read(crown({"reference": Portrait.of(ratings).to_json()}))
    over_time = "The latest 24 ratings, from 1970-01-01 on, beside the 216 before."

    for who, said in (
        (champion, f"No ratings are later than those that the champion knew of. {over_time}"),
        (Champion.read(crown({})), over_time),
        (None, over_time),
    ):
        drift, about = drift_since(ratings, who, settings, alpha=0.05)
        assert about == said
        assert drift.new.n_ratings == 24


def test_ratings_of_one_moment_have_no_drift(ratings, settings):
    drift, about = drift_since(ratings.assign(timestamp=5), None, settings, alpha=0.05)
    assert drift is None
    assert about == "The ratings were all given at the same time: none are new."
