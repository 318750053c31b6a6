"""Ways in which something worse once came to ship, each tried through `cartelera repro`."""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera.config import compose
from cartelera.paths import Paths
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load
from cartelera.stages import acquire

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("gate-attacks")]

CONF = Path(__file__).parents[2] / "conf"
SAMPLE = ["data.n_titles=250", "data.n_users=260", "data.n_ratings=16000"]
SETTINGS = """\
# @package _global_
defaults:
  - override /data: folder
  - override /search: quick
data:
  path: incoming
search:
  n_trials: 2
  ranking:
    n_trials: 4
evaluate:
  n_bootstrap: 300
tracking:
  gate_min_users: 50
"""
POOR = [
    "search.n_trials=1",
    "search.space.n_factors.high=2",
    "search.ranking.n_trials=1",
    "search.ranking.space.n_factors.high=4",
    "search.ranking.space.reg.low=99",
    "search.ranking.space.reg_count.low=9.9",
]
"""Lists that are nearly the same for all."""

REGISTERED = "data/model/champion/registered.json"


def read(project, path: str) -> dict:
    return json.loads((project.root / path).read_text())


def gate(project) -> dict:
    return read(project, "data/reports/gate.json")


def reason(project) -> str:
    return gate(project)["decision"]["reason"]


def must(project, *command: str) -> str:
    status, said = project.run(*command)
    assert status == 0, said
    return said


def n_ratings(project) -> int:
    parts = (f"data/features/{part}.parquet" for part in ("train", "test"))
    return sum(len(pd.read_parquet(project.root / part)) for part in parts)


def n_shipped(project) -> int:
    """How many ratings what ships has learnt from."""
    return read(project, "data/model/champion/shipped/model_card.json")["reference"]["n_ratings"]


def add(project, ratings: pd.DataFrame, name: str) -> None:
    ratings.to_csv(project.root / "incoming" / "ratings" / f"{name}.csv", index=False)


def send_invented(project, *, n_accounts: int, n_titles: int) -> None:
    """Leave what the service keeps of ratings that new accounts send, all of the same titles."""
    titles = pd.read_csv(project.root / "data/clean/titles.csv")["id"][:n_titles].to_numpy()
    invented = pd.DataFrame(
        {
            "userId": 10**6 + np.repeat(np.arange(n_accounts), n_titles),
            "rating": 5.0,
            "timestamp": int(time.time()),
            "movieId": np.tile(titles, n_accounts),
        }
    )
    folder = project.root / "feedback"
    folder.mkdir()
    invented.to_csv(folder / "ratings.csv", index=False)


@pytest.fixture(scope="module")
def base(start_project):
    """A project with a champion of the oldest 80 % of the ratings, and the later ones."""
    project = start_project("gate-attacks")
    later = project.hold_back(0.2, SAMPLE, SETTINGS)
    project.repro()
    assert gate(project)["is_champion"], reason(project)
    return project, later


@pytest.fixture
def project(base, tmp_path):
    """A copy of the project, somewhere else."""
    origin, _ = base
    return origin.copy(tmp_path / "copy" / "cartelera")


def test_a_worse_recipe_on_later_ratings_is_refused_and_the_champion_learns_from_them(
    project, base
):
    """Freshness does not win; what is refused leaves no champion of old ratings.

    Nor do 1,200 lines win that strangers sent: most are not learnt from.
    """
    add(project, base[1], "2")
    send_invented(project, n_accounts=240, n_titles=5)

    project.repro(*POOR)

    assert gate(project)["decision"]["champion"] == 1
    assert not gate(project)["is_champion"], reason(project)
    assert reason(project).startswith("Refused for its lists")
    assert "On the ratings of the source's files alone" in reason(project)
    assert read(project, REGISTERED)["refit_of"] == 1
    assert n_shipped(project) == n_ratings(project)
    assert read(project, "data/reports/split.json")["received"]["left_out"] > 900
    assert not read(project, "data/reports/drift.json")["feedback"]["is_fine"]


def test_another_split_is_no_way_in(project):
    project.repro("split=random", *POOR)

    assert not gate(project)["is_champion"], reason(project)
    assert read(project, REGISTERED)["refit_of"] == 1

    project.repro()
    assert read(project, REGISTERED)["version"] == 1


