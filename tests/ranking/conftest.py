import numpy as np
import pandas as pd
import pytest

LITERAL = """user_id,title_id,rating,timestamp
1,a,5.0,10
1,b,4.0,20
2,a,4.5,10
2,b,5.0,30
2,c,1.0,20
3,c,5.0,10
3,d,4.0,20
4,d,3.5,10
4,a,0.5,20
"""


@pytest.fixture
def literal() -> pd.DataFrame:
    """Four users and four titles: a and b go together, and so do c and d."""
    rows = [line.split(",") for line in LITERAL.splitlines()]
    table = pd.DataFrame(rows[1:], columns=rows[0])
    return table.astype(
        {"user_id": "int64", "title_id": "str", "rating": "float64", "timestamp": "int64"}
    )


@pytest.fixture
def random_ratings() -> pd.DataFrame:
    return draw_ratings(n_users=40, n_titles=25, n_ratings=600)


def draw_ratings(n_users: int, n_titles: int, n_ratings: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "user_id": rng.integers(0, n_users, n_ratings),
            "title_id": [f"t{number:04d}" for number in rng.integers(0, n_titles, n_ratings)],
            "rating": rng.integers(1, 11, n_ratings) / 2,
            "timestamp": rng.integers(0, 10**6, n_ratings),
        }
    )
    return table.drop_duplicates(["user_id", "title_id"], ignore_index=True)
