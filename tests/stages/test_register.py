import json

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.models.model import Model
from cartelera.models.recipe import Recipe, fit
from cartelera.stages import evaluate, register
from cartelera.tracking.model_folders import folder_digest
from cartelera.tracking.promotion import promote, roll_back
from cartelera.tracking.runs import Tracker
from cartelera.tracking.train_run import mark_train_run
from cartelera.tracking.versions import Versions

from .two_camps import GOOD, POOR, RATING, SCALE, make_ratings, train_models

RATINGS = make_ratings()
LATER = make_ratings(170)  # the same and ten more users


@pytest.fixture
def config(tracked_config):
    return tracked_config("evaluate.n_bootstrap=200", "model.ship_on=all")


@pytest.fixture
def night(config, tmp_path):
    """Runs everything from the split to the register stage in one data folder."""

    def run(recipe=GOOD, ratings=RATINGS, with_config=config, **how):
        paths = train_models(with_config, tmp_path / "data", recipe, ratings, **how)
        register.run(with_config, paths)
        return paths

    return run


@pytest.fixture
def versions(config):
    settings = config.tracking
    return Versions(Tracker(settings.uri, settings.experiment), settings.registered_model)


def read(path) -> dict:
    return json.loads(path.read_text())


def gate(paths) -> dict:
    return read(paths.reports / "gate.json")


def contents(paths) -> dict[str, bytes]:
    written = [paths.reports / "gate.json", *paths.champion.rglob("*")]
    return {
        path.relative_to(paths.root).as_posix(): path.read_bytes()
        for path in written
        if path.is_file()
    }


def make_train_run(config, paths):
    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    with tracker.run("train") as run:
        mark_train_run(run, paths.factors)
    return tracker, run


def test_the_model_is_registered_in_the_run_that_trained_it(config, tmp_path, caplog):
    paths = train_models(config, tmp_path / "data", GOOD, RATINGS)
    tracker, run = make_train_run(config, paths)

    with caplog.at_level("INFO"):
        for _ in range(2):
            register.run(config, paths)

    shipping, said = read(paths.registered), gate(paths)
    assert shipping["run_id"] == run.run_id
    assert (shipping["name"], shipping["version"]) == (config.tracking.registered_model, 1)
    assert shipping["aliases"] == ["champion"]
    assert said["is_champion"]
    assert "Lists beside what is popular with everyone" in said["decision"]["reason"]
    assert said["decision"]["reason"] in caplog.text
    for name in ("metrics.json", "intervals.json"):
        assert read(paths.champion / name) == read(paths.reports / name)

    # The run is completed once with what people look for.
    found = tracker.client.get_run(run.run_id)
    listed = tracker.client.list_artifacts(run.run_id, "exploration")
    assert {artifact.path for artifact in listed} == {
        "exploration/figures", "exploration/eda.html",
    }  # fmt: skip
    assert found.data.tags["cartelera.data_source"] == "sample"
    assert found.data.tags["cartelera.split_digest"] == shipping["split_digest"]
    (dataset,) = found.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.tags[0].value) == ("test.parquet", "testing")


@pytest.mark.usefixtures("models_without_code")
def test_a_second_run_changes_no_byte_whoever_ships(config, night):
    paths = night()
    first = contents(paths)
    register.run(config, paths)
    assert contents(paths) == first

    night(POOR, LATER)
    refused = contents(paths)
    register.run(config, paths)
    assert contents(paths) == refused
    assert not list(paths.root.rglob(".draft-*"))


