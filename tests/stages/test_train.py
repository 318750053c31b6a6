import json
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.files import sha256
from cartelera.models.model import Model
from cartelera.models.recipe import Recipe, fit
from cartelera.ratings.ratings_profile import RatingsProfile
from cartelera.search import model_cards
from cartelera.stages import train
from cartelera.tracking.runs import PARENT_RUN, Kind, Tracker
from cartelera.tracking.train_run import find_train_run

BEST = {
    "model": "svd",
    "params": {"n_factors": 4, "n_epochs": 6, "lr_all": 0.01, "reg_all": 0.1, "random_state": 0},
    "valid_rmse": 1.2,
    "trial": 2,
    "study": "svd-01234567",
}
RANKING = {
    "model": "ranking",
    "params": {"n_factors": 8, "reg": 2.0},
    "valid_ndcg": 0.2,
    "trial": 1,
    "study": "ranking-01234567",
}
TRIALS = """trial,state,valid_rmse,best_epoch,n_factors,lr_all,reg_all
0,complete,1.4,5,2,0.02,0.1
1,pruned,1.1,,3,0.02,0.1
2,complete,1.2,6,4,0.01,0.1
3,complete,1.3,7,8,0.005,0.2
"""


@pytest.fixture
def paths(tracked_paths):
    tracked_paths.best_params.write_text(json.dumps(BEST))
    tracked_paths.best_ranking_params.write_text(json.dumps(RANKING))
    write_titles(tracked_paths.clean_titles)
    (tracked_paths.model / "trials.csv").write_text(TRIALS)
    signal = {"sentence": "There is no taste to learn.", "taste": {"p_value": 0.4}, "more": 1}
    (tracked_paths.reports / "eda.json").write_text(json.dumps({"signal": signal}))
    rng = np.random.default_rng(1)
    pd.DataFrame(
        {
            "user_id": np.arange(1, 41),
            "title_id": pd.Series([f"ns{code}" for code in rng.integers(25, 35, 40)], dtype="str"),
            "rating": rng.integers(1, 11, 40) / 2,
            "timestamp": np.arange(800, 840),
        }
    ).to_parquet(tracked_paths.test, index=False)
    return tracked_paths


def write_titles(path) -> None:
    """Forty clean titles, of which nobody rated the last five."""
    n_titles = 40
    titles = pd.DataFrame(dict.fromkeys(c.CLEAN_TITLE_COLUMNS, ""), index=range(n_titles))
    titles[c.ID] = titles[c.WORK_ID] = [f"ns{number}" for number in range(n_titles)]
    titles[c.TITLE] = [f"title {number}" for number in range(n_titles)]
    titles[c.LISTED_IN] = [("horror", "drama, kids")[number % 2] for number in range(n_titles)]
    titles[c.RELEASE_YEAR] = 1980 + titles.index
    titles[c.CERTIFICATE_IMPUTED] = False
    path.parent.mkdir(parents=True, exist_ok=True)
    titles.to_parquet(path, index=False)


def contents(folder) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_measured_learns_from_all_of_train_and_says_so(tracked_config, paths):
    train.run(tracked_config(), paths)

    ratings = pd.read_parquet(paths.train)
    factors = Factors.load(paths.factors)
    assert factors.global_mean == pytest.approx(ratings["rating"].mean())
    assert sorted(factors.user_ids) == sorted(ratings["user_id"].unique())
    assert factors.user_factors.shape[1] == 4
    assert factors.card["params"] == BEST["params"]
    assert factors.card["search"] == {"study": "svd-01234567", "trial": 2, "valid_rmse": 1.2}
    assert factors.card["ranking_search"] == {
        "study": "ranking-01234567", "trial": 1, "valid_ndcg": 0.2,
    }  # fmt: skip
    assert factors.card["taste"] == "There is no taste to learn."
    assert factors.card["signal"] == {"taste": {"p_value": 0.4}}
    assert factors.card["role"] == model_cards.MEASURED
    assert factors.card["train"] == {
        "parts": ["train"], "sha256": {"train": sha256(paths.train)},
        "n_ratings": 800, "n_users": 40, "n_titles": 30,
        "first_timestamp": 0, "last_timestamp": 799,
    }  # fmt: skip


def test_progress_ends_when_all_is_done(tracked_config, paths, monkeypatch):
    counts: dict[str, list[int]] = {}

    @contextmanager
    def count(what: str, n_fits: int):
        counts[what] = [n_fits, 0]

        def on_fit() -> None:
            counts[what][1] += 1

        yield on_fit

    monkeypatch.setattr(train, "_bar", count)
    train.run(tracked_config(), paths)

    assert counts == {"choosing": [1, 1], "newcomers": [5, 5], "fitting": [4, 4]}


