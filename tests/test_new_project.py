"""A project laid out by the package runs without the package's sources."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cartelera import cli
from cartelera.config import compose
from cartelera.errors import InputError
from cartelera.new_project import lay_out

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path):
    lay_out(tmp_path / "mine")
    return tmp_path / "mine"


def test_its_settings_are_those_of_the_package(project):
    assert compose(conf=project / "conf") == compose(conf=REPOSITORY / "conf")


def test_its_pipeline_depends_on_data_and_settings_alone(project):
    own = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    laid_out = yaml.safe_load((project / "dvc.yaml").read_text())["stages"]

    for name, stage in own.items():
        kept = [one for one in stage["deps"] if not one.startswith("src/")]
        assert laid_out[name] == {**stage, "deps": kept}


def test_dvc_reads_it(project):
    listed = subprocess.run(
        [sys.executable, "-m", "dvc", "stage", "list", "--name-only"],
        cwd=project, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert listed.stdout.split()[:3] == ["compose", "acquire", "etl"]


def test_nothing_that_is_there_is_overwritten(tmp_path):
    (tmp_path / "dvc.yaml").write_text("mine")

    with pytest.raises(InputError, match=r"dvc\.yaml already"):
        lay_out(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["dvc.yaml"]


def test_the_command_says_what_comes_next(tmp_path, caplog):
    caplog.set_level("INFO", "cartelera")
    done = CliRunner().invoke(cli.app, ["init", str(tmp_path / "mine")])

    assert done.exit_code == 0
    assert "cartelera repro" in caplog.text


def test_the_program_says_its_version():
    assert CliRunner().invoke(cli.app, ["--version"]).output.startswith("cartelera 0.")


def test_a_wheel_holds_what_is_laid_out(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)

    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    brought = {name.removeprefix("cartelera/project/") for name in names if "/project/" in name}
    assert {".dvc/config", ".dvcignore", "MLproject", "dvc.yaml", "conf/config.yaml"} <= brought
