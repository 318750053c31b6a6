import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.explore import style

_TEXTS = [
    x
    for x in c.CLEAN_TITLE_COLUMNS
    if x not in (c.RELEASE_YEAR, c.CERTIFICATE_IMPUTED, c.DURATION_INT)
]


def make_titles(rows) -> pd.DataFrame:
    """Build clean titles, each its own work, from rows of the columns that cannot be made up."""
    spellings = {name: shown for name, shown in c.DISPLAY_COLUMNS.items() if name != c.TITLE}
    made_up = (c.WORK_ID, c.TITLE, c.DESCRIPTION, *spellings.values())
    columns = [x for x in c.CLEAN_TITLE_COLUMNS if x not in made_up]
    titles = pd.DataFrame(rows, columns=columns)
    titles[c.WORK_ID] = titles[c.ID]
    titles[c.TITLE] = titles[c.DISPLAY_TITLE].str.lower()
    titles[c.DESCRIPTION] = "about " + titles[c.TITLE]
    titles[list(spellings.values())] = titles[list(spellings)]
    types = dict.fromkeys(_TEXTS, "str") | {
        c.RELEASE_YEAR: "int64",
        c.CERTIFICATE_IMPUTED: "bool",
        c.DURATION_INT: "Int64",
    }
    return titles[list(c.CLEAN_TITLE_COLUMNS)].astype(types)


def make_ratings(rows) -> pd.DataFrame:
    ratings = pd.DataFrame(rows, columns=list(c.CLEAN_RATING_COLUMNS))
    return ratings.astype(
        {c.USER_ID: "int64", c.TITLE_ID: "str", c.RATING: "float64", c.TIMESTAMP: "int64"}
    )


@pytest.fixture
def titles() -> pd.DataFrame:
    return make_titles(
        [
            # id, platform, type, display_title, director, cast, country, added, year, certificate, imputed, n, unit, genres
            ("as1", "amazon", "movie", "Arrival", "ann", "x, y", "spain", None, 2000, "g", True, 90, "min", "drama"),
            ("as2", "amazon", "movie", "Bat", "ann", "x", "spain", None, 2001, "r", False, 100, "min", "drama, comedy"),
            ("ds1", "disney", "movie", "Cars", None, "z", "india", "2019-05-01", 2001, "g", False, 80, "min", "kids"),
            ("ds2", "disney", "tv show", "Duck", None, None, None, "2021-05-01", 1990, "g", False, 3, "season", "kids, kids"),
            ("ns1", "netflix", "movie", "Eve", "bob, ann", "y", "india, spain", "2021-01-01", 2021, "r", False, 300, "min", "drama"),
            ("ns2", "netflix", "tv show", "Fox", "bob", "y", None, "2021-02-02", 2021, "g", True, 1, "season", None),
        ]
    )  # fmt: skip


@pytest.fixture
def ratings() -> pd.DataFrame:
    return make_ratings(
        [
            (1, "as1", 4.0, 0),
            (1, "as2", 3.0, 31_536_000),
            (2, "as1", 5.0, 31_536_000),
            (2, "ds1", 2.0, 31_536_001),
            (3, "as1", 4.5, 94_694_400),
        ]
    )


@pytest.fixture(scope="session")
def many_titles() -> pd.DataFrame:
    """120 movies; genre and platform alternate, nothing but the id is unique and telling."""
    genres, platforms = ("drama", "comedy", "kids"), ("amazon", "netflix")
    rows = [
        (f"{platform[0]}s{i}", platform, "movie", f"Movie {i}", f"director {i % 60}", f"actor {i}")
        for i, platform in enumerate(platforms * 60)
    ]
    more = [
        ("spain", "2020-01-01", 1990 + i % 30, "g", i % 4 == 0, 60 + i % 80, "min", genres[i % 3])
        for i in range(120)
    ]
    return make_titles([(*row, *rest) for row, rest in zip(rows, more, strict=True)])


@pytest.fixture(scope="session")
def rate():
    """Give a function that deals ratings to titles around a mean of each title."""

    def deal(titles: pd.DataFrame, title_means: np.ndarray, n_users: int = 40) -> pd.DataFrame:
        rng = np.random.default_rng(0)
        users, positions = np.nonzero(rng.random((n_users, len(titles))) < 0.4)
        opinions = title_means[positions] + rng.normal(0, 0.6, len(users))
        stars = np.clip(np.round(2 * opinions) / 2, 0.5, 5)
        ids = titles[c.ID].to_numpy()[positions]
        return make_ratings(zip(users + 1, ids, stars, users * 1000 + positions, strict=True))

    return deal


@pytest.fixture(scope="session", autouse=True)
def coarse_figures():
    """Draw with few dots: the tests look at what is drawn, not at how finely."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "_DPI", 40)
        yield
