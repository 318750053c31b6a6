import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.tracking.registry import folder_digest, register


def save_factors(folder: Path, mean: float = 3.5) -> Path:
    Factors(
        global_mean=mean,
        user_bias=np.array([0.5, -0.5], np.float32),
        title_bias=np.array([0.25, 0, -0.25], np.float32),
        user_factors=np.eye(2, dtype=np.float32),
        title_factors=np.zeros((3, 2), np.float32),
        user_ids=np.array([7, 8]),
        title_ids=np.array(["as1", "ds2", "hs3"], dtype=object),
        title_means=np.array([4, 3, 2], np.float32),
        scale=(0.5, 5.0),
    ).save(folder, {"model": "svd"})
    return folder


def metrics(rmse: float, split: str = "a") -> dict:
    return {"model": {"rmse": rmse}, "bias_only": {"rmse": 0.95}, "split_digest": split}


@pytest.fixture
def registering(tracker, tmp_path, request):
    """Registers a model with its own mean under a name of the test's own."""

    def do(mean: float, rmse: float, split: str = "a"):
        folder = save_factors(tmp_path / str(mean), mean)
        with tracker.run("train") as run:
            return register(
                tracker, run, folder, metrics(rmse, split), name=request.node.name, margin=0.001
            )

    return do


def aliases(tracker, name: str) -> dict[str, int]:
    return {k: int(v) for k, v in tracker.client.get_registered_model(name).aliases.items()}


def test_the_way_of_models_through_the_gate(tracker, registering, request):
    name = request.node.name

    first = registering(3.5, rmse=0.90)
    assert (first.version, first.promoted, first.aliases) == (1, True, ("candidate", "champion"))

    again = registering(3.5, rmse=0.90)
    assert (again.version, again.promoted, again.run_id) == (1, False, first.run_id)
    assert "already" in again.reason
    assert len(tracker.client.search_model_versions(f"name = '{name}'")) == 1

    worse = registering(3.6, rmse=0.91)
    assert (worse.version, worse.promoted, worse.aliases) == (2, False, ("candidate",))
    assert aliases(tracker, name) == {"candidate": 2, "champion": 1}

    better = registering(3.7, rmse=0.89)
    assert (better.version, better.promoted, better.aliases) == (3, True, ("candidate", "champion"))
    assert aliases(tracker, name) == {"candidate": 3, "champion": 3, "previous": 1}

    elsewhere = registering(3.8, rmse=0.94, split="b")
    assert elsewhere.promoted
    assert "another split" in elsewhere.reason
    assert aliases(tracker, name) == {"candidate": 4, "champion": 4, "previous": 3}


def test_a_registered_model_predicts_without_pickle_and_without_this_installation(
    tracker, registering, request, monkeypatch
):
    registered = registering(3.5, rmse=0.90)
    uri = f"models:/{request.node.name}@champion"
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "false")

    model = mlflow.pyfunc.load_model(uri)
    pairs = pd.DataFrame({"user_id": [7, 8, 99], "title_id": ["as1", "hs3", "as1"]})

    assert model.predict(pairs)["prediction"].tolist() == pytest.approx([4.25, 2.75, 4.0])
    assert model.metadata.signature.inputs.input_names() == ["user_id", "title_id"]
    assert model.metadata.signature.outputs.input_names() == ["prediction"]
    assert model.metadata.run_id == registered.run_id
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


def test_wrong_input_does_not_reach_the_model(registering, request):
    registering(3.5, rmse=0.90)
    model = mlflow.pyfunc.load_model(f"models:/{request.node.name}@champion")

    with pytest.raises(mlflow.exceptions.MlflowException, match="title_id"):
        model.predict(pd.DataFrame({"user_id": [7]}))


def test_a_champion_registered_by_other_means_does_not_stop_the_gate(tracker, registering, request):
    first = registering(3.5, rmse=0.90)
    for tag in ("cartelera.rmse", "cartelera.split_digest"):
        tracker.client.delete_model_version_tag(first.name, str(first.version), tag)

    assert registering(3.6, rmse=0.91).promoted


def test_a_damaged_model_and_lacking_metrics_are_refused(tracker, tmp_path):
    folder = save_factors(tmp_path / "factors")
    with tracker.run("train") as run:
        with pytest.raises(InputError, match="bias_only"):
            register(tracker, run, folder, {"model": {"rmse": 1}}, name="x", margin=0)
        (folder / "users.parquet").write_bytes(b"")
        with pytest.raises(InputError, match=r"users\.parquet"):
            register(tracker, run, folder, metrics(0.9), name="x", margin=0)


def test_the_digest_is_that_of_names_and_contents(tmp_path):
    one, two = save_factors(tmp_path / "one"), save_factors(tmp_path / "two")

    assert folder_digest(one) == folder_digest(two)
    (two / "users.parquet").rename(two / "people.parquet")
    assert folder_digest(one) != folder_digest(two)