@pytest.mark.usefixtures("models_without_code")
def test_later_ratings_are_no_merit_and_the_champion_learns_from_them(night):
    paths = night()

    night(POOR, LATER)

    said, shipping = gate(paths), read(paths.registered)
    assert (said["version"], said["is_champion"], said["decision"]["champion"]) == (2, False, 1)
    assert said["decision"]["reason"].startswith("Refused for its lists.")
    assert (shipping["version"], shipping["refit_of"], shipping["aliases"]) == (3, 1, ["champion"])
    assert shipping["warning"] is None

    ships = Model.load(paths.champion / "shipped")
    assert set(ships.rating.user_ids) == set(LATER[c.USER_ID]), "the new users, too"
    assert ships.rating.card["recipe"] == GOOD.to_json()
    assert ships.rating.card["reference"]["n_ratings"] == len(LATER)
    everything = pd.concat([pd.read_parquet(path) for path in (paths.train, paths.test)])
    by_hand = fit(GOOD, everything, pd.read_parquet(paths.clean_titles), SCALE)
    assert (ships.rating.user_factors == by_hand.rating.user_factors).all()
    assert (ships.ranking.factors == by_hand.ranking.factors).all()

    # What is stated of it is of today's test part.
    metrics = read(paths.champion / "metrics.json")
    assert metrics["split_digest"] == read(paths.reports / "metrics.json")["split_digest"]
    worth = said["decision"]["contest"]["champion"]["worth"]
    assert metrics["model"]["ndcg_at_k"] == pytest.approx(worth["ndcg"], abs=1e-6)
    assert shipping["ndcg"] == metrics["model"]["ndcg_at_k"]


@pytest.mark.usefixtures("models_without_code")
def test_another_split_is_no_way_in(night):
    paths = night()
    first = contents(paths)

    night(POOR, RATINGS, n_test=5)

    assert gate(paths)["decision"]["champion"] == 1
    assert not gate(paths)["is_champion"]
    assert read(paths.registered)["refit_of"] == 1

    night(GOOD, RATINGS)
    assert read(paths.registered)["version"] == 1
    assert contents(paths).keys() == first.keys()


@pytest.mark.usefixtures("models_without_code")
def test_one_account_does_not_decide(night):
    """A user who rates everything late, the worst titles of all best, is one of 161."""
    paths = night()
    flood = pd.DataFrame(
        {
            c.USER_ID: 999,
            c.TITLE_ID: [f"ns{title}" for title in range(40)],
            c.RATING: 5.0,
            c.TIMESTAMP: 10_000,
        }
    ).astype({c.TITLE_ID: "str"})

    night(POOR, pd.concat([RATINGS, flood], ignore_index=True), n_test=4)

    said = gate(paths)
    assert not said["is_champion"]
    assert said["decision"]["contest"]["n_raters"] == 161


@pytest.mark.usefixtures("models_without_code")
def test_a_rollback_holds_when_one_rating_comes(config, night, versions):
    # Even so its lists beat what is popular: the catalogue says which camp a title is of.
    paths = night(POOR)
    assert read(paths.registered)["aliases"] == ["champion"]
    night(GOOD)  # no clear gain over the catalogue: a person decides
    promote(versions, 2, "bolder")

    roll_back(versions, "too bold")
    register.run(config, paths)
    shipping = read(paths.registered)
    assert shipping["version"] == 1
    assert shipping["reason"].startswith("too bold (")

    one_more = RATINGS.tail(1).assign(user_id=1, title_id="ns39", timestamp=99_999)
    later = pd.concat([RATINGS, one_more], ignore_index=True).drop_duplicates(
        [c.USER_ID, c.TITLE_ID], keep="last"
    )
    nearly = Recipe("svd", ({**RATING, "n_epochs": 16},), dict(GOOD.ranking))
    for recipe in (GOOD, nearly):
        night(recipe, later)
        said = gate(paths)
        assert not said["is_champion"]
        assert "was withdrawn: too bold" in said["decision"]["reason"]
        assert read(paths.registered)["refit_of"] == 1
    assert Factors.load(paths.champion / "shipped").card["recipe"] == POOR.to_json()


@pytest.mark.usefixtures("models_without_code")
def test_what_is_stated_is_of_the_last_evaluation(config, tracked_config, night):
    paths = night()
    wider = tracked_config("evaluate.n_bootstrap=200", "evaluate.interval_coverage=0.95")

    night(GOOD, RATINGS, wider)
    assert read(paths.registered)["version"] == 1
    assert read(paths.champion / "intervals.json")["coverage"] == 0.95

    night(POOR, LATER, wider)
    night(POOR, LATER, config)
    assert read(paths.champion / "intervals.json")["coverage"] == 0.8


