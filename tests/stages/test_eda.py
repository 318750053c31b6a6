from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.errors import ConfigError, InputError
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


@pytest.fixture
def paths(tmp_path, monkeypatch) -> Paths:
    """Clean tables of 60 titles; dramas are liked, the rest is not."""
    monkeypatch.setattr(style, "_DPI", 40)
    paths = Paths(tmp_path / "data")
    rng = np.random.default_rng(0)
    n = 60
    titles = pd.DataFrame(
        {
            c.ID: [f"ns{i}" for i in range(n)],
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
        }
    )
    paths.clean.mkdir(parents=True)
    titles.to_parquet(paths.clean_titles, index=False)
    ratings.to_parquet(paths.clean_ratings, index=False)
    return paths


def outputs(paths: Paths) -> dict[str, bytes]:
    return {
        str(path.relative_to(paths.root)): path.read_bytes()
        for folder in (paths.reports, paths.features)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_stage_writes_report_numbers_and_features_the_same_every_time(config, paths):
    eda.run(config, paths)
    first = outputs(paths)
    eda.run(config, paths)
    assert outputs(paths) == first

    assert {"reports/eda.html", "reports/eda.json", "reports/figures/sizes.png"} <= first.keys()
    assert {name for name in first if name.startswith("features/")} == {
        "features/titles.csv",
        "features/ratings.csv",
        "features/scores.csv",
    }
    report = read_json(paths.reports / "eda.json")
    assert report["signal"]["has_taste"]
    kept = [x["column"] for x in report["columns"] if x["table"] == "titles" and x["kept"]]
    assert list(pd.read_csv(paths.model_titles)) == kept == [c.ID, c.LISTED_IN]

    clean = pd.read_parquet(paths.clean_ratings)
    pd.testing.assert_frame_equal(pd.read_csv(paths.model_ratings), clean)
    scores = pd.read_csv(paths.scores).set_index(c.TITLE_ID)
    means = clean.groupby(c.TITLE_ID)[c.RATING].mean()
    assert scores[c.SCORE].to_dict() == means.to_dict()
    assert scores[c.N_RATINGS].sum() == len(clean)


def test_numbers_and_figures_go_to_mlflow(config, paths, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where no dvc.lock is logged with them
    eda.run(config, paths)

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    run = tracker.search({"cartelera.stage": "eda"})[0]
    assert run.data.metrics["n_titles"] == 60
    assert {file.path for file in tracker.client.list_artifacts(run.info.run_id)} == {
        "eda.html",
        "figures",
    }


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
