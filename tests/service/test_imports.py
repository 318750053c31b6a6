"""What the served processes load: the smaller, the faster and safer they start."""

import subprocess
import sys

import pytest

PIPELINE = (
    "mlflow",
    "optuna",
    "dvc",
    "surprise",
    "numba",
    "hydra",
    "omegaconf",
    "pandera",
    "matplotlib",
    "scipy",
    "sklearn",
)
WORKERS_ONLY = ("pandas", "pyarrow", "safetensors", "gradio")

SCRIPT = """
import importlib
import sys

modules, refused = sys.argv[1].split(), sys.argv[2].split()

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in refused:
            raise AssertionError("the served process imports " + name)

sys.meta_path.insert(0, Refuse())
for module in modules:
    importlib.import_module(module)
"""

STARTING = "cartelera.service.service"
WORKING = f"{STARTING} cartelera.service.bundle.loading cartelera.service.answering.health"


@pytest.mark.parametrize(
    ("modules", "refused"), [(STARTING, (*PIPELINE, *WORKERS_ONLY)), (WORKING, PIPELINE)]
)
def test_a_served_process_loads_none_of_what_it_does_without(modules: str, refused: tuple[str]):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, modules, " ".join(refused)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
