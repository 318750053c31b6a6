"""A command or a stage imports what it uses: other tools cost each process seconds."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("modules", "spared"),
    [
        (
            "cartelera.cli",
            {"bentoml", "hydra", "matplotlib", "mlflow", "numba", "optuna", "pandas"},
        ),
        ("cartelera.stages.runner, cartelera.config", {"hydra", "mlflow", "pandas"}),
        (
            "cartelera.stages.etl, cartelera.stages.acquire, cartelera.stages.split",
            {"bentoml", "dask", "hydra", "matplotlib", "mlflow", "numba", "optuna", "sklearn"},
        ),
        (
            "cartelera.stages.recommend, cartelera.stages.package",
            {"matplotlib", "mlflow", "optuna"},
        ),
        ("cartelera.stages.train", {"bentoml", "matplotlib", "sklearn"}),
        ("cartelera.stages.register, cartelera.stages.eda", {"bentoml", "optuna", "sklearn"}),
    ],
)
def test_nothing_is_imported_that_is_not_used(modules, spared):
    script = f"import sys, {modules}; print(*{spared!r} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == []
