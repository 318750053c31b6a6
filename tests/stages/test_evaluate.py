import dataclasses
import html
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.config import compose
from cartelera.errors import CarteleraError, InputError
from cartelera.evaluation.metrics import ListMetric, of_kind
from cartelera.factorization.factors import Factors
from cartelera.files import read_json, sha256, write_json
from cartelera.models.model import Model
from cartelera.paths import Paths
from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.parameters import RankingParams
from cartelera.ratings.digest import split_digest
from cartelera.ratings.ratings_profile import RatingsProfile
from cartelera.stages import evaluate
from cartelera.tracking.run_log import flatten
from cartelera.tracking.runs import Tracker
from cartelera.tracking.train_run import mark_train_run

CONF = Path(__file__).parents[2] / "conf"
N_USERS, N_TITLES = 30, 12
OF_EACH_LIST = [metric.key for metric in of_kind(ListMetric)]
RANKERS = ("model", "impersonal", "rating_model", "popularity", "item_knn", "ease")
RATERS = ("model", "bias_only", "title_mean", "user_mean", "global_mean")
OUTPUTS = (
    "metrics.json", "comparison.json", "drift.json", "intervals.json", "spot_checks.json",
    "comparison.csv", "model.html",
)  # fmt: skip


@pytest.fixture(scope="module")
def config(mlflow_store):
    tracking = [f"tracking.uri={mlflow_store}", "tracking.experiment=evaluate"]
    return compose(["evaluate.k=3", "evaluate.n_bootstrap=100", *tracking], conf=CONF)


