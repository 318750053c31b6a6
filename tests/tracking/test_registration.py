import itertools
import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.tracking import registration as registry
from cartelera.tracking.gate import Measured
from cartelera.tracking.model_folders import folder_digest
from cartelera.tracking.registration import register
from cartelera.tracking.versions import CHAMPION

from .conftest import RULES, Night

MEASURED = Measured(0.9, 1.0, split_digest="a")


def test_the_way_of_models_through_the_gate(tracker, versions, registering, places):
    first = registering(0.15)
    assert (first.version, first.is_champion, first.decision.promote) == (1, True, True)
    assert "There is no champion" in first.decision.reason
    assert places() == {"candidate": 1, "champion": 1}

    worse = registering(0.14)
    assert (worse.version, worse.is_champion) == (2, False)
    assert "0.1400 against 0.1500" in worse.decision.reason
    assert places() == {"candidate": 2, "champion": 1}

    better = registering(0.17)
    assert (better.version, better.is_champion) == (3, True)
    assert better.decision.contest.n_users == 150
    assert places() == {"candidate": 3, "champion": 3, "previous": 1}

    run = tracker.client.get_run(versions.get(3).run_id)
    assert run.data.tags["cartelera.version"] == "3"
    assert run.data.tags["cartelera.gate"] == better.decision.reason
    said = {number: versions.get(number).description for number in (2, 3)}
    assert said == {2: worse.decision.reason, 3: better.decision.reason}


def test_the_same_model_is_registered_once_and_gets_the_same_answer(versions, registering, places):
    promoted, refused = registering(0.15), registering(0.14)

    assert registering(0.15) == promoted
    assert registering(0.14) == refused
    assert places() == {"candidate": 2, "champion": 1}
    assert [int(version.version) for version in versions.all()] == [2, 1]


def test_what_meets_the_gate_is_the_champions_recipe_on_the_same_ratings(registering):
    registering(0.15, "a")
    night = Night("b", 0.14)

    refused = registering(0.14, "b", arena=night)

    assert night.met == [0.15]
    assert not refused.is_champion, "to be fitted on later ratings is no merit of a recipe"


def test_a_recipe_is_judged_once_a_champion_and_night(versions, registering, places):
    registering(0.15)
    night = Night("a", 0.14)

    refused = registering(0.14, arena=night)
    assert registering(0.14, arena=night) == refused
    assert night.met == [0.15]

    versions.point(CHAMPION, 2)
    registering(0.15, arena=(again := Night("a", 0.15)))
    assert again.met == [0.14]


def test_a_model_of_the_champions_recipe_needs_no_gate(versions, registering, places):
    first = registering(0.15, "a")
    night = Night("b", 0.15)

    again = registering(0.15, "b", arena=night)

    assert (again.version, again.is_champion, night.met) == (2, True, [])
    assert again.decision == first.decision
    assert places() == {"candidate": 2, "champion": 2}, "a rollback goes to another recipe"
    assert versions.get(2).tags["cartelera.refit_of"] == "1"
    registering(0.15, "c")
    assert versions.get(3).tags["cartelera.refit_of"] == "1"


def test_a_first_model_that_the_baselines_beat_is_no_champion(registering, places):
    refused = registering(0.1)

    assert not refused.is_champion
    assert places() == {"candidate": 1}


def test_what_cannot_be_compared_is_refused(registering, places):
    registering(0.15)

    refused = registering(0.17, why_not="only 8 users.")

    assert not refused.is_champion
    assert "`cartelera promote 2 --reason ...`" in refused.decision.reason
    assert places() == {"candidate": 2, "champion": 1}


def test_a_champion_made_by_other_means_keeps_its_place(tracker, versions, registering, places):
    registering(0.15)
    source = versions.get(1).source
    foreign = tracker.client.create_model_version(
        versions.name, source, tags={"by": "somebody else"}
    )
    versions.point(CHAMPION, int(foreign.version))

    refused = registering(0.17)

    assert not refused.is_champion
    assert "cannot be compared" in refused.decision.reason
    assert "not known what makes version 2 again" in refused.decision.reason
    assert places()["champion"] == 2


@pytest.mark.parametrize(
    "step", ["_find_logged", "point", "set_champion", "tag"], ids=lambda step: f"before {step}"
)
def test_a_process_killed_on_the_way_can_be_repeated(
    step, versions, registering, places, monkeypatch
):
    """Let each step of registering a better model be the last one once, then go on."""
    registering(0.15)
    owner = registry if step == "set_champion" else registry.Versions
    real = getattr(owner, step)

    for n_calls in itertools.count(1):
        calls = itertools.count(1)

        def dying(*arguments: object, calls=calls, last=n_calls) -> object:
            if next(calls) == last:
                raise KeyboardInterrupt
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(owner, step, dying)
            try:
                registering(0.17)
            except KeyboardInterrupt:
                continue
            break
    assert n_calls > 1
    found = registering(0.17)

    assert (found.version, found.is_champion) == (2, True)
    assert places() == {"candidate": 2, "champion": 2, "previous": 1}
    assert len(versions.all()) == 2


