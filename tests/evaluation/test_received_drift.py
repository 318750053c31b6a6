import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.evaluation.drift import Limits
from cartelera.evaluation.received_drift import find_sudden_feedback

LIMITS = Limits(new=0.2, psi=0.1, alpha=0.05, n_permutations=99, seed=0)


def make_ratings(n: int, start: int, *, stars=(3.0, 4.0), n_titles=10, is_received=False):
    rng = np.random.default_rng(start)
    return pd.DataFrame(
        {
            c.USER_ID: np.arange(n),
            c.TITLE_ID: pd.Series([f"ns{t}" for t in rng.integers(0, n_titles, n)], dtype="str"),
            c.RATING: rng.choice(stars, n),
            c.TIMESTAMP: start + np.arange(n),
            c.IS_RECEIVED: is_received,
        }
    )


OWN = make_ratings(1800, 0)


def find(received: pd.DataFrame, *, most=0.2, own=OWN):
    ratings = pd.concat([own, received], ignore_index=True)
    return find_sudden_feedback(ratings, recent_share=0.1, most=most, limits=LIMITS)


@pytest.mark.parametrize(
    ("how", "said"),
    [({"stars": (0.5, 5.0)}, "their stars (stability"), ({"n_titles": 2}, "their titles (stab")],
)
def test_many_received_ratings_unlike_those_of_the_files_are_told(how, said):
    """200 of 2,000 are the latest tenth."""
    found = find(make_ratings(200, 10_000, is_received=True, **how))

    assert not found.is_fine
    assert found.sentence.startswith("100% of the latest 20")
    assert said in found.sentence
    assert "more than split.feedback_share=0.2" in found.sentence


def test_many_received_ratings_like_those_of_the_files_are_fine():
    found = find(make_ratings(200, 10_000, is_received=True))
    assert found.is_fine
    assert found.sentence.endswith("they are spread as those of the source's files.")


def test_few_received_ratings_are_fine_whatever_they_are():
    """35 of the latest 184 are no fifth; all are fine where they are trusted."""
    odd = make_ratings(200, 10_000, stars=(0.5, 5.0), is_received=True)
    assert find(odd.head(35)).is_fine
    assert not find(odd.head(45)).is_fine
    assert find(odd, most=1).is_fine


def test_a_flood_within_one_second_is_seen():
    flood = make_ratings(400, 10_000, stars=(0.5, 5.0), is_received=True)
    assert not find(flood.assign(**{c.TIMESTAMP: 10_000})).is_fine


def test_it_stays_until_others_follow():
    flood = make_ratings(200, 10_000, stars=(0.5, 5.0), is_received=True)
    later = make_ratings(300, 20_000)
    assert not find(flood, own=pd.concat([OWN, later.head(9)])).is_fine
    assert find(flood, own=pd.concat([OWN, later])) is None


def test_without_received_ratings_or_with_nothing_else_there_is_nothing_to_say():
    assert find(OWN.head(0)) is None
    assert find(OWN.assign(**{c.IS_RECEIVED: True}), own=OWN.head(0)) is None
