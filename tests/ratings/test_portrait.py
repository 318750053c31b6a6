import json

import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.ratings.portrait import Portrait


@pytest.fixture
def portrait() -> Portrait:
    return Portrait.of(
        pd.DataFrame(
            {
                "user_id": [1, 1, 2, 3],
                "title_id": ["a", "b", "a", "a"],
                "rating": [4.5, 0.5, 4.5, 3.0],
                "timestamp": [30, 10, 20, 40],
            }
        )
    )


def test_by_hand(portrait):
    assert portrait == Portrait(4, 3, 2, 3.125, 10, 40, {0.5: 1, 3.0: 1, 4.5: 2})


def test_survives_a_file(portrait):
    assert Portrait.from_json(json.loads(json.dumps(portrait.to_json()))) == portrait
    assert list(portrait.to_json()["histogram"]) == ["0.5", "3", "4.5"]


def test_of_nothing():
    nothing = pd.DataFrame({"user_id": [], "title_id": [], "rating": [], "timestamp": []})
    assert Portrait.of(nothing) == Portrait(0, 0, 0, 0.0, 0, 0, {})


@pytest.mark.parametrize(
    "change", [{"histogram": [1]}, {"histogram": {"x": 1}}, {"n_users": None}, {"n_users": "many"}]
)
def test_something_else_is_refused(portrait, change):
    with pytest.raises(InputError, match="no portrait"):
        Portrait.from_json({**portrait.to_json(), **change})
    with pytest.raises(InputError, match="no portrait"):
        Portrait.from_json({})
