"""The main job on real input: from the published catalogues to a tuned, packaged model."""

import json
import os
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("real_data"),
    pytest.mark.skipif(
        "CARTELERA_REAL_DATA" not in os.environ, reason="CARTELERA_REAL_DATA is not set"
    ),
]


@pytest.fixture(scope="module")
def reports(start_project):
    project = start_project("real")
    folder = Path(os.environ["CARTELERA_REAL_DATA"]) / "streaming"
    project.repro("data=folder", f"data.path='{folder}'")
    return {
        name: json.loads((project.root / f"data/reports/{name}.json").read_text())
        for name in ("etl", "eda", "comparison")
    }


def test_every_title_and_rating_of_the_real_files_is_clean(reports):
    titles, ratings = reports["etl"]["titles"], reports["etl"]["ratings"]

    assert titles["total"] == {"read": 22998, "clean": 22998, "dropped": 0, "rejected": 0}
    assert ratings["total"] == {"read": 28644, "clean": 28644, "dropped": 0, "rejected": 0}
    assert [titles["platforms"][p]["titles"] for p in ("amazon", "disney", "hulu", "netflix")] == [
        9668,
        1450,
        3073,
        8807,
    ]
    assert sum(platform["types"]["movie"] for platform in titles["platforms"].values()) == 16481


def test_the_model_is_clearly_better_than_the_bias_baseline(reports):
    metrics = reports["comparison"]

    assert metrics["model"]["rmse"] < metrics["bias_only"]["rmse"]
    assert metrics["model_minus"]["bias_only"]["rmse_high"] < 0


def test_real_titles_differ_in_quality_and_real_people_in_taste(reports):
    assert reports["eda"]["signal"]["quality"]["is_found"]
    assert reports["eda"]["signal"]["taste"]["is_found"]