@pytest.mark.usefixtures("models_without_code")
def test_without_taste_both_models_are_refused_and_it_ships_with_a_warning(night):
    paths = night(GOOD, make_ratings(has_taste=False))

    reason, shipping = gate(paths)["decision"]["reason"], read(paths.registered)
    assert reason.startswith("Refused for its lists and stars.")
    assert "beside what is popular with everyone" in reason
    assert "Stars beside the best tuned baseline" in reason
    assert shipping["aliases"] == ["candidate"]
    assert "no champion" in shipping["warning"]


@pytest.mark.usefixtures("models_without_code")
def test_too_few_users_leave_the_decision_to_a_person(night):
    paths = night()
    night(POOR, make_ratings(60))

    reason = gate(paths)["decision"]["reason"]
    assert "cannot be compared with the champion, version 1: only 59 users" in reason
    assert "`cartelera promote 2 --reason ...`" in reason
    assert read(paths.registered)["refit_of"] == 1


@pytest.mark.usefixtures("models_without_code")
def test_report_and_gate_show_the_same_numbers(config, night, tmp_path, monkeypatch):
    paths = night()
    train_models(config, tmp_path / "data", POOR, LATER, evaluated=False)

    evaluate.run(config, paths)
    with monkeypatch.context() as patch:
        patch.delattr(
            "cartelera.tracking.todays_ratings.compare_to_champion"
        )  # it is not made again
        register.run(config, paths)

    report = read(paths.reports / "comparison.json")["beside_champion"]
    contest = gate(paths)["decision"]["contest"]
    assert report.pop("version") == gate(paths)["decision"]["champion"] == 1
    assert report["candidate"]["ndcg"] == pytest.approx(contest["candidate"]["ndcg"], abs=1e-6)
    assert report["champion"]["ndcg"]["low"] == pytest.approx(
        contest["champion"]["ndcg"]["low"], abs=1e-6
    )
    page = (paths.reports / "model.html").read_text()
    assert all(check["sentence"] in page for check in gate(paths)["decision"]["checks"])


@pytest.mark.usefixtures("models_without_code")
def test_a_run_that_is_gone_is_replaced(config, night):
    paths = night()

    tracker = Tracker(config.tracking.uri, config.tracking.experiment)
    (run,) = tracker.search({"cartelera.stage": "register"}, "FINISHED")
    assert read(paths.registered)["run_id"] == run.info.run_id


@pytest.mark.usefixtures("models_without_code")
def test_with_ship_on_train_the_measured_model_ships(tracked_config, night):
    config = tracked_config("evaluate.n_bootstrap=200", "model.ship_on=train")
    night(GOOD, RATINGS, config)
    paths = night(POOR, LATER, config)

    assert read(paths.registered)["refit_of"] == 1
    factors, shipped = (Factors.load(paths.champion / part) for part in ("factors", "shipped"))
    assert (factors.user_factors == shipped.user_factors).all()
    assert folder_digest(paths.champion / "factors") == read(paths.registered)["factors_digest"]


@pytest.mark.parametrize(
    ("missing", "stage"),
    [
        ("reports/metrics.json", "evaluate"),
        ("reports/intervals.json", "evaluate"),
        ("reports/drift.json", "evaluate"),
        ("features/test.parquet", "split"),
        ("clean/titles.parquet", "etl"),
        ("reports/eda.html", "eda"),
    ],
)
def test_what_is_missing_is_named_with_its_stage(config, tmp_path, missing, stage):
    paths = train_models(config, tmp_path / "data", POOR, RATINGS.head(280))
    (paths.root / missing).unlink()

    with pytest.raises(InputError, match=f"run the {stage} stage"):
        register.run(config, paths)


@pytest.mark.usefixtures("models_without_code")
def test_a_flood_of_received_ratings_leaves_the_promotion_to_a_person(config, tmp_path):
    paths = train_models(config, tmp_path / "data", GOOD, RATINGS)
    feedback = {"is_fine": False, "sentence": "90% were received."}
    (paths.reports / "drift.json").write_text(json.dumps({"feedback": feedback}))

    register.run(config, paths)

    assert not gate(paths)["is_champion"]
    assert "a person agrees: 90% were received." in gate(paths)["decision"]["reason"]
