import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.errors import CarteleraError, ConfigError, InputError
from cartelera.explore import style
from cartelera.files import read_json
from cartelera.paths import Paths
from cartelera.stages import eda
from cartelera.tracking.runs import Tracker

CONF = Path(__file__).parents[2] / "conf"


@pytest.fixture
def config(mlflow_store):
    tracking = [f"tracking.uri={mlflow_store}", "tracking.experiment=eda"]
    return compose(["eda.n_permutations=99", *tracking], CONF)


@pytest.fixture(scope="module", autouse=True)
def coarse_pictures():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "_DPI", 40)
        yield


def make_inputs(root: Path) -> Paths:
    """Write clean tables of 60 titles; dramas are liked, the rest is not."""
    paths = Paths(root / "data")
    rng = np.random.default_rng(0)
    n = 60
    titles = pd.DataFrame(
        {
            c.ID: [f"ns{i}" for i in range(n)],
            c.WORK_ID: [f"ns{i}" for i in range(n)],
            c.PLATFORM: c.NETFLIX,
            c.TYPE: c.MOVIE,
            c.TITLE: [f"movie {i}" for i in range(n)],
            c.DISPLAY_TITLE: [f"Movie {i}" for i in range(n)],
            c.DIRECTOR: None,
            c.CAST: "null, x",
            c.COUNTRY: None,
            c.DATE_ADDED: "2020-02-29",
            c.RELEASE_YEAR: rng.integers(1990, 2020, n),
            c.CERTIFICATE: "g",
            c.CERTIFICATE_IMPUTED: False,
            c.DURATION_INT: rng.integers(60, 200, n),
            c.DURATION_TYPE: c.MINUTES,
            c.LISTED_IN: np.where(np.arange(n) % 2, "drama", "comedy"),
            c.DESCRIPTION: None,
            c.DISPLAY_DIRECTOR: None,
            c.DISPLAY_CAST: "null, X",
            c.DISPLAY_DESCRIPTION: None,
        }
    )
    texts = [x for x in titles if x not in (c.RELEASE_YEAR, c.CERTIFICATE_IMPUTED, c.DURATION_INT)]
    titles = titles.astype(dict.fromkeys(texts, "str") | {c.DURATION_INT: "Int64"})
    users, positions = np.nonzero(rng.random((30, n)) < 0.5)
    stars = np.round(2 * (2.5 + positions % 2 + rng.normal(0, 0.5, len(users)))) / 2
    ratings = pd.DataFrame(
        {
            c.USER_ID: users + 1,
            c.TITLE_ID: titles[c.ID].to_numpy()[positions],
            c.RATING: np.clip(stars, 0.5, 5),
            c.TIMESTAMP: 10**9 + np.arange(len(users)) * 1000,
            c.IS_RECEIVED: False,
        }
    )
    paths.clean.mkdir(parents=True)
    titles.to_parquet(paths.clean_titles, index=False)
    ratings.to_parquet(paths.clean_ratings, index=False)
    return paths


@pytest.fixture
def paths(tmp_path) -> Paths:
    return make_inputs(tmp_path)


@pytest.fixture(scope="module")
def explored(mlflow_store, tmp_path_factory) -> tuple[Paths, Tracker]:
    """What the stage leaves, in a folder where no dvc.lock is logged with it."""
    folder = tmp_path_factory.mktemp("eda")
    tracking = [f"tracking.uri={mlflow_store}", "tracking.experiment=explored"]
    paths = make_inputs(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        eda.run(compose(["eda.n_permutations=99", *tracking], CONF), paths)
    return paths, Tracker(mlflow_store, "explored")


def outputs(paths: Paths) -> dict[str, bytes]:
    return {
        str(path.relative_to(paths.root)): path.read_bytes()
        for folder in (paths.reports, paths.features)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_stage_writes_report_numbers_and_features(explored):
    paths, _ = explored
    written = outputs(paths)
    assert {"reports/eda.html", "reports/eda.json", "reports/figures/sizes.png"} <= written.keys()
    assert {name for name in written if name.startswith("features/")} == {
        "features/titles.csv",
        "features/ratings.csv",
        "features/scores.csv",
    }
    report = read_json(paths.reports / "eda.json")
    assert report["signal"]["quality"]["is_found"]
    kept = [x["column"] for x in report["columns"] if x["table"] == "titles" and x["kept"]]
    assert list(pd.read_csv(paths.model_titles)) == kept == [c.ID, c.WORK_ID, c.LISTED_IN]

    clean = pd.read_parquet(paths.clean_ratings).drop(columns=c.IS_RECEIVED)
    pd.testing.assert_frame_equal(pd.read_csv(paths.model_ratings), clean)
    scores = pd.read_csv(paths.scores).set_index(c.TITLE_ID)
    means = clean.groupby(c.TITLE_ID)[c.RATING].mean()
    assert scores[c.SCORE].to_dict() == means.to_dict()
    assert scores[c.N_RATINGS].sum() == len(clean)


def test_the_same_bytes_every_time(explored, config, paths):
    eda.run(config, paths)

    assert outputs(paths) == outputs(explored[0])


def test_numbers_and_figures_go_to_mlflow(explored):
    _, tracker = explored
    (run,) = tracker.search({"cartelera.stage": "eda"})
    assert run.data.metrics["n_titles"] == 60
    assert len(run.data.metrics) <= 20
    assert run.info.run_name.endswith("of 60 titles")
    assert run.data.tags["mlflow.note.content"]
    assert {file.path for file in tracker.client.list_artifacts(run.info.run_id)} == {
        "eda.html",
        "figures",
        "tables",
    }
    experiment = run.info.experiment_id
    assert tracker.client.get_experiment(experiment).name.endswith("/exploration")
    numbers = tracker.client.load_table(experiment, "tables/numbers.json").set_index("number")
    assert numbers["value"]["n_titles_netflix"] > 0


def test_without_mlflow_the_long_work_does_not_begin(config, paths, monkeypatch):
    lost = dataclasses.replace(config.tracking, uri="sqlite:////proc/no/mlflow.db")
    monkeypatch.delattr(eda, "explore")

    with pytest.raises(CarteleraError, match="cannot be used"):
        eda.run(dataclasses.replace(config, tracking=lost), paths)


def test_missing_clean_tables_say_which_stage_to_run(config, tmp_path):
    with pytest.raises(InputError, match=r"titles\.parquet does not exist: run the etl stage"):
        eda.run(config, Paths(tmp_path))


def test_a_broken_clean_table_stops_the_stage_and_leaves_the_old_results(config, paths):
    (paths.reports / "figures").mkdir(parents=True)
    for old in (paths.reports / "eda.html", paths.reports / "figures" / "old.png"):
        old.write_text("old")
    before = outputs(paths)
    ratings = pd.read_parquet(paths.clean_ratings)
    ratings.assign(**{c.RATING: 9.0}).to_parquet(paths.clean_ratings, index=False)
    with pytest.raises(InputError, match="rating"):
        eda.run(config, paths)
    ratings.assign(**{c.TITLE_ID: "ns999"}).drop_duplicates(c.USER_ID).to_parquet(
        paths.clean_ratings, index=False
    )
    with pytest.raises(InputError, match="ns999"):
        eda.run(config, paths)
    assert outputs(paths) == before


def test_too_few_permutations_are_refused(config, paths):
    config.eda.alpha = 0.001
    with pytest.raises(ConfigError, match="n_permutations=99 is too few"):
        eda.run(config, paths)