def test_one_account_does_not_decide(project):
    """A thousand ratings of one new user are a thousand rows and one user."""
    titles = pd.read_csv(project.root / "data/clean/titles.csv")["id"].to_numpy()
    rng = np.random.default_rng(0)
    flood = pd.DataFrame(
        {
            "userId": 987654,
            "rating": np.where(rng.random(len(titles)) < 0.5, 0.5, 5.0),
            "timestamp": int(time.time()),
            "movieId": titles,
        }
    )
    add(project, flood, "2")

    project.repro(*POOR)

    assert not gate(project)["is_champion"], reason(project)
    contest = gate(project)["decision"]["contest"]
    test = pd.read_parquet(project.root / "data/features/test.parquet")
    assert contest["n_raters"] == test["user_id"].nunique()
    assert read(project, REGISTERED)["refit_of"] == 1


def test_one_received_rating_does_not_undo_a_rollback(project, base):
    project.repro(*POOR)
    must(project, "cartelera", "promote", "2", "--reason", "a try")
    must(project, "cartelera", "rollback", "--reason", "the old lists are better")
    project.repro(*POOR)
    assert read(project, REGISTERED)["version"] == 1

    must(project, "cartelera", "promote", "2", "--reason", "a second try")
    add(project, base[1].head(1), "2")
    project.repro()  # the search finds the first recipe again, or nearly

    assert not gate(project)["is_champion"], reason(project)
    assert "was withdrawn: a second try" in reason(project)
    assert read(project, REGISTERED)["refit_of"] == 2
    assert n_shipped(project) == n_ratings(project)


def test_a_moved_folder_keeps_its_champion_and_writes_nothing_elsewhere(base, project, tmp_path):
    origin, _ = base
    before = origin.contents("data/model", "mlartifacts")
    moved = replace(project, root=tmp_path / "moved" / "cartelera")
    moved.root.parent.mkdir()
    shutil.move(project.root, moved.root)

    moved.repro(*POOR)

    assert gate(moved)["decision"]["champion"] == 1
    assert not gate(moved)["is_champion"], reason(moved)
    assert not project.root.exists()
    assert origin.contents("data/model", "mlartifacts") == before


def test_other_data_has_a_champion_of_its_own_and_both_stay(project):
    """All ids of one data set are in the other, under other titles."""
    first = read(project, REGISTERED)
    incoming, ours = project.root / "incoming", project.root / "ours"
    incoming.rename(ours)
    make_other_sample(project, incoming)

    project.repro()

    second = served(project)
    assert second["name"] != first["name"]
    assert (second["version"], second["aliases"]) == (1, ["champion"])

    shutil.rmtree(incoming)
    ours.rename(incoming)
    project.repro()

    again = served(project)
    assert (again["name"], again["version"]) == (first["name"], first["version"])


def make_other_sample(project, folder: Path) -> None:
    """Generate the raw files of another sample, with other titles and users, in a folder."""
    config = compose(["data=sample", *SAMPLE, "data.seed=8", "data.noise=0.4"], CONF)
    made = Paths(project.root.parent / "made")
    acquire.run(config, made)
    made.raw.rename(folder)


def served(project) -> dict:
    """What the built service says that it serves; it refuses a model of another catalogue."""
    (folder,) = (project.root / "data" / "bento" / "src").glob("bundle")
    load(Bundle(folder))
    return read(project, str((folder / "registered.json").relative_to(project.root)))


def test_ratings_dealt_at_random_have_no_champion(project):
    """The best tuned baseline counts, users' means among them."""
    shutil.rmtree(project.root / "mlartifacts")
    (project.root / "mlflow.db").unlink()
    incoming = project.root / "incoming" / "ratings"
    ratings = pd.read_csv(incoming / "1.csv", dtype=str)
    rng = np.random.default_rng(1)
    ratings["movieId"] = rng.permutation(ratings["movieId"].to_numpy())
    add(project, ratings, "1")

    project.repro()

    assert not gate(project)["is_champion"], reason(project)
    assert reason(project).startswith("Refused for its lists and stars.")
    ships = read(project, REGISTERED)
    assert ships["aliases"] == ["candidate"]
    assert "There is no champion" in ships["warning"]


def test_too_few_users_are_no_comparison(project, base):
    add(project, base[1], "2")

    project.repro("tracking.gate_min_users=100000", *POOR)

    assert not gate(project)["is_champion"]
    assert "cannot be compared with the champion, version 1" in reason(project)
    assert "`cartelera promote 2 --reason ...`" in reason(project)
    assert n_shipped(project) == n_ratings(project)
