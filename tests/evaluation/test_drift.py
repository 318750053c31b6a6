import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.evaluation import drift
from cartelera.evaluation import drift as d
from cartelera.evaluation.drift import (
    Limits,
    activity,
    measure_drift,
    split_by_time,
    stability_by_chance,
    stability_index,
)
from cartelera.ratings.ratings_profile import RatingsProfile

LIMITS = Limits(new=0.2, psi=0.1, alpha=0.05, n_permutations=99, seed=0)
HISTOGRAMS = st.dictionaries(
    st.sampled_from([0.5 * half for half in range(1, 11)]), st.integers(0, 99), min_size=1
)


def frame(rows) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[c.USER_ID, c.TITLE_ID, c.RATING, c.TIMESTAMP])
    return table.astype({c.TITLE_ID: "str"})


def made_up(
    n: int, *, seed=0, stars=(3.0, 4.0), users=40, titles=30, start=0, quality=0.0, taste=0.0
):
    """Ratings of chance; with quality, titles with an even number are better; with taste, for
    users with an even number those are, and the others for others."""
    rng = np.random.default_rng(seed)
    pairs = rng.permutation(users * titles)[:n]
    is_even = pairs % titles % 2 == 0
    rating = rng.choice(stars, n) + quality * is_even
    rating += taste * (is_even == (pairs // titles % 2 == 0))
    names = pd.Series([f"ns{pair % titles}" for pair in pairs], dtype="str")
    return pd.DataFrame(
        {c.USER_ID: pairs // titles, c.TITLE_ID: names, c.RATING: rating, c.TIMESTAMP: start + np.arange(n)}
    )  # fmt: skip


def drift_of(before, new, limits=LIMITS):
    return measure_drift(
        pd.concat([before, new]),
        new,
        RatingsProfile.of(before),
        known_users=before[c.USER_ID].unique(),
        known_titles=before[c.TITLE_ID].unique(),
        limits=limits,
    )


def test_shares_and_means_by_hand():
    before = frame([(1, "a", 4.0, 1), (2, "b", 2.0, 2)])
    new = frame([(1, "c", 5.0, 3), (3, "a", 5.0, 4), (3, "b", 4.0, 5), (3, "d", 2.0, 6)])

    found = drift_of(before, new)

    assert (found.share_of_new_users, found.share_of_new_titles) == (0.75, 0.5)
    sentences = [finding.sentence for finding in found.findings]
    assert sentences[0].startswith("75.0% of the new ratings are of users not known before, which")
    assert sentences[1].startswith("50.0% of the new ratings are of titles not known before, which")
    assert not found.verdict.is_fine
    assert found.verdict.sentence == f"{sentences[0]} {sentences[1]}"
    assert found.to_json()["mean_shift"] == 1.0


def test_the_index_by_hand():
    """Half a rating is added to each: shares 0.25 and 0.75 against 0.75 and 0.25."""
    before, new = {1.0: 0, 2.0: 1}, {1.0: 1}
    assert stability_index(before, new) == pytest.approx(2 * 0.5 * np.log(3))


@given(before=HISTOGRAMS, new=HISTOGRAMS)
def test_the_index_is_a_distance_of_shares(before, new):
    assert stability_index(before, new) >= 0
    assert stability_index(before, new) == pytest.approx(stability_index(new, before))
    assert stability_index(before, before) == 0


def test_chance_alone_seldom_exceeds_its_bound():
    rng = np.random.default_rng(0)
    shares = np.array([0.02, 0.03, 0.05, 0.2, 0.3, 0.4])
    exceeded = []
    for _ in range(300):
        before, new = (dict(enumerate(rng.multinomial(n, shares).tolist())) for n in (2000, 400))
        exceeded.append(stability_index(before, new) > stability_by_chance(before, new))
    assert np.mean(exceeded) < 0.1


def test_ratings_as_before_are_nothing_to_worry_about():
    before, new = made_up(900), made_up(300, seed=1, start=900)
    found = drift_of(before, new)
    assert found.verdict.is_fine
    assert found.verdict.sentence == "Nothing to worry about in 300 new ratings."


def test_too_few_ratings_are_not_said_to_be_as_before():
    found = drift_of(made_up(900), made_up(1, seed=1, stars=(5.0,), start=900))
    sentence = found.findings[2].sentence
    assert found.findings[2].is_fine
    assert sentence.startswith("The new ratings are too few to say that stars are spread diff")


def test_other_stars_are_noticed():
    found = drift_of(made_up(900), made_up(300, seed=1, stars=(4.0, 5.0), start=900))
    assert not found.verdict.is_fine
    assert "a mean of 4.5" in found.verdict.sentence
    assert "after 3.5" in found.verdict.sentence


def test_a_few_ratings_may_be_spread_differently_by_chance():
    before, new = made_up(900), made_up(4, seed=1, stars=(4.0,), start=900)
    found = drift_of(before, new)
    assert found.psi > LIMITS.psi
    assert found.verdict.is_fine


def test_quality_is_looked_for_in_the_new_ratings():
    before = made_up(900)
    assert not drift_of(before, made_up(900, start=900)).signal.quality.is_found
    found = drift_of(before, made_up(900, stars=(3.0, 3.5), quality=0.5, start=900))
    assert found.signal.quality.is_found
    assert not found.signal.taste.is_found
    assert "The new ratings alone show differences in quality." in {
        f.sentence for f in found.findings
    }
    assert "The new ratings are too few to show taste alone (900 tested)." in {
        f.sentence for f in found.findings
    }


def test_many_ratings_without_quality_are_worth_a_look():
    before = made_up(2500, users=100, quality=0.5)
    found = drift_of(before, made_up(2500, seed=1, users=100, start=2500, stars=(3.0, 3.5, 4.5)))
    assert [f.sentence for f in found.findings if not f.is_fine][-1].startswith(
        "The new ratings alone show no differences in quality"
    )


def test_taste_is_looked_for_apart_from_quality():
    found = drift_of(made_up(900), made_up(900, stars=(3.0, 3.5), taste=1.0, start=900))
    assert found.signal.taste.is_found
    assert not found.signal.quality.is_found
    assert "The new ratings alone show differences in taste." in {
        f.sentence for f in found.findings
    }


def test_many_ratings_with_quality_and_no_taste_are_worth_a_look(monkeypatch):
    before, new = made_up(900, quality=0.5), made_up(900, seed=1, start=900, quality=0.5)
    assert drift_of(before, new).verdict.is_fine
    monkeypatch.setattr(drift, "ENOUGH_FOR_TASTE", 900)
    found = drift_of(before, new)
    assert [f.sentence for f in found.findings if not f.is_fine] == [
        "The new ratings alone show no differences in taste: what is new may be made up."
    ]


def test_many_ratings_of_people_with_few_say_nothing_of_taste(monkeypatch):
    monkeypatch.setattr(drift, "ENOUGH_FOR_TASTE", 900)
    found = drift_of(made_up(900, users=600), made_up(900, seed=1, users=600, start=900))
    assert not found.signal.taste.is_tested
    assert found.findings[-1].is_fine
    assert "Too few people rated the same new titles" in found.findings[-1].sentence


def test_nothing_new_and_nothing_before_give_nothing():
    ratings = made_up(9)
    assert drift_of(ratings, ratings[:0]) is None
    assert drift_of(ratings[:0], ratings) is None


def test_parts_by_time_whoever_rated():
    ratings = made_up(100).sample(frac=1, random_state=0)
    earlier, recent = split_by_time(ratings, 0.1)
    assert sorted(recent[c.TIMESTAMP]) == list(range(90, 100))
    assert len(earlier) == 90


@given(times=st.lists(st.integers(0, 9), min_size=1, max_size=40), share=st.floats(0.01, 0.99))
def test_ratings_of_one_second_stay_together(times, share):
    ratings = frame([(user, "a", 3.0, time) for user, time in enumerate(times)])
    earlier, recent = split_by_time(ratings, share)
    assert len(earlier) + len(recent) == len(times)
    assert len(recent) <= share * len(times) + 1
    assert recent.empty or earlier[c.TIMESTAMP].max() < recent[c.TIMESTAMP].min()


def test_activity_counts_who_comes_for_the_first_time():
    ratings = frame([(1, "a", 3.0, 0), (2, "a", 3.0, 1), (1, "b", 3.0, 47), (2, "a", 3.0, 47)])
    table = activity(ratings)
    assert table[d.PERIOD_START].tolist() == list(range(0, 48, 2))
    assert table.iloc[0].tolist() == [0, 2, 2, 1, 2, 1]
    assert table.iloc[-1].tolist() == [46, 2, 2, 2, 0, 1]
    assert table[1:-1].drop(columns=d.PERIOD_START).to_numpy().sum() == 0


@given(n=st.integers(2, 300), seed=st.integers(0, 9))
def test_activity_adds_up(n, seed):
    ratings = made_up(n, seed=seed)
    table = activity(ratings)
    assert table[d.N_RATINGS].sum() == n
    assert table[d.N_NEW_USERS].sum() == ratings[c.USER_ID].nunique()
    assert table[d.N_NEW_TITLES].sum() == ratings[c.TITLE_ID].nunique()


def test_goes_into_a_file():
    text = json.dumps(drift_of(made_up(50), made_up(50, seed=2, start=50)).to_json())
    assert json.loads(text)["new"]["n_ratings"] == 50
