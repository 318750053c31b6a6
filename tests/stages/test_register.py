import json

import numpy as np
import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.stages import register
from cartelera.tracking.promotion import roll_back
from cartelera.tracking.runs import Tracker
from cartelera.tracking.versions import Versions


def save_models(paths, stars: float) -> None:
    """Leave what `train` leaves: models that predict the same stars for everybody."""
    for folder in (paths.factors, paths.shipped):
        Factors(
            global_mean=stars,
            user_bias=np.zeros(2, np.float32),
            title_bias=np.zeros(1, np.float32),
            user_factors=np.zeros((2, 1), np.float32),
            title_factors=np.zeros((1, 1), np.float32),
            user_ids=np.array([7, 8]),
            title_ids=np.array(["as1"], dtype=object),
            title_means=np.full(1, stars, np.float32),
            scale=(0.5, 5.0),
        ).save(folder, {"train": {"last_timestamp": 3}})
    metrics = {"model": {"rmse": 5 - stars}, "bias_only": {"rmse": 2.0}, "split_digest": "ab"}
    (paths.reports / "metrics.json").write_text(json.dumps(metrics))


@pytest.fixture
def paths(tracked_paths):
    """What the stages before leave, and a run that MLflow does not have."""
    save_models(tracked_paths, 3.5)
    pd.DataFrame(
        {
            "user_id": [7, 8],
            "title_id": pd.Series(["as1"] * 2, dtype="str"),
            "rating": 5.0,
            "timestamp": [4, 5],
        }
    ).to_parquet(tracked_paths.test, index=False)
    tracked_paths.run.write_text(json.dumps({"run_id": "0" * 32, "experiment": "x"}))
    (tracked_paths.reports / "intervals.json").write_text('{"coverage": 0.8}')
    (tracked_paths.reports / "eda.html").write_text("<p>")
    (tracked_paths.reports / "figures").mkdir()
    (tracked_paths.reports / "figures" / "years.png").write_bytes(b"png")
    return tracked_paths


def read(path) -> dict:
    return json.loads(path.read_text())


def gate(paths) -> dict:
    return read(paths.reports / "gate.json")


def contents(paths) -> dict[str, bytes]:
    written = [paths.reports / "gate.json", *paths.champion.rglob("*")]
    return {path.name: path.read_bytes() for path in written if path.is_file()}


def make_train_run(config, paths):
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    with tracker.run("train") as run:
        paths.run.write_text(json.dumps({"run_id": run.run_id, "experiment": "x"}))
    return tracker, run


def test_the_model_is_registered_in_the_run_that_trained_it(tracked_config, paths, caplog):
    config = tracked_config()
    _, run = make_train_run(config, paths)

    with caplog.at_level("INFO"):
        register.run(config, paths)

    shipping, said = read(paths.registered), gate(paths)
    assert shipping["run_id"] == run.run_id
    assert (shipping["name"], shipping["version"]) == (config.tracking.registered_model, 1)
    assert shipping["aliases"] == ["champion"]
    assert said["is_champion"]
    assert "1.5000 against 2.0000 of the bias baseline" in said["decision"]["reason"]
    assert said["decision"]["reason"] in caplog.text
    assert read(paths.champion / "intervals.json") == {"coverage": 0.8}
    assert read(paths.champion / "metrics.json") == read(paths.reports / "metrics.json")


@pytest.mark.usefixtures("models_without_code")
def test_the_run_is_completed_once_with_what_people_look_for(tracked_config, paths):
    config = tracked_config()
    tracker, run = make_train_run(config, paths)

    for _ in range(2):
        register.run(config, paths)

    found = tracker.client.get_run(run.run_id)
    listed = tracker.client.list_artifacts(run.run_id, "exploration")
    assert {artifact.path for artifact in listed} == {
        "exploration/figures", "exploration/eda.html",
    }  # fmt: skip
    tags = {key: found.data.tags[f"cartelera.{key}"] for key in ("data_source", "split_digest")}
    assert tags == {"data_source": "sample", "split_digest": "ab"}
    (dataset,) = found.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.tags[0].value) == ("test.parquet", "testing")


@pytest.mark.usefixtures("models_without_code")
def test_a_second_run_changes_no_byte(tracked_config, paths):
    register.run(tracked_config(), paths)
    before = contents(paths)

    register.run(tracked_config(), paths)

    assert contents(paths) == before
    assert not list(paths.root.rglob(".draft-*"))


@pytest.mark.usefixtures("models_without_code")
def test_a_refused_model_does_not_ship(tracked_config, paths):
    config = tracked_config("tracking.gate_must_be_clear=false")
    register.run(config, paths)
    before = contents(paths)
    save_models(paths, 3.25)

    register.run(config, paths)

    after = contents(paths)
    assert before.pop("gate.json") != after.pop("gate.json")
    assert after == before
    assert (gate(paths)["version"], gate(paths)["is_champion"]) == (2, False)


@pytest.mark.usefixtures("models_without_code")
def test_after_a_rollback_the_former_champion_ships(tracked_config, paths):
    config = tracked_config("tracking.gate_must_be_clear=false")
    register.run(config, paths)
    before = read(paths.registered)
    save_models(paths, 4.0)
    register.run(config, paths)
    assert read(paths.registered)["version"] == 2

    settings = config.tracking
    tracker = Tracker(settings.uri, settings.experiment)
    roll_back(Versions(tracker, settings.registered_model), "too bold")
    register.run(config, paths)

    shipping = read(paths.registered)
    assert shipping["reason"].startswith("too bold (")
    assert shipping == before | {"reason": shipping["reason"], "decision": None}
    assert Factors.load(paths.champion / "shipped").global_mean == 3.5
    assert not gate(paths)["is_champion"]


@pytest.mark.usefixtures("models_without_code")
def test_a_run_that_is_gone_is_replaced(tracked_config, paths):
    config = tracked_config()

    register.run(config, paths)

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    (run,) = tracker.search({"cartelera.stage": "register"}, "FINISHED")
    assert read(paths.registered)["run_id"] == run.info.run_id


@pytest.mark.parametrize(
    ("missing", "stage"),
    [
        ("model/run.json", "train"),
        ("reports/metrics.json", "evaluate"),
        ("reports/intervals.json", "evaluate"),
        ("features/test.parquet", "split"),
        ("reports/eda.html", "eda"),
    ],
)
def test_what_is_missing_is_named_with_its_stage(tracked_config, paths, missing, stage):
    (paths.root / missing).unlink()

    with pytest.raises(InputError, match=f"run the {stage} stage"):
        register.run(tracked_config(), paths)
