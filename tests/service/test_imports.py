"""What the served process loads: the smaller, the faster and safer it starts."""

import subprocess
import sys

FORBIDDEN = (
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

SCRIPT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1:]:
            raise AssertionError("the served process imports " + name)

sys.meta_path.insert(0, Refuse())
import cartelera.service.service
"""


def test_the_served_process_loads_none_of_the_pipelines_libraries():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *FORBIDDEN], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
