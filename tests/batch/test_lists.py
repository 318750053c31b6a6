"""The lists of all users are the service's own answers, whatever files and processes make them."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.service.answering.test_fitted_lists import N_USERS, catalogue, rated

from cartelera import columns as c
from cartelera.batch import lists
from cartelera.batch.lists import Material, Order, write_lists
from cartelera.catalogue.arguments import ALL
from cartelera.catalogue.fingerprint import FINGERPRINT
from cartelera.errors import ConfigError, InputError
from cartelera.models.model import Model
from cartelera.models.recipe import Recipe, fit
from cartelera.platforms import PUBLISHED
from cartelera.ratings.seen_table import seen_table
from cartelera.service.answering.answers import ANYTHING, Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import RankedTitle
from cartelera.service.answering.seen import SeenTitles
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load

NEWCOMER = 999
DIVERSITY = 0.1
USERS = [*range(N_USERS), NEWCOMER]


def known_ratings() -> pd.DataFrame:
    """What the models were fitted with, and what somebody rated since."""
    since = [(NEWCOMER, "hs2", 5.0, 10), (NEWCOMER, "hs3", 4.5, 20), (NEWCOMER, "hs22", 4.0, 30)]
    return pd.concat([rated(), pd.DataFrame(since, columns=list(c.CLEAN_RATING_COLUMNS))])


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    root = tmp_path_factory.mktemp("material")
    material = Material(root / "model", root / "titles.parquet", root / "seen", PUBLISHED)
    recipe = Recipe("svd", ({"n_factors": 2, "n_epochs": 20},), {"n_factors": 4})
    fit(recipe, rated(), catalogue(), (0.5, 5.0)).save(material.model, {})
    catalogue().to_parquet(material.titles, index=False)
    SeenTitles.from_frame(seen_table(known_ratings())).write(material.seen)
    return material


@pytest.fixture(scope="module")
def answers(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    bundle = Bundle(tmp_path_factory.mktemp("served") / "bundle")
    bundle_writing.write(
        bundle,
        factors=material.model,
        titles=catalogue(),
        scores=pd.DataFrame({c.TITLE_ID: ["ns1"], c.SCORE: [4.0], c.N_RATINGS: [1]}),
        seen=seen_table(known_ratings()),
        settings=Settings(recommend_at=3.75, default_k=8, max_k=50, diversity=DIVERSITY),
        registered={"name": "fitted", "version": "1"},
    )
    return load(bundle)


def order(filters: Filters = ANYTHING) -> Order:
    return Order(8, filters, DIVERSITY)


def as_row(user_id: int, line: RankedTitle) -> list[object]:
    where = [line.title.platform, *(version.platform for version in line.also_on)]
    reasons = [because.title.title_id for because in line.because]
    return [
        user_id,
        line.rank,
        line.title.title_id,
        line.title.work_id,
        ", ".join(where),
        line.score,
        line.stars,
        line.origin,
        *(reasons + [None] * 3)[:3],
    ]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(platforms=("Disney+", "hulu")),
        Filters(type=c.TV_SHOW),
        Filters(certificates=("G",)),
    ],
    ids=["all", "platforms", "type", "certificates"],
)
def test_every_user_gets_what_the_service_answers(
    material: Material, answers: Answers, tmp_path: Path, filters: Filters
):
    assert write_lists(material, order(filters=filters), 100, tmp_path / "made") == len(USERS)

    made = pd.read_parquet(tmp_path / "made").astype(object)
    answered = {user: answers.recommend(user, 8, filters).titles for user in USERS}
    expected = [as_row(user, line) for user, lines in answered.items() for line in lines]
    assert made.where(made.notna(), None).to_numpy().tolist() == expected
    assert len(set(made[c.ORIGIN])) > 1 or filters.type == c.TV_SHOW
    assert made[c.REASONS[0]].notna().any()
    assert made[c.PLATFORMS].str.contains(", ").any() or filters.platforms or filters.type != ALL


def test_a_file_holds_a_range_of_users(material: Material, tmp_path: Path):
    write_lists(material, order(), 25, tmp_path / "parts")
    write_lists(material, order(), 100, tmp_path / "whole")

    parts = ["users-0-24.parquet", "users-25-49.parquet", "users-50-999.parquet"]
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == parts
    joined = pd.concat([pd.read_parquet(tmp_path / "parts" / name) for name in parts])
    pd.testing.assert_frame_equal(
        joined.reset_index(drop=True), pd.read_parquet(tmp_path / "whole/users-0-999.parquet")
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_bytes_do_not_tell_how_many_users_were_listed_at_once(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_lists(material, order(), 25, tmp_path / "at_once")
    monkeypatch.setattr(lists, "_USERS_AT_ONCE", 7)
    write_lists(material, order(), 25, tmp_path / "by_seven")

    assert contents(tmp_path / "by_seven") == contents(tmp_path / "at_once")


@pytest.mark.e2e
def test_nor_how_many_processes(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write_lists(material, order(), 25, tmp_path / "one")
    monkeypatch.setattr(lists, "_WORTH_A_PROCESS", 10)
    monkeypatch.setattr(lists, "n_processors", lambda: 2)
    write_lists(material, order(), 25, tmp_path / "two")

    assert contents(tmp_path / "two") == contents(tmp_path / "one")


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(platforms=("hbo",)), "recommend.platforms='hbo' is unknown: allowed are amazon"),
        (
            Filters(certificates=("xxx",)),
            "recommend.certificates='xxx' is in no title. Allowed are g.",
        ),
    ],
    ids=["platform", "certificate"],
)
def test_a_filter_that_no_title_passes_is_named(
    material: Material, tmp_path: Path, filters: Filters, said: str
):
    with pytest.raises(ConfigError, match="recommend") as caught:
        write_lists(material, order(filters=filters), 25, tmp_path / "made")
    assert said in str(caught.value)
    assert not (tmp_path / "made").exists()


def test_a_model_of_other_data_is_refused(material: Material, tmp_path: Path):
    other = {FINGERPRINT: {"source": "folder", "titles": {"ns1": "0" * 16, "ns2": "1" * 16}}}
    model = Model.load(material.model)
    Model(replace(model.rating, card={}), model.ranking).save(tmp_path / "model", other)
    foreign = Material(tmp_path / "model", material.titles, material.seen, PUBLISHED)

    with pytest.raises(InputError, match="was fitted on other data than"):
        write_lists(foreign, order(), 25, tmp_path / "made")
