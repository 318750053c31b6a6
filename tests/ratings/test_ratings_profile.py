import json

import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.ratings.ratings_profile import RatingsProfile


@pytest.fixture
def profile() -> RatingsProfile:
    return RatingsProfile.of(
        pd.DataFrame(
            {
                "user_id": [1, 1, 2, 3],
                "title_id": ["a", "b", "a", "a"],
                "rating": [4.5, 0.5, 4.5, 3.0],
                "timestamp": [30, 10, 20, 40],
            }
        )
    )


def test_by_hand(profile):
    assert profile == RatingsProfile(4, 3, 2, 3.125, 10, 40, {0.5: 1, 3.0: 1, 4.5: 2})


def test_survives_a_file(profile):
    assert RatingsProfile.from_json(json.loads(json.dumps(profile.to_json()))) == profile
    assert list(profile.to_json()["histogram"]) == ["0.5", "3", "4.5"]


def test_of_nothing():
    nothing = pd.DataFrame({"user_id": [], "title_id": [], "rating": [], "timestamp": []})
    assert RatingsProfile.of(nothing) == RatingsProfile(0, 0, 0, 0.0, 0, 0, {})


@pytest.mark.parametrize(
    "change", [{"histogram": [1]}, {"histogram": {"x": 1}}, {"n_users": None}, {"n_users": "many"}]
)
def test_something_else_is_refused(profile, change):
    with pytest.raises(InputError, match="no profile"):
        RatingsProfile.from_json({**profile.to_json(), **change})
    with pytest.raises(InputError, match="no profile"):
        RatingsProfile.from_json({})
