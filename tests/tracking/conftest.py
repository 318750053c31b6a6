from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from cartelera.evaluation.bootstrap import Interval
from cartelera.evaluation.champion_comparison import AgainstChampion, ChampionComparison, Worth
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.models.recipe import Recipe
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.tracking.checks import Rules
from cartelera.tracking.gate import Measured
from cartelera.tracking.refresh import refresh_champion
from cartelera.tracking.registration import Registered, register
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import ModelFiles, Versions

RULES = Rules(margin_ndcg=0.002, margin_rmse=0.001, min_users=3)
HALF_WIDTH = 0.01
"""Of the intervals in these tests: a difference of at most so much may be chance."""


@pytest.fixture(scope="session")
def store(new_store: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """One database for all tests."""
    return new_store(tmp_path_factory.mktemp("tracking"))


@pytest.fixture
def tracker(store: str, request: pytest.FixtureRequest) -> Tracker:
    """An experiment of the test's own."""
    return Tracker(store, request.node.name)


@pytest.fixture
def versions(tracker: Tracker, request: pytest.FixtureRequest) -> Versions:
    """A registered model of the test's own."""
    return Versions(tracker, request.node.originalname + str(id(request.node)))


def around(difference: float) -> Interval:
    return Interval(difference, difference - HALF_WIDTH, difference + HALF_WIDTH)


def make_contest(ndcg: float, *, champion: float | None = None, **other) -> ChampionComparison:
    """Make a comparison in which all but the lists' NDCG is equal, unless other things are said."""
    popularity, baseline = 0.1, 1.0
    rmse = other.pop("rmse", 0.9)
    worth = {"newcomer_ndcg": 0.1, "stratified_recall": 0.1, "n_listed": 100, "rmse": rmse}
    against = champion and AgainstChampion(
        worth=Worth(ndcg=champion, **(worth | {"rmse": 0.9})),
        ndcg=around(ndcg - champion),
        rmse=Interval(rmse - 0.9, rmse - 0.9005, rmse - 0.8995),
    )
    return ChampionComparison(
        **{
            "n_users": 150,
            "n_raters": 200,
            "n_ratings": 4000,
            "k": 10,
            "confidence": 0.95,
            "candidate": Worth(ndcg=ndcg, **worth),
            "popularity_ndcg": popularity,
            "popularity_newcomer_ndcg": 0.1,
            "ndcg": around(ndcg - popularity),
            "newcomer_ndcg": around(0.0),
            "best_baseline": "user_mean",
            "best_baseline_rmse": baseline,
            "rmse": around(rmse - baseline),
            "champion": against or None,
            **other,
        }
    )


def make_recipe(ndcg: float) -> Recipe:
    """Make a recipe whose lists have a given NDCG wherever they are measured.

    With 0.01 between them two recipes are not alike.
    """
    ranking = {"n_factors": round(ndcg * 1000), "reg": 1.4 ** (100 * ndcg)}
    return Recipe("svd", ({"n_factors": 2, "seed": 0},), ranking)


@dataclass
class Night:
    """A night's ratings, on which every recipe is worth what its parameters say.

    Attributes:
        digest: What tells this night's ratings from others'.
        candidate: NDCG of the candidate.
        why_not: Why nothing can be compared this night, if so.
        met: NDCG of the champions that were met.
    """

    digest: str
    candidate: float
    why_not: str | None = None
    met: list[float | None] = field(default_factory=list)

    def compare_to_champion(self, champion: Recipe | None) -> ChampionComparison | str:
        against = None if champion is None else champion.ranking["n_factors"] / 1000
        self.met.append(against)
        return self.why_not or make_contest(self.candidate, champion=against)


def make_models(stars: float) -> Model:
    """Make a rating model that predicts the same for everybody, and a ranking model."""
    rating = Factors(
        global_mean=stars,
        user_bias=np.zeros(2, np.float32),
        title_bias=np.zeros(2, np.float32),
        user_factors=np.zeros((2, 2), np.float32),
        title_factors=np.zeros((2, 2), np.float32),
        user_ids=np.array([7, 8]),
        title_ids=np.array(["as1", "ds2"], dtype=object),
        title_means=np.full(2, stars, np.float32),
        scale=(0.5, 5.0),
    )
    ranking = RankingModel(
        title_ids=rating.title_ids,
        factors=np.ones((2, 1), np.float32),
        weights=np.ones(2, np.float32),
        prior=np.ones(2, np.float32),
        content=np.zeros((2, 0), np.float32),
        n_ratings=np.ones(2, np.int32),
        params=RankingParams(n_factors=1),
    )
    return Model(rating, ranking)


def save_models(recipe: Recipe, night: str, folder: Path) -> ModelFiles:
    """Save what a recipe makes of a night's ratings, and a report."""
    of_night = int.from_bytes(night.encode()) / 1024
    stars = recipe.ranking["n_factors"] / 256 + of_night
    for part, shift in (("factors", 0), ("shipped", 0.125)):
        make_models(stars + shift).save(folder / part, {"recipe": recipe.to_json()})
    return ModelFiles(folder / "factors", folder / "shipped")


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., ModelFiles]:
    """Exports both models of a recipe, one to measure and one to ship, and a report."""

    def make(ndcg: float, night: str = "a") -> ModelFiles:
        folder = tmp_path / f"model-{ndcg}-{night}"
        content = save_models(make_recipe(ndcg), night, folder)
        (folder / "metrics.json").write_text(f'{{"of": {ndcg}}}\n')
        return ModelFiles(content.factors, content.shipped, (folder / "metrics.json",))

    return make


@pytest.fixture
def registering_whole(
    tracker: Tracker, versions: Versions, make_model: Callable[..., ModelFiles]
) -> Callable[..., Registered]:
    """Registers the models of a recipe whose lists have a given NDCG; popularity has 0.1."""

    def do(
        ndcg: float,
        night: str = "a",
        *,
        arena: Night | None = None,
        why_not: str | None = None,
        held_for: str = "",
    ) -> Registered:
        measured = Measured(0.9, 1.0, split_digest=night, ndcg=ndcg, popularity_ndcg=0.1)
        arena = arena or Night(night, ndcg, why_not)
        with tracker.run("train") as run:
            content = make_model(ndcg, night)
            return register(versions, run, content, measured, arena, RULES, held_for=held_for)

    return do


@pytest.fixture
def registering(
    registering_whole: Callable[..., Registered], models_without_code: None
) -> Callable[..., Registered]:
    """Does the same with the model's files alone."""
    return registering_whole


@pytest.fixture
def refreshing(versions: Versions) -> Callable[[str], str | None]:
    """Fits the champion's recipe on a night's ratings."""
    return lambda night: refresh_champion(
        versions, night, lambda recipe, _, folder: save_models(recipe, night, folder)
    )


@pytest.fixture
def places(versions: Versions) -> Callable[[], dict[str, int]]:
    """Tells which alias points to which version."""

    def tell() -> dict[str, int]:
        found = versions.tracker.client.get_registered_model(versions.name)
        return {alias: int(number) for alias, number in found.aliases.items()}

    return tell
