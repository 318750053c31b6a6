"""The container to develop in has a Python the lock is for, and opens what is served."""

import json
import re
import tomllib
from pathlib import Path

from packaging.specifiers import SpecifierSet

from cartelera.config import compose

REPOSITORY = Path(__file__).parents[2]
CONTAINER = json.loads((REPOSITORY / ".devcontainer" / "devcontainer.json").read_text())


def test_its_python_is_one_the_project_runs_on():
    (version,) = re.findall(r"python:1-(3\.\d+)-", CONTAINER["image"])
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert version in SpecifierSet(project["requires-python"])


def test_its_ports_are_those_of_the_service_and_of_mlflow():
    makefile = (REPOSITORY / "Makefile").read_text()
    served = compose(conf=REPOSITORY / "conf").serve.port
    mlflow = int(re.findall(r"mlflow server .*--port (\d+)", makefile)[0])
    assert CONTAINER["forwardPorts"] == [served, mlflow]
    assert re.search(rf"^{CONTAINER['postCreateCommand'].removeprefix('make ')}:", makefile, re.M)
