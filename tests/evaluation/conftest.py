from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.settings import Settings


class FakeRater:
    """Predicts the same stars for every pair."""

    def __init__(self, stars: float = 3.0):
        self._stars = stars

    def predict(self, user_ids, title_ids):
        assert len(user_ids) == len(title_ids)
        return np.full(len(user_ids), self._stars)


class FakeRanker:
    """Scores titles as told.

    Args:
        title_ids: Which titles compete.
        scores: A user's scores of these titles; users that are not here score all the same.
    """

    def __init__(
        self, title_ids: Sequence[str], scores: Mapping[int, Sequence[float]] | None = None
    ):
        self.title_ids = np.array(title_ids, dtype=object)
        self._scores = scores or {}

    def score_histories(self, histories):
        same = [0.0] * len(self.title_ids)
        scores = [self._scores.get(int(user), same) for user in histories.user_ids]
        return np.array(scores, dtype=float).reshape(histories.n_users, len(self.title_ids))


def entry(
    title_ids: Sequence[str] = "abcde", scores: Mapping | None = None, stars: float = 3.0
) -> Entry:
    return Entry(rater=FakeRater(stars), ranker=FakeRanker(list(title_ids), scores))


@pytest.fixture(scope="session")
def fake_ranker():
    return FakeRanker


@pytest.fixture(scope="session")
def fake_rater():
    return FakeRater


@pytest.fixture(scope="session")
def fake():
    """Makes an entry with both sides."""
    return entry


def ratings(*rows: tuple[int, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[c.USER_ID, c.TITLE_ID, c.RATING])
    frame[c.TIMESTAMP] = np.arange(len(frame), dtype=np.int64)
    return frame.astype({c.TITLE_ID: "str", c.RATING: "float64"})


@pytest.fixture(scope="session")
def train() -> pd.DataFrame:
    """With `test`, 20 ratings. Of 4 users, a was rated by 4, b by 3, c by 2, d by 3, e by 1."""
    return ratings(
        (1, "a", 5.0),
        (1, "b", 4.0),
        (1, "c", 3.0),
        (1, "d", 1.0),
        (2, "a", 4.0),
        (2, "b", 2.0),
        (2, "e", 5.0),
        (3, "a", 3.0),
        (3, "c", 4.0),
        (3, "d", 2.0),
        (4, "b", 5.0),
        (4, "d", 3.0),
        (4, "a", 1.0),
    )


@pytest.fixture(scope="session")
def test() -> pd.DataFrame:
    """From 4 stars on, 1 likes e and the new title f, 2 and 4 like c, 3 likes nothing."""
    return ratings(
        (1, "e", 5.0),
        (1, "f", 4.0),
        (2, "c", 4.0),
        (2, "d", 2.0),
        (3, "b", 2.0),
        (3, "e", 3.0),
        (4, "c", 5.0),
    )


@pytest.fixture(scope="session")
def ranker() -> FakeRanker:
    """Its lists of two: 1 gets e alone, 2 gets d and c, 4 gets c and e by the alphabet."""
    return FakeRanker(
        ["e", "d", "c", "b", "a"],
        {
            1: [0.1, 0.9, 0.8, 0.7, 0.6],
            2: [0.9, 0.5, 0.4, 0.9, 0.9],
            4: [0.3, 0.9, 0.3, 0.9, 0.9],
        },
    )


@pytest.fixture(scope="session")
def model(ranker) -> Entry:
    return Entry(rater=FakeRater(3.0), ranker=ranker)


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Lists of two, few resamples."""
    return Settings(k=2, relevant_at=4.0, n_bootstrap=200, confidence=0.9, max_users=100, seed=0)


@pytest.fixture(scope="session")
def titles() -> pd.DataFrame:
    """Clean titles, as far as they are shown."""
    return pd.DataFrame(
        {
            c.ID: list("abcdef"),
            c.PLATFORM: ["amazon", "disney", "hulu", "netflix", "amazon", "disney"],
            c.TYPE: ["movie", "tv show"] * 3,
            c.DISPLAY_TITLE: ["Alpha", "Beta", "Gamma <3", "Delta", "Epsilon", "Zeta"],
            c.RELEASE_YEAR: [2001, 2002, 2003, 2004, 2005, 2006],
        }
    )