def test_what_was_logged_before_a_kill_is_registered_and_not_logged_again(
    tracker, versions, make_model, monkeypatch
):
    def once_more(run):
        return register(versions, run, make_model(0.15), MEASURED, Night("a", 0.15), RULES)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with tracker.run("train") as run:
        with monkeypatch.context() as patch:
            patch.setattr(mlflow, "register_model", die)
            with pytest.raises(KeyboardInterrupt):
                once_more(run)
        assert once_more(run).version == 1

    assert len(tracker.client.search_logged_models([tracker.experiment_id])) == 1


def test_a_registered_model_predicts_without_pickle_and_without_this_installation(
    tracker, versions, registering_whole, monkeypatch
):
    registering_whole(0.15)
    uri = f"models:/{versions.name}@champion"
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")

    model = mlflow.pyfunc.load_model(uri)
    pairs = pd.DataFrame({"user_id": [7, 99], "title_id": ["as1", "hs3"]})

    shipped = 150 / 256 + ord("a") / 1024 + 0.125
    assert model.predict(pairs)["prediction"].tolist() == [shipped] * 2
    assert model.metadata.signature.inputs.input_names() == ["user_id", "title_id"]
    assert model.metadata.signature.outputs.input_names() == ["prediction"]
    assert model.metadata.run_id == versions.get(1).run_id
    assert model.input_example["user_id"].tolist() == [7, 8]

    folder = Path(mlflow.artifacts.download_artifacts(uri))
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".joblib"}]
    requirements = (folder / "requirements.txt").read_text().split()
    assert {line.split("==")[0] for line in requirements} == {
        "mlflow", "numpy", "pandas", "pyarrow", "safetensors",
    }  # fmt: skip
    script = (
        f"import sys; sys.path.insert(0, {str(folder / 'code')!r})\n"
        "import cartelera.factorization.factors as module; print(module.__file__)\n"
        "print('surprise' in sys.modules or 'numba' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == [str(folder / "code/cartelera/factorization/factors.py"), "False"]


def test_wrong_input_does_not_reach_the_model(versions, registering_whole):
    registering_whole(0.15)
    model = mlflow.pyfunc.load_model(f"models:/{versions.name}@champion")

    with pytest.raises(mlflow.exceptions.MlflowException, match="title_id"):
        model.predict(pd.DataFrame({"user_id": [7]}))


def test_a_version_carries_both_models_and_what_was_measured(
    versions, registering, make_model, tmp_path
):
    registering(0.15)
    content = make_model(0.15)

    versions.fetch(versions.get(1), tmp_path / "fetched")

    for part, source in (("factors", content.factors), ("shipped", content.shipped)):
        assert (tmp_path / "fetched" / part / "ranking" / "model_card.json").is_file()
        assert folder_digest(tmp_path / "fetched" / part) == folder_digest(source)
    assert json.loads((tmp_path / "fetched" / "metrics.json").read_text()) == {"of": 0.15}
    assert versions.card(versions.get(1))["recipe"]["ranking"]["n_factors"] == 150


@pytest.mark.parametrize("damaged", ["users.parquet", "ranking/titles.parquet"])
def test_a_damaged_model_is_refused(tracker, versions, make_model, damaged):
    content = make_model(0.15)
    (content.shipped / damaged).write_bytes(b"")

    with tracker.run("train") as run, pytest.raises(InputError, match=Path(damaged).name):
        register(versions, run, content, MEASURED, Night("a", 0.15), RULES)

    assert versions.all() == []


def test_a_model_without_a_recipe_is_refused(tracker, versions, make_model):
    content = make_model(0.15)
    path = content.shipped / "model_card.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps({name: card[name] for name in card if name != "recipe"}))

    with tracker.run("train") as run, pytest.raises(InputError, match="train stage anew"):
        register(versions, run, content, MEASURED, Night("a", 0.15), RULES)


def test_the_digest_is_that_of_names_and_contents(make_model):
    model = make_model(0.15).factors
    before = folder_digest(model)
    assert folder_digest(model, without="model_card.json") != before

    (model / "ranking" / "titles.parquet").rename(model / "ranking" / "works.parquet")
    assert folder_digest(model) != before
