import itertools
import json
import subprocess
import sys
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from cartelera.errors import CarteleraError, InputError
from cartelera.tracking import registry
from cartelera.tracking.gate import Rules
from cartelera.tracking.registry import register
from cartelera.tracking.versions import CHAMPION, folder_digest

RULES = Rules(margin=0, must_be_clear=False, min_ratings=1, n_bootstrap=100, confidence=0.9, seed=0)


def test_the_way_of_models_through_the_gate(tracker, versions, registering, places):
    first = registering(3.5)
    assert (first.version, first.is_champion, first.decision.promote) == (1, True, True)
    assert "there is no champion" in first.decision.reason
    assert places() == {"candidate": 1, "champion": 1}

    worse = registering(3.4)
    assert (worse.version, worse.is_champion) == (2, False)
    assert "0.6000 against 0.5000 of the champion, version 1" in worse.decision.reason
    assert places() == {"candidate": 2, "champion": 1}

    better = registering(3.7)
    assert (better.version, better.is_champion) == (3, True)
    assert better.decision.contest.n_ratings == 8
    assert places() == {"candidate": 3, "champion": 3, "previous": 1}

    run = tracker.client.get_run(versions.get(3).run_id)
    assert run.data.tags["cartelera.version"] == "3"
    assert run.data.tags["cartelera.gate"] == better.decision.reason


def test_the_same_model_is_registered_once_and_gets_the_same_answer(versions, registering, places):
    promoted, refused = registering(3.5), registering(3.4)

    assert registering(3.5) == promoted
    assert registering(3.4) == refused
    assert places() == {"candidate": 2, "champion": 1}
    assert [int(version.version) for version in versions.all()] == [2, 1]


def test_a_version_is_judged_once_a_champion_split_and_set_of_rules(
    versions, registering, monkeypatch
):
    registering(3.5)
    refused = registering(3.4)

    def must_not(*_: object) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(registry, "_judge", must_not)
    assert registering(3.4) == refused
    with pytest.raises(AssertionError, match="judged again"):
        registering(3.4, split="b")
    versions.point(CHAMPION, 2)
    registering(3.4)
    with pytest.raises(AssertionError, match="judged again"):
        registering(3.5)


def test_on_another_split_only_what_came_after_the_champion_counts(registering):
    registering(3.5, last_timestamp=13)

    worse = registering(3.4, split="b")
    assert not worse.is_champion
    assert "the 5 of 8 test ratings given after" in worse.decision.reason

    assert registering(3.7, split="c", last_timestamp=99).is_champion
    apart = registering(3.6, split="d")
    assert apart.is_champion
    assert "only 0 of the 8 test ratings" in apart.decision.reason
    assert "against 1.0000 of the bias baseline" in apart.decision.reason


def test_a_first_model_that_the_baseline_beats_is_no_champion(registering, places):
    refused = registering(3.5, baseline=0.4)

    assert not refused.is_champion
    assert places() == {"candidate": 1}


def test_a_champion_made_by_other_means_is_not_compared_and_does_not_stop_the_gate(
    tracker, versions, registering
):
    registering(3.5)
    source = versions.get(1).source
    foreign = tracker.client.create_model_version(
        versions.name, source, tags={"by": "somebody else"}
    )
    versions.point(CHAMPION, int(foreign.version))

    found = registering(3.4)

    assert found.is_champion
    assert "cannot be compared" in found.decision.reason
    assert "not those that were registered" in found.decision.reason


@pytest.mark.parametrize("error", [ConnectionError, mlflow.exceptions.MlflowException])
def test_a_champion_that_cannot_be_fetched_keeps_its_place(registering, places, monkeypatch, error):
    registering(3.5)

    def fail(*_: object, **__: object) -> None:
        raise error("the server is restarting")

    with monkeypatch.context() as patch:
        patch.setattr("cartelera.tracking.versions.download_artifacts", fail)
        with pytest.raises(CarteleraError, match=r"version 1 .* cannot be fetched"):
            registering(3.4)

    assert places()["champion"] == 1
    assert not registering(3.4).is_champion