def test_both_models_go_together_with_the_recipe_that_makes_them_again(tracked_config, paths):
    train.run(tracked_config(), paths)

    ratings, titles = pd.read_parquet(paths.train), pd.read_parquet(paths.clean_titles)
    model = Model.load(paths.factors)
    recipe = Recipe.from_json(model.rating.card["recipe"])
    assert recipe == Recipe("svd", (BEST["params"],), RANKING["params"])
    again = fit(recipe, ratings, titles, (0.5, 5.0))
    np.testing.assert_array_equal(again.rating.title_factors, model.rating.title_factors)
    np.testing.assert_array_equal(again.ranking.factors, model.ranking.factors)

    counts = dict(zip(model.ranking.title_ids, model.ranking.n_ratings, strict=True))
    assert len(counts) == 40
    assert (counts["ns0"], counts["ns39"]) == ((ratings["title_id"] == "ns0").sum(), 0)
    shipped = Model.load(paths.shipped)
    assert shipped.ranking.n_ratings.sum() == 840
    assert shipped.rating.card["recipe"] == model.rating.card["recipe"]


def test_how_newcomers_are_folded_in_is_in_the_card_and_its_errors_beside_it(tracked_config, paths):
    train.run(tracked_config(), paths)

    curve = pd.read_csv(paths.model / "fold_in_curve.csv")
    assert curve["n_ratings"].tolist() == [1, 3, 5, 10, 20]
    assert (curve["rmse"] <= curve["title_mean_rmse"] + 1e-6).all()
    for folder in (paths.factors, paths.shipped):
        assert set(Factors.load(folder).card["fold_in"]) == {"reg_bu", "reg_pu", "level"}


def test_what_ships_learns_from_train_and_test_and_says_so(tracked_config, paths):
    train.run(tracked_config(), paths)

    everything = pd.concat([pd.read_parquet(path) for path in (paths.train, paths.test)])
    shipped, measured = Factors.load(paths.shipped), Factors.load(paths.factors)
    assert shipped.global_mean == pytest.approx(everything["rating"].mean())
    assert set(shipped.title_ids) == set(everything["title_id"]) > set(measured.title_ids)
    assert shipped.card["role"] == model_cards.SHIPPED
    assert shipped.card["train"]["parts"] == ["train", "test"]
    assert shipped.card["train"]["sha256"] == {
        "train": sha256(paths.train), "test": sha256(paths.test),
    }  # fmt: skip
    assert shipped.card["train"]["n_ratings"] == 840
    assert shipped.card["train"]["last_timestamp"] == 839
    for card in (shipped.card, measured.card):
        assert RatingsProfile.from_json(card["reference"]).n_ratings == 840


def test_what_is_measured_ships_if_asked_for(tracked_config, paths):
    train.run(tracked_config("model.ship_on=train"), paths)

    assert contents(paths.shipped) == contents(paths.factors)
    card = Factors.load(paths.shipped).card
    assert (card["role"], card["train"]["parts"]) == (model_cards.BOTH, ["train"])


def test_a_blend_that_wins_ships_with_all_its_members_in_the_card(tracked_config, paths):
    # Random ratings: averaging can only help.
    config = tracked_config("model.blend=3", "model.blend_margin=0")
    train.run(config, paths)

    for folder in (paths.factors, paths.shipped):
        blended = Factors.load(folder)
        assert "params" not in blended.card
        members = blended.card["members"]
        numbers = blended.card["blend"]
        trials, n_factors, n_epochs = {
            "trials": ([2, 3, 0], [4, 8, 2], [6, 7, 5]),
            "seeds": ([2] * 3, [4] * 3, [6] * 3),
        }[numbers["of"]]
        assert [member["trial"] for member in members] == trials
        assert [member["n_factors"] for member in members] == n_factors
        assert [member["params"]["n_epochs"] for member in members] == n_epochs
        assert [member["params"]["random_state"] for member in members] == [0, 1, 2]
        assert blended.user_factors.shape[1] == sum(n_factors)
        assert numbers["tried"].keys() == {"trials", "seeds"}
        assert numbers["blend_valid_rmse"] == min(numbers["tried"].values())
        assert (numbers["ships"], numbers["n_models"], numbers["margin"]) == (True, 3, 0)
        assert numbers["blend_valid_rmse"] < numbers["single_valid_rmse"]

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    run = tracker.client.get_run(find_train_run(tracker, paths.factors).run_id)
    assert run.data.metrics["single_valid_rmse"] == numbers["single_valid_rmse"]
    assert run.data.metrics["valid_rmse"] == numbers["blend_valid_rmse"]
    assert run.info.run_name.startswith("train blend of 3 svd k=4, valid rmse ")
    tried = tracker.client.load_table(tracker.experiment_id, "tables/blends.json")
    assert dict(tried.to_numpy()) == pytest.approx(numbers["tried"])


