"""MovieLens latest-small: 100,004 ratings of 9,066 films by 671 users."""

import os
from pathlib import Path

import pandas as pd

from cartelera import columns as c
from reporting import say

SCALE = (0.5, 5.0)
VARIABLE = "CARTELERA_REAL_DATA"


def read_movielens() -> pd.DataFrame:
    """Read the ratings in the order of the file: by user, then by film.

    Raises:
        SystemExit: If they are not there; the script is left out, and says where it looked.
    """
    folder = Path(os.environ.get(VARIABLE, "."))
    path = folder / "movielens-small" / "ratings.csv"
    if not path.is_file():
        say(
            f"left out: {path} does not exist. Unpack MovieLens latest-small "
            "(grouplens.org/datasets) as movielens-small into the folder that the environment "
            f"variable {VARIABLE} names."
        )
        raise SystemExit(0)
    raw = pd.read_csv(path)
    return pd.DataFrame(
        {
            c.USER_ID: raw["userId"],
            c.TITLE_ID: ("m" + raw["movieId"].astype(str)).astype("str"),
            c.RATING: raw["rating"],
            c.TIMESTAMP: raw["timestamp"],
        }
    )
