from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.evaluation import tuned
from cartelera.evaluation.baselines import BiasOnly, UserMean
from cartelera.evaluation.settings import Settings
from cartelera.ratings.split import split

SCALE = (0.5, 5.0)
HOLD_OUT = partial(split, method="chronological", test_fraction=0.25, n_last=5, seed=0)
SETTINGS = Settings(k=3, relevant_at=4.0, n_bootstrap=100, confidence=0.9, max_users=50, seed=0)


@pytest.fixture(scope="module")
def ratings() -> pd.DataFrame:
    """Thirty users who differ much in generosity, and titles that hardly differ."""
    rng = np.random.default_rng(0)
    pairs = rng.permutation(30 * 25)[:450]
    users, titles = pairs // 25, pairs % 25
    stars = 3 + 1.2 * np.sin(users) + 0.3 * rng.normal(size=len(users))
    return pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: [f"hs{title:02d}" for title in titles],
            c.RATING: np.clip(np.round(2 * stars) / 2, *SCALE),
            c.TIMESTAMP: np.arange(len(users)),
        }
    )


@pytest.fixture(scope="module")
def fitted(ratings) -> tuned.Baselines:
    return tuned.fit_baselines(ratings, HOLD_OUT, scale=SCALE, settings=SETTINGS)


def test_rankers_order_and_raters_rate(fitted):
    rankers = {name for name, entry in fitted.entries.items() if entry.ranker is not None}
    raters = {name for name, entry in fitted.entries.items() if entry.rater is not None}
    assert rankers == {"popularity", "item_knn", "ease"}
    assert raters == {"bias_only", "title_mean", "user_mean", "global_mean"}
    assert set(fitted.chosen) == rankers | raters - {"global_mean"}


def test_constants_are_those_with_the_least_error(ratings, fitted):
    inner, valid = HOLD_OUT(ratings)

    def error(model) -> float:
        predicted = model.predict(valid[c.USER_ID], valid[c.TITLE_ID])
        return float(np.mean(np.square(predicted - valid[c.RATING])))

    chosen = fitted.chosen["user_mean"]["shrinkage"]
    errors = {
        shrinkage: error(UserMean.fit(inner, scale=SCALE, shrinkage=shrinkage))
        for shrinkage in (0.5, 2.0, 8.0, 35.0, 100.0)
    }
    own = error(UserMean.fit(inner, scale=SCALE, shrinkage=chosen))
    assert own <= min(errors.values())
    tuned_biases = error(BiasOnly.fit(inner, scale=SCALE, **fitted.chosen["bias_only"]))
    assert tuned_biases < error(BiasOnly.fit(inner, scale=SCALE))


def test_generous_users_are_believed_sooner_than_titles(fitted):
    biases = fitted.chosen["bias_only"]
    assert biases["reg_users"] < biases["reg_titles"]


def test_the_same_every_time(ratings, fitted):
    again = tuned.fit_baselines(ratings, HOLD_OUT, scale=SCALE, settings=SETTINGS)
    assert again.chosen == fitted.chosen


def test_what_was_held_out_is_fitted_in_the_end(ratings, fitted):
    assert fitted.entries["popularity"].ranker.counts.sum() > len(HOLD_OUT(ratings)[0]) / 2
    assert len(fitted.entries["global_mean"].rater.user_ids) == ratings[c.USER_ID].nunique()
    assert fitted.entries["global_mean"].rater.global_mean == pytest.approx(
        ratings[c.RATING].mean(), abs=1e-6
    )


def test_with_too_few_ratings_the_usual_constants_are_taken(train):
    fitted = tuned.fit_baselines(train[:1], HOLD_OUT, scale=SCALE, settings=SETTINGS)
    assert fitted.chosen["item_knn"]["n_neighbours"] == 100


def test_without_relevant_titles_rankers_keep_the_usual_constants(ratings):
    strict = replace(SETTINGS, relevant_at=6.0)
    fitted = tuned.fit_baselines(ratings, HOLD_OUT, scale=SCALE, settings=strict)
    assert fitted.chosen["item_knn"]["n_neighbours"] == 100


def test_many_titles_have_no_ease_and_many_ratings_are_sampled(ratings, monkeypatch):
    monkeypatch.setattr(tuned, "MOST_TITLES_OF_EASE", 10)
    monkeypatch.setattr(tuned, "MOST_RATINGS", 150)
    sizes: list[int] = []

    def hold_out(part):
        sizes.append(part[c.USER_ID].nunique())
        return HOLD_OUT(part)

    fitted = tuned.fit_baselines(ratings, hold_out, scale=SCALE, settings=SETTINGS)

    assert sizes == [10]  # a third of the ratings, a third of the users
    assert "ease" not in fitted.entries
    assert "ease" not in fitted.chosen
    assert len(fitted.entries["global_mean"].rater.user_ids) == 30


def test_ratings_without_noise_are_taken_as_they_are():
    """Users and titles each have a bias, nothing else: to hold one back would only err."""
    rng = np.random.default_rng(0)
    users, titles = np.divmod(np.arange(30 * 20), 20)
    stars = 3 + rng.normal(0, 0.5, 30)[users] + rng.normal(0, 0.5, 20)[titles]
    exact = pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: [f"hs{title:02d}" for title in titles],
            c.RATING: stars,
            c.TIMESTAMP: rng.permutation(len(users)),
        }
    )
    chosen = tuned.choose_raters(*HOLD_OUT(exact), scale=(0.0, 6.0))
    assert chosen["bias_only"] == {"reg_users": 0.0, "reg_titles": 0.0}


def test_no_neighbouring_constants_of_biases_would_have_been_better(ratings, fitted):
    inner, valid = HOLD_OUT(ratings)
    chosen = fitted.chosen["bias_only"]

    def error(**own) -> float:
        model = BiasOnly.fit(inner, scale=SCALE, **{**chosen, **own})
        predicted = model.predict(valid[c.USER_ID], valid[c.TITLE_ID])
        return float(np.mean(np.square(predicted - valid[c.RATING])))

    for name, own in chosen.items():
        assert min(error(**{name: 0.8 * own}), error(**{name: 1.25 * own})) > 0.99 * error()


def test_at_least_one_user_is_drawn(ratings, monkeypatch):
    monkeypatch.setattr(tuned, "MOST_RATINGS", 1)
    sizes: list[int] = []

    def hold_out(part):
        sizes.append(part[c.USER_ID].nunique())
        return HOLD_OUT(part)

    tuned.fit_baselines(ratings, hold_out, scale=SCALE, settings=SETTINGS)
    assert sizes == [1]