def test_a_blend_that_does_not_win_by_the_margin_does_not_ship(tracked_config, paths):
    train.run(tracked_config("model.blend=3", "model.blend_margin=4"), paths)

    card = Factors.load(paths.shipped).card
    assert card["params"] == BEST["params"]
    assert "members" not in card
    assert card["blend"]["ships"] is False
    assert card["blend"]["n_models"] == 3


def test_a_second_run_leaves_the_same_bytes_and_its_run_is_found_by_them(tracked_config, paths):
    def trained() -> tuple[dict[Path, bytes], str]:
        train.run(tracked_config(), paths)
        written = {path: path.read_bytes() for path in paths.root.rglob("*") if path.is_file()}
        return written, find_train_run(tracker, paths.factors).run_id

    tracker = Tracker(tracked_config().tracking.uri, tracked_config().tracking.experiment)
    first, run_id = trained()
    second, later_run_id = trained()

    assert second == first
    assert later_run_id != run_id


def test_the_learning_curve_has_every_epoch_and_is_tracked(tracked_config, paths):
    config = tracked_config()
    train.run(config, paths)

    curve = pd.read_csv(paths.model / "learning_curve.csv")
    assert curve["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert np.isfinite(curve).all(axis=None)
    assert curve["train_rmse"].is_monotonic_decreasing

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    run_id = find_train_run(tracker, paths.factors).run_id
    run = tracker.client.get_run(run_id)
    history = tracker.client.get_metric_history(run_id, "valid_rmse_by_epoch")
    assert tracker.experiment == f"{config.tracking.experiment}/models"
    assert run.info.status == "FINISHED"
    assert run.info.run_name == f"train svd k=4, valid rmse {run.data.metrics['valid_rmse']:.4f}"
    assert len(run.data.metrics) <= 8, "the evaluation adds up to twelve"
    assert run.data.params["n_factors"] == "4"
    assert run.data.metrics["single_valid_rmse"] == pytest.approx(
        curve["valid_rmse"].iloc[-1], abs=1e-5
    )
    assert [point.value for point in history] == pytest.approx(curve["valid_rmse"].tolist())


def test_a_trained_model_is_nested_in_the_study_it_comes_from(tracked_config, paths):
    config = tracked_config()
    with Tracker(config.tracking.uri, config.tracking.experiment, kind=Kind.search).run(
        "search", tags={"cartelera.study": BEST["study"]}
    ) as study:
        pass

    train.run(config, paths)

    (run,) = Tracker(config.tracking.uri, config.tracking.experiment).search(
        {PARENT_RUN: study.run_id}
    )
    assert run.data.tags["cartelera.stage"] == "train"


@pytest.mark.parametrize("blend", [1, 2])
def test_two_trainings_give_the_same_bytes(tracked_config, paths, blend):
    made = []
    for _ in range(2):
        train.run(tracked_config(f"model.blend={blend}", "model.blend_margin=0"), paths)
        curve = (paths.model / "learning_curve.csv").read_bytes()
        made.append((contents(paths.factors), contents(paths.shipped), curve))

    assert made[0] == made[1]


def test_without_the_report_the_card_says_that_nothing_was_tested(tracked_config, paths):
    (paths.reports / "eda.json").unlink()

    train.run(tracked_config(), paths)

    card = Factors.load(paths.factors).card
    assert "not tested" in card["taste"]
    assert card["signal"] is None


@pytest.mark.parametrize(
    ("missing", "stage"),
    [
        ("features/train.parquet", "split"),
        ("features/test.parquet", "split"),
        ("clean/titles.parquet", "etl"),
        ("model/best_params.json", "search"),
        ("model/best_ranking_params.json", "search"),
        ("model/trials.csv", "search"),
    ],
)
def test_a_missing_input_names_the_stage_to_run(tracked_config, paths, missing, stage):
    (paths.root / missing).unlink()

    with pytest.raises(InputError, match=f"run the {stage} stage"):
        train.run(tracked_config("model.blend=2"), paths)
