"""The whole pipeline on the embedded sample, run as a newcomer runs it."""

import json
import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("pipeline")]

TRUTH = Path(__file__).parents[1] / "model" / "sample_truth.json"
ALWAYS = ["compose", "register"]


def stages_run(said: str) -> list[str]:
    return re.findall(r"Running stage '(\w+)'", said)


def metrics(project) -> dict:
    return json.loads((project.root / "data/reports/metrics.json").read_text())


def test_what_a_newcomer_is_promised_is_there(finished):
    data = finished.root / "data"

    for made in (
        "raw/netflix_titles.csv",
        "clean/titles.csv",
        "clean/ratings.csv",
        "clean/rejected_titles.csv",
        "clean/rejected_ratings.csv",
        "features/ratings.csv",
        "model/factors/model_card.json",
        "reports/eda.html",
        "reports/model.html",
        "reports/metrics.json",
        "recommendations/users-1-600.parquet",
        "bento/bento.yaml",
    ):
        assert (data / made).stat().st_size > 0, made


def test_every_raw_row_is_accounted_for(finished):
    account = json.loads((finished.root / "data/reports/etl.json").read_text())

    for table in ("titles", "ratings"):
        total = account[table]["total"]
        assert total["read"] == total["clean"] + total["dropped"] + total["rejected"]
        assert total["dropped"] + total["rejected"] > 0


def test_the_model_comes_near_the_planted_noise_floor_and_beats_the_baselines(finished):
    floor = json.loads(TRUTH.read_text())["noise_floor"]
    measured = metrics(finished)

    assert measured["model"]["rmse"] <= 1.05 * floor
    for baseline in ("user_mean", "bias_only"):
        assert measured["model"]["rmse"] < measured[baseline]["rmse"]


def test_the_lists_come_near_those_of_whoever_knows_the_planted_tastes(finished):
    oracle = json.loads(TRUTH.read_text())["test_oracle_ndcg"]
    lists = {
        name: one.get("ndcg_at_k")
        for name, one in metrics(finished).items()
        if name != "split_digest"
    }

    assert lists["model"] >= 0.9 * oracle
    assert lists["model"] >= 1.7 * lists["popularity"]
    assert lists["model"] > lists["item_knn"]


def test_the_signal_verdict_says_taste(finished):
    eda = json.loads((finished.root / "data/reports/eda.json").read_text())

    for test in ("quality", "taste"):
        assert eda["signal"][test]["is_found"]
        assert eda["signal"][test]["p_value"] < 0.01


def test_a_second_run_does_nothing_and_one_key_reruns_only_what_reads_it(small, tmp_path):
    project = small.copy(tmp_path / "cartelera")
    assert stages_run(project.repro()) == ALWAYS

    before = project.contents("data/model/factors", "data/reports/search", "data/bento")
    local = project.root / "conf" / "local" / "default.yaml"
    settings = local.read_text()
    local.write_text(settings.replace("  n_trials: 2\n", "  n_trials: 1\n", 1))
    assert stages_run(project.repro())[:2] == ["compose", "search"]
    local.write_text(settings)

    said = project.repro()

    # Kept outputs have no run cache; the study has all its trials, though.
    assert stages_run(said)[:2] == ["compose", "search"]
    assert "goes on after 2 trials" in said
    assert "goes on after 3 trials" in said, "the one of the ranking model"
    assert project.contents("data/model/factors", "data/reports/search", "data/bento") == before
