"""A tiny catalogue, and models whose answers can be worked out in the head.

What the rating model predicts:

|     | user 1 | user 2 | anyone else |
|-----|--------|--------|-------------|
| ns1 | 4.5    | 3.25   | 4.0         |
| ns2 | 4.25   | 2.5    | 3.75        |
| hs1 | 3.25   | 2.5    | 3.25        |
| as1 | 3.75   | 3.5    | 3.5         |

ds1 is in the catalogue but nobody had rated it when the models were fitted. User 1 has rated ns1,
user 2 has rated ns2 and hs1; user 3 has rated ns1 and ds1 since.

What the ranking model knows: every rating weighs 1, and popularity 3 / (10 + number of ratings).

|     | vector     | popularity |
|-----|------------|------------|
| ns1 | (1, 0)     | 0.4        |
| ns2 | (0.5, 0)   | 0.3        |
| hs1 | (0, 1)     | 0.1        |
| as1 | (0, 0.5)   | 0.2        |
| ds1 | (0.25, 0)  | 0          |

By the catalogue only ns1 and ds1 are alike, which moves no other title.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from cartelera import columns as c
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.settings import Settings
from cartelera.service.api.routes import create_api
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load

TITLES = [
    ("ns1", "netflix", "movie", "Alpha", "ann lee, bo day", 2018, 100, "min", "pg", "drama"),
    ("ns2", "netflix", "tv show", "Beta", "ann lee", 2019, 3, "season", "r", "comedy, drama"),
    ("hs1", "hulu", "movie", "Gamma", None, 2018, 90, "min", None, None),
    ("as1", "amazon", "movie", "Delta", "bo day", 2001, 50, "min", "g", "comedy"),
    ("ds1", "disney", "movie", "Épsilon", "ann lee", 2018, None, None, "g", "drama"),
]


@pytest.fixture(scope="session")
def titles() -> pd.DataFrame:
    columns = [
        c.ID,
        c.PLATFORM,
        c.TYPE,
        c.DISPLAY_TITLE,
        c.CAST,
        c.RELEASE_YEAR,
        c.DURATION_INT,
        c.DURATION_TYPE,
        c.CERTIFICATE,
        c.LISTED_IN,
    ]
    table = pd.DataFrame(TITLES, columns=columns).astype({c.DURATION_INT: "Int64"})
    table[c.WORK_ID] = table[c.ID]
    table[c.TITLE] = table[c.DISPLAY_TITLE].str.lower()
    table[[c.DIRECTOR, c.COUNTRY, c.DATE_ADDED, c.DESCRIPTION]] = None
    table[[c.DISPLAY_DIRECTOR, c.DISPLAY_DESCRIPTION]] = None
    table[c.DISPLAY_CAST] = table[c.CAST].str.title()
    table[c.CERTIFICATE_IMPUTED] = table[c.CERTIFICATE].isna()
    return table.fillna({c.CERTIFICATE: "g"})


@pytest.fixture(scope="session")
def scores() -> pd.DataFrame:
    return pd.DataFrame(
        {c.TITLE_ID: ["hs1", "ns1", "ns2"], c.SCORE: [3.5, 4.0, 4.5], c.N_RATINGS: [1, 1, 1]}
    )


@pytest.fixture(scope="session")
def seen() -> pd.DataFrame:
    return pd.DataFrame(
        {
            c.USER_ID: [1, 2, 2, 3, 3],
            c.TITLE_ID: ["ns1", "hs1", "ns2", "ds1", "ns1"],
            c.RATING: [5.0, 3.0, 2.5, 4.0, 5.0],
        }
    )


@pytest.fixture(scope="session")
def factors_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "factors"
    rating = Factors(
        global_mean=3.5,
        user_bias=np.array([0.25, -0.5], np.float32),
        title_bias=np.array([0.5, 0, -0.5, 0.25], np.float32),
        user_factors=np.array([[1], [-1]], np.float32),
        title_factors=np.array([[0.25], [0.5], [0], [-0.25]], np.float32),
        user_ids=np.array([1, 2]),
        title_ids=np.array(["ns1", "ns2", "hs1", "as1"], dtype=object),
        title_means=np.array([4.0, 3.75, 3.25, 3.5], np.float32),
        scale=(0.5, 5.0),
    )
    ranking = RankingModel(
        title_ids=np.array(["ns1", "ns2", "hs1", "as1", "ds1"], dtype=object),
        factors=np.array([[1, 0], [0.5, 0], [0, 1], [0, 0.5], [0.25, 0]], np.float32),
        weights=np.ones(5, np.float32),
        prior=np.array([0.4, 0.3, 0.1, 0.2, 0], np.float32),
        content=np.array([[1], [0], [0], [0], [1]], np.float32),
        n_ratings=np.array([3, 2, 1, 1, 0], np.int32),
        params=RankingParams(n_factors=2, rating_weight=0.0, half_life=None),
    )
    Model(rating, ranking).save(
        folder,
        {
            "params": {"reg_all": 0.25},
            "fold_in": {"reg_bu": 0.25, "reg_pu": 0.25, "level": 0.0},
            "taste": "There is taste in these ratings.",
            "train": {"sha256": {"train": "abc"}},
            "verdict": "made up",
        },
    )
    return folder


@pytest.fixture
def bundle(
    tmp_path: Path,
    factors_folder: Path,
    titles: pd.DataFrame,
    scores: pd.DataFrame,
    seen: pd.DataFrame,
) -> Bundle:
    bundle = Bundle(tmp_path / "bundle")
    bundle_writing.write(
        bundle,
        factors=factors_folder,
        titles=titles,
        scores=scores,
        seen=seen,
        settings=Settings(recommend_at=3.75, default_k=2, max_k=20, diversity=0.0),
        registered={"name": "tiny", "version": "7", "trained_at": "2026-01-01T00:00:00Z"},
        metrics={"model": {"rmse": 0.9}, "bias_only": {"rmse": 1.0}},
        intervals={
            "coverage": 0.8,
            "low": -1.0,
            "high": 1.0,
            "bands": [{"up_to": 4.0, "low": -1.5, "high": 0.5}],
        },
    )
    return bundle


@pytest.fixture
def feedback_folder(tmp_path: Path) -> Path:
    return tmp_path / "feedback"


@pytest.fixture
def answers(bundle: Bundle, feedback_folder: Path) -> Answers:
    return load(bundle, FeedbackLog(feedback_folder))


@pytest.fixture
def newer_catalogue(
    tmp_path: Path, factors_folder: Path, titles: pd.DataFrame, scores: pd.DataFrame
) -> Answers:
    """The same models; Zeta, ns9, came to the catalogue after they were fitted."""
    news = titles[titles[c.ID] == "ns1"].assign(
        **{c.ID: "ns9", c.WORK_ID: "ns9", c.TITLE: "zeta", c.DISPLAY_TITLE: "Zeta"}
    )
    bundle = Bundle(tmp_path / "newer")
    bundle_writing.write(
        bundle,
        factors=factors_folder,
        titles=pd.concat([titles, news], ignore_index=True),
        scores=scores,
        seen=pd.DataFrame({c.USER_ID: [4], c.TITLE_ID: ["ns9"], c.RATING: [4.0]}),
        settings=Settings(recommend_at=3.75, default_k=10, max_k=20, diversity=0.0),
        registered={"name": "tiny", "version": "7"},
    )
    return load(bundle)


@dataclass
class Api:
    """The application behind `/api`, which takes a while to make, and what answers it now."""

    app: FastAPI = field(init=False)
    answers: Answers | None = None

    def __post_init__(self) -> None:
        self.app = create_api(lambda: cast(Answers, self.answers))


@pytest.fixture(scope="session")
def api() -> Api:
    return Api()


@pytest.fixture
def client(api: Api, answers: Answers) -> TestClient:
    api.answers = answers
    return TestClient(api.app, raise_server_exceptions=False)