@pytest.mark.parametrize(
    "step", ["_find_logged", "point", "crown", "tag"], ids=lambda step: f"before {step}"
)
def test_a_process_killed_on_the_way_can_be_repeated(
    step, versions, registering, places, monkeypatch
):
    """Let each step of registering a better model be the last one once, then go on."""
    registering(3.5)
    owner = registry if step == "crown" else registry.Versions
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
                registering(3.7)
            except KeyboardInterrupt:
                continue
            break
    assert n_calls > 1
    found = registering(3.7)

    assert (found.version, found.is_champion) == (2, True)
    assert places() == {"candidate": 2, "champion": 2, "previous": 1}
    assert len(versions.all()) == 2


def test_what_was_logged_before_a_kill_is_registered_and_not_logged_again(
    tracker, versions, registering, make_model, test_part, monkeypatch
):
    metrics = {"model": {"rmse": 0.5}, "bias_only": {"rmse": 1}, "split_digest": "a"}

    def once_more(run):
        return register(
            tracker, run, make_model(3.5), metrics, test_part, name=versions.name, rules=RULES
        )

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
    registering_whole(3.5)
    uri = f"models:/{versions.name}@champion"
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")

    model = mlflow.pyfunc.load_model(uri)
    pairs = pd.DataFrame({"user_id": [7, 99], "title_id": ["as1", "hs3"]})

    shipped = [3.625, 3.625]
    assert model.predict(pairs)["prediction"].tolist() == shipped
    assert model.metadata.signature.inputs.input_names() == ["user_id", "title_id"]
    assert model.metadata.signature.outputs.input_names() == ["prediction"]
    assert model.metadata.run_id == versions.get(1).run_id
    assert model.input_example["user_id"].tolist() == [7, 8]

    folder = Path(mlflow.artifacts.download_artifacts(uri))
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pyc"}]
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
    registering_whole(3.5)
    model = mlflow.pyfunc.load_model(f"models:/{versions.name}@champion")

    with pytest.raises(mlflow.exceptions.MlflowException, match="title_id"):
        model.predict(pd.DataFrame({"user_id": [7]}))


def test_a_version_carries_both_models_and_what_was_measured(
    versions, registering, make_model, tmp_path
):
    registering(3.5)
    content = make_model(3.5)

    versions.fetch(versions.get(1), tmp_path / "fetched")

    for part, source in (("factors", content.factors), ("shipped", content.shipped)):
        assert folder_digest(tmp_path / "fetched" / part) == folder_digest(source)
    assert json.loads((tmp_path / "fetched" / "metrics.json").read_text()) == {"of": 3.5}


def test_a_damaged_model_and_lacking_metrics_are_refused(tracker, versions, make_model, test_part):
    content = make_model(3.5)
    good = {"model": {"rmse": 0.5}, "bias_only": {"rmse": 1}, "split_digest": "a"}

    def attempt(metrics: dict) -> None:
        with tracker.run("train") as run:
            register(tracker, run, content, metrics, test_part, name=versions.name, rules=RULES)

    with pytest.raises(InputError, match="bias_only"):
        attempt({"model": {"rmse": 1}})
    (content.shipped / "users.parquet").write_bytes(b"")
    with pytest.raises(InputError, match=r"users\.parquet"):
        attempt(good)
    assert versions.all() == []


def test_the_digest_is_that_of_names_and_contents(make_model):
    one, two = make_model(3.5).factors, make_model(3.5, 10.0).factors

    assert folder_digest(one, without="model_card.json") == folder_digest(
        two, without="model_card.json"
    )
    (two / "users.parquet").rename(two / "people.parquet")
    assert folder_digest(one) != folder_digest(two)
