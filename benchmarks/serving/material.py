"""What is served: 23,000 titles, and models of 115,000 users and 100 factors."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import surprise
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.config import compose
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.paths import Paths
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.service import building
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import FOLDER_NAME, Bundle
from cartelera.service.service_settings import ServiceSettings
from cartelera.stages import acquire, etl
from generated import SCALE, generate

N_FACTORS = 100
N_CONTENT = 64
_SURPRISE_RATINGS = 1_000_000


@dataclass(frozen=True)
class Material:
    """The folder both contenders read from.

    Attributes:
        folder: `bento` is served by Cartelera; the CSV files and the dump by the plain application.
        n_users: Users of the model.
        n_titles: Titles of the catalogue.
        n_ratings: Ratings the users are known by.
    """

    folder: Path
    n_users: int
    n_titles: int
    n_ratings: int

    @property
    def bento(self) -> Path:
        """The built service."""
        return self.folder / "bento"


def make(folder: Path, n_ratings: int, n_titles: int) -> Material:
    """Make everything that is served.

    Users, titles and ratings are distributed as `generated` says. The numbers in the model are
    drawn, not fitted: what they are makes no difference to the time an answer takes.

    Args:
        folder: An empty folder.
        n_ratings: 87 times the number of users.
        n_titles: Titles before cleaning.
    """
    logging.disable(logging.INFO)
    titles = _titles(folder, n_titles)
    ratings = _ratings(titles, n_ratings)
    scores = (
        ratings.groupby(c.TITLE_ID, sort=True, observed=True)[c.RATING]
        .agg(["mean", "size"])
        .reset_index()
        .set_axis([c.TITLE_ID, c.SCORE, c.N_RATINGS], axis=1)
        .astype({c.TITLE_ID: "str"})
    )
    titles.to_csv(folder / "titles.csv", index=False)
    scores.to_csv(folder / "scores.csv", index=False)
    _build(folder, titles, scores, ratings)
    _fit_surprise(ratings.iloc[:_SURPRISE_RATINGS], folder / "svd.dump")
    logging.disable(logging.NOTSET)
    return Material(folder, ratings[c.USER_ID].nunique(), len(titles), len(ratings))


def _titles(folder: Path, n_titles: int) -> pd.DataFrame:
    paths = Paths(folder / "data")
    few = ["data.n_users=200", "data.n_ratings=2000"]
    config = compose(["data=sample", f"data.n_titles={n_titles}", *few])
    acquire.run(config, paths)
    etl.run(config, paths)
    return pd.read_parquet(paths.clean_titles)


def _ratings(titles: pd.DataFrame, n_ratings: int) -> pd.DataFrame:
    generated = generate(n_ratings)
    known = generated.titles < len(titles)
    return pd.DataFrame(
        {
            c.USER_ID: generated.users[known].astype(np.int64) + 1,
            c.TITLE_ID: pd.Categorical.from_codes(
                generated.titles[known], categories=titles[c.ID].astype(object)
            ),
            c.RATING: generated.values[known].astype(np.float64),
        }
    )


def _build(folder: Path, titles: pd.DataFrame, scores: pd.DataFrame, ratings: pd.DataFrame) -> None:
    rng = np.random.default_rng(0)
    user_ids, title_ids = np.unique(ratings[c.USER_ID]), scores[c.TITLE_ID].to_numpy(object)
    rating = Factors(
        global_mean=float(ratings[c.RATING].mean()),
        user_bias=rng.normal(0, 0.3, len(user_ids)).astype("f4"),
        title_bias=rng.normal(0, 0.3, len(title_ids)).astype("f4"),
        user_factors=rng.normal(0, 0.1, (len(user_ids), N_FACTORS)).astype("f4"),
        title_factors=rng.normal(0, 0.1, (len(title_ids), N_FACTORS)).astype("f4"),
        user_ids=user_ids,
        title_ids=title_ids,
        title_means=scores[c.SCORE].to_numpy("f4"),
        scale=SCALE,
    )
    Model(rating, _ranking(title_ids, rng)).save(
        folder / "factors", {"fitted": "no: drawn at random"}
    )
    context = folder / "context"
    bundle_writing.write(
        Bundle(context / FOLDER_NAME),
        factors=folder / "factors",
        titles=titles,
        scores=scores,
        seen=ratings.sort_values(c.USER_ID, kind="stable", ignore_index=True),
        settings=Settings(recommend_at=3.75, default_k=10, max_k=100, diversity=0.1),
        registered={"name": "benchmark", "version": "1"},
    )
    ServiceSettings().write(context)
    building.build(context, folder / "bento")


def _ranking(title_ids: NDArray[np.object_], rng: np.random.Generator) -> RankingModel:
    n_titles = len(title_ids)
    return RankingModel(
        title_ids=title_ids,
        factors=rng.normal(0, 0.1, (n_titles, N_FACTORS)).astype("f4"),
        weights=np.ones(n_titles, "f4"),
        prior=rng.random(n_titles).astype("f4"),
        content=rng.normal(0, 0.1, (n_titles, N_CONTENT)).astype("f4"),
        n_ratings=np.ones(n_titles, "i4"),
        params=RankingParams(n_factors=N_FACTORS),
    )


def _fit_surprise(ratings: pd.DataFrame, path: Path) -> None:
    data = surprise.Dataset.load_from_df(
        ratings.astype({c.TITLE_ID: object}), surprise.Reader(rating_scale=SCALE)
    )
    model = surprise.SVD(n_factors=N_FACTORS, n_epochs=1, random_state=0)
    surprise.dump.dump(str(path), algo=model.fit(data.build_full_trainset()))