def make_inputs(root: Path) -> Paths:
    """Write what the stages before leave: even users watch and love even titles.

    The rating model knows it, the ranking model can learn it.
    """
    paths = Paths(root / "data")
    for folder in (paths.clean, paths.features, paths.model, paths.reports):
        folder.mkdir(parents=True)
    ids = np.array([f"ns{title:02d}" for title in range(N_TITLES)], dtype=object)
    _write_ratings(paths, ids)
    titles = pd.DataFrame(dict.fromkeys(c.CLEAN_TITLE_COLUMNS, ""), index=range(N_TITLES))
    titles.assign(
        **{
            c.ID: ids,
            c.WORK_ID: ids,
            c.PLATFORM: "netflix",
            c.TYPE: "movie",
            c.TITLE: [f"title {title}" for title in range(N_TITLES)],
            c.DISPLAY_TITLE: [f"Title <{title}>" for title in range(N_TITLES)],
            c.LISTED_IN: ["even", "odd"] * (N_TITLES // 2),
            c.RELEASE_YEAR: 2000,
            c.CERTIFICATE_IMPUTED: False,
        }
    ).to_parquet(paths.clean_titles)
    sides = np.array([[1.0], [-1.0]], dtype=np.float32)
    rating = Factors(
        global_mean=3.0,
        user_bias=np.zeros(N_USERS, dtype=np.float32),
        title_bias=np.zeros(N_TITLES, dtype=np.float32),
        user_factors=np.tile(sides, (N_USERS // 2, 1)),
        title_factors=np.tile(1.5 * sides, (N_TITLES // 2, 1)),
        user_ids=np.arange(N_USERS),
        title_ids=ids,
        title_means=np.full(N_TITLES, 3.0, dtype=np.float32),
        scale=(0.5, 5.0),
    )
    ranking = fit_ranking(pd.read_parquet(paths.train), None, RankingParams(n_factors=2))
    Model(rating, ranking).save(paths.factors, {})
    pd.DataFrame({"epoch": [1, 2], "train_rmse": [1.0, 0.5], "valid_rmse": [1.1, 0.6]}).to_csv(
        paths.model / "learning_curve.csv", index=False
    )
    found = {"statistic": 0.5, "expected": 0.1, "p_value": 0.001, "is_found": True}
    signal = {"quality": found, "taste": found, "sentence": "There is taste."}
    write_json(paths.reports / "eda.json", {"signal": signal})
    return paths


def _write_ratings(paths: Paths, ids: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    users, titles = np.divmod(np.arange(N_USERS * N_TITLES), N_TITLES)
    rating = np.where(users % 2 == titles % 2, 4.5, 1.5) + rng.choice([-0.5, 0, 0.5], len(users))
    ratings = pd.DataFrame(
        {
            c.USER_ID: users,
            c.TITLE_ID: pd.array(ids[titles], dtype="str"),
            c.RATING: rating,
            c.TIMESTAMP: np.arange(len(users)),
            c.IS_RECEIVED: False,
        }
    )
    # Most of what people watch is to their taste.
    ratings = ratings[(users % 2 == titles % 2) | (rng.random(len(users)) < 0.4)]
    is_test = rng.random(len(ratings)) < 0.4
    ratings[~is_test].to_parquet(paths.train, index=False)
    ratings[is_test].to_parquet(paths.test, index=False)
    ratings[:0].to_parquet(paths.left_out, index=False)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, config) -> Paths:
    paths = make_inputs(tmp_path_factory.mktemp("evaluate"))
    evaluate.run(config, paths)
    return paths


@pytest.fixture
def paths(finished, tmp_path) -> Paths:
    """A copy to break."""
    shutil.copytree(finished.root, tmp_path / "data")
    return Paths(tmp_path / "data")


def test_without_mlflow_the_long_work_does_not_begin(config, tmp_path, monkeypatch):
    paths = make_inputs(tmp_path)
    lost = dataclasses.replace(config.tracking, uri="sqlite:////proc/no/mlflow.db")
    monkeypatch.delattr(evaluate, "evaluate_model")

    with pytest.raises(CarteleraError, match="cannot be used"):
        evaluate.run(dataclasses.replace(config, tracking=lost), paths)


def test_all_models_are_measured_on_the_same_split(finished):
    metrics = read_json(finished.reports / "comparison.json")

    for name in RATERS:
        assert metrics[name]["rmse_low"] <= metrics[name]["rmse"] <= metrics[name]["rmse_high"]
    for name in RANKERS:
        assert {*OF_EACH_LIST, "coverage_at_k", "gini_at_k"} <= set(metrics[name])
    assert not any("ndcg_at_k" in metrics[name] for name in RATERS[1:])
    assert not any("rmse" in metrics[name] for name in RANKERS[1:])
    assert metrics["signal"]["taste_is_found"] is True
    assert metrics["signal"]["quality_p_value"] == 0.001
    assert metrics["measured_on"]["k"] == 3
    assert metrics["split_digest"] == split_digest(
        pd.read_parquet(finished.train), pd.read_parquet(finished.test)
    )


def test_the_few_numbers_that_runs_are_compared_by_are_among_all(finished):
    few = flatten(read_json(finished.reports / "metrics.json"))
    everything = flatten(read_json(finished.reports / "comparison.json"))

    assert 12 <= len(few) <= 20
    assert few.items() <= everything.items()
    assert {
        "model.ndcg_at_k",
        "popularity.ndcg_at_k",
        "newcomers.model_ndcg_after_3",
        "model.rmse",
        "bias_only.rmse",
        "split_digest",
    } <= few.keys()


def test_the_model_that_knows_the_tastes_is_clearly_better(finished):
    metrics = read_json(finished.reports / "comparison.json")

    assert metrics["model"]["rmse"] < 0.6
    assert metrics["model"]["ndcg_at_k"] > metrics["popularity"]["ndcg_at_k"]
    for baseline in ("bias_only", "user_mean"):
        assert metrics["model_minus"][baseline]["rmse_high"] < 0
    assert "clearly better than the bias-only baseline" in (
        finished.reports / "model.html"
    ).read_text(encoding="utf-8")


def test_the_lists_are_personal_and_the_page_says_so(finished):
    metrics = read_json(finished.reports / "comparison.json")

    assert metrics["model_minus"]["popularity"]["ndcg_at_k_low"] > 0
    assert metrics["model_minus"]["impersonal"]["ndcg_at_k_low"] > 0
    assert metrics["model"]["overlap_at_k"] < metrics["impersonal"]["overlap_at_k"]
    assert metrics["newcomers"]["model_ndcg_after_3"] > metrics["popularity"]["ndcg_at_k"]
    assert "lists hit more than those of popularity by" in page(finished)
    assert "the lists of two users have" in page(finished).lower()
    assert metrics["chosen"]["item_knn"].keys() == {"n_neighbours", "shrinkage", "rating_weight"}


def test_the_newcomers_curve_is_shown_if_it_is_there(config, finished, paths):
    assert not (finished.reports / "model_figures" / "fold_in.png").exists()
    curve = {"n_ratings": [1, 3], "n_users": [9, 9], "rmse": [0.97, 0.94]}
    others = {"title_mean_rmse": [0.99, 0.99], "bias_rmse": [0.98, 0.95]}
    pd.DataFrame(curve | others).to_csv(paths.model / "fold_in_curve.csv", index=False)

    evaluate.run(config, paths)

    assert (paths.reports / "model_figures" / "fold_in.png").is_file()


def test_the_table_has_a_row_a_model(finished):
    table = pd.read_csv(finished.reports / "comparison.csv")
    metrics = read_json(finished.reports / "metrics.json")

    assert table["model"].tolist() == [*RANKERS, *RATERS[1:]]
    assert table["rmse"][0] == metrics["model"]["rmse"]
    assert table["rmse"].notna().tolist() == [True] + [False] * 5 + [True] * 4


def test_the_spot_checks_are_of_known_users_and_titles(finished):
    users = read_json(finished.reports / "spot_checks.json")["users"]

    assert len({user["user_id"] for user in users}) == 5
    for user in users:
        liked = {title["title_id"] for title in user["liked"]}
        recommended = {title["title_id"] for title in user["recommended"]}
        assert not liked & recommended
        assert all(title["title"].startswith("Title <") for title in user["recommended"])
        assert all(0.5 <= title["predicted"] <= 5 for title in user["held_out"])


def test_measures_and_pictures_go_to_the_run_that_trained_the_model(config, paths):
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    with tracker.run("train") as train_run:
        mark_train_run(train_run, paths.factors)

    evaluate.run(config, paths)

    run = tracker.client.get_run(train_run.run_id)
    metrics = read_json(paths.reports / "comparison.json")
    assert run.data.metrics["model.rmse"] == metrics["model"]["rmse"]
    assert run.data.metrics["model.ndcg_at_k"] == metrics["model"]["ndcg_at_k"]
    assert len(run.data.metrics) <= 13, "training adds seven"
    assert "lists hit" in run.data.tags["mlflow.note.content"]
    compared = tracker.client.load_table(tracker.experiment_id, "tables/comparison.json")
    assert {"model", "popularity"} <= set(compared["model"])
    logged = {file.path for file in tracker.client.list_artifacts(train_run.run_id)}
    assert {*OUTPUTS, "model_figures"} <= logged


def test_eight_of_ten_true_ratings_lie_in_the_intervals(finished):
    found = read_json(finished.reports / "intervals.json")
    test = pd.read_parquet(finished.test)
    predicted = Factors.load(finished.factors).predict(test[c.USER_ID], test[c.TITLE_ID])

    errors = test[c.RATING] - predicted
    assert found["n_ratings"] == len(test)
    assert np.mean((found["low"] <= errors) & (errors <= found["high"])) >= found["coverage"] == 0.8
    assert found["bands"] == [
        {"up_to": 5.0, "low": found["low"], "high": found["high"], "n_ratings": len(test)}
    ]
    assert "How far off a prediction may be" in page(finished)


def page(paths: Paths) -> str:
    return (paths.reports / "model.html").read_text(encoding="utf-8")


def test_without_a_champion_the_latest_ratings_are_set_beside_those_before(finished):
    drift = read_json(finished.reports / "drift.json")

    assert drift["about"].startswith("The latest 25 ratings, from 1970-01-01 on, beside the 220")
    assert (drift["before"]["n_ratings"], drift["new"]["n_ratings"]) == (220, 25)
    # Users rate one after the other: the latest ratings are of new users, but for the first one's.
    assert drift["share_of_new_users"] == 17 / 25
    assert drift["share_of_new_titles"] == 0.0
    assert not drift["is_fine"]
    assert "68.0% of the new ratings are of users not known before" in page(finished)
    for name in ("drift_stars", "drift_activity"):
        assert (finished.reports / "model_figures" / f"{name}.png").is_file()
    assert not (finished.reports / "comparison.json").read_text().count("beside_champion")


def test_what_a_champion_did_not_know_is_set_beside_what_it_did(config, paths):
    ratings = pd.concat(map(pd.read_parquet, (paths.train, paths.test)))
    known = ratings[ratings[c.TIMESTAMP] < 300]
    champion = {"reference": RatingsProfile.of(known).to_json()}
    Factors.load(paths.factors).save(paths.champion / "shipped", champion)
    write_json(paths.registered, {"version": 7, "aliases": ["champion"]})

    evaluate.run(config, paths)

    drift = read_json(paths.reports / "drift.json")
    n_new = len(ratings) - len(known)
    assert drift["about"].startswith(
        f"The {n_new} ratings after the last one that the champion, version 7"
    )
    assert drift["about"] in page(paths)
    assert (drift["before"]["n_ratings"], drift["share_of_new_users"]) == (len(known), 0.0)


def test_a_flood_of_received_ratings_is_told_though_most_of_it_is_left_out(config, paths):
    test = pd.read_parquet(paths.test)
    later = test[c.TIMESTAMP].max() + 1
    flood = test.assign(**{c.TIMESTAMP: later, c.RATING: 0.5, c.IS_RECEIVED: True})
    flood.to_parquet(paths.left_out, index=False)

    evaluate.run(config, paths)

    feedback = read_json(paths.reports / "drift.json")["feedback"]
    assert not feedback["is_fine"]
    assert feedback["sentence"] in html.unescape(page(paths))


def test_the_same_bytes_every_time(config, finished, paths):
    evaluate.run(config, paths)

    for name in OUTPUTS:
        assert sha256(paths.reports / name) == sha256(finished.reports / name), name
    for picture in (finished.reports / "model_figures").iterdir():
        assert sha256(picture) == sha256(paths.reports / "model_figures" / picture.name)


@pytest.mark.parametrize(
    ("missing", "stage"),
    [
        ("features/train.parquet", "split"),
        ("features/test.parquet", "split"),
        ("clean/titles.parquet", "etl"),
        ("model/learning_curve.csv", "train"),
        ("reports/eda.json", "eda"),
    ],
)
def test_a_missing_input_names_the_stage_to_run(config, paths, missing, stage):
    (paths.root / missing).unlink()

    with pytest.raises(InputError, match=f"{stage} stage"):
        evaluate.run(config, paths)


def test_a_curve_or_verdict_of_another_shape_is_refused(config, paths):
    curve = paths.model / "learning_curve.csv"
    good = curve.read_text()
    curve.write_text("epoch,rmse\n1,0.9\n")
    with pytest.raises(InputError, match="train_rmse"):
        evaluate.run(config, paths)
    curve.write_text(good)

    for of_before in ({"verdict": "yes"}, {"signal": {"has_taste": True, "sentence": "Yes."}}):
        (paths.reports / "eda.json").write_text(json.dumps(of_before))
        with pytest.raises(InputError, match=r"signal\.quality: run the eda stage anew"):
            evaluate.run(config, paths)


def test_a_failure_leaves_the_former_results(config, paths):
    before = sha256(paths.reports / "metrics.json")
    titles = pd.read_parquet(paths.clean_titles)
    titles[:1].to_parquet(paths.clean_titles)

    with pytest.raises(InputError, match="missing from the clean titles"):
        evaluate.run(config, paths)

    assert sha256(paths.reports / "metrics.json") == before
    assert not list(paths.reports.glob(".draft-*"))
