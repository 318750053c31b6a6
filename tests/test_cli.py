import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cartelera import cli

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def command_line():
    return CliRunner()


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "conf").symlink_to(REPOSITORY / "conf")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CARTELERA_OVERRIDES", raising=False)
    return tmp_path


def test_help_names_every_stage(command_line):
    said = command_line.invoke(cli.app, ["--help"]).output

    for stage in (*cli.STAGES, "repro", "compose", "serve"):
        assert stage in said


def test_the_commands_are_the_stages_of_the_pipeline():
    dvc = (REPOSITORY / "dvc.yaml").read_text()

    for stage in cli.STAGES:
        assert f"python -m cartelera.stages.{stage}\n" in dvc


def test_compose_writes_what_the_overrides_say(command_line, project):
    result = command_line.invoke(cli.app, ["compose", "search=quick", "search.seed=5"])

    assert result.exit_code == 0
    assert "seed: 5" in (project / "params.yaml").read_text()


@pytest.mark.parametrize("command", ["repro", "compose", "search", "serve"])
def test_a_wrong_override_ends_with_status_1_and_leaves_nothing(
    command, command_line, project, caplog
):
    result = command_line.invoke(cli.app, [command, "search.n_trails=5"])

    assert result.exit_code == 1
    assert "search.n_trails" in caplog.text
    assert [path.name for path in project.iterdir()] == ["conf"]


@pytest.mark.parametrize("stage", [name for name in cli.STAGES if name != "acquire"])
def test_a_stage_without_its_input_says_what_to_run(stage, command_line, project, caplog):
    result = command_line.invoke(cli.app, [stage, "tracking.uri=sqlite:///unused.db"])

    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "data/" in caplog.text
    assert "stage" in caplog.text
    assert not list(project.rglob(".draft-*"))


def test_serving_before_anything_was_built_says_so(command_line, project, caplog):
    result = command_line.invoke(cli.app, ["serve"])

    assert result.exit_code == 1
    assert "cartelera repro" in caplog.text


def test_a_program_takes_the_place_of_the_command_line():
    script = "import os; from cartelera import cli; print(os.getpid(), flush=True); "
    script += "cli._become(['sh', '-c', 'echo $$; exit 7'], dict(os.environ))"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert len(set(ended.stdout.split())) == 1
    assert ended.returncode == 7
