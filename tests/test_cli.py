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

    for stage in (*cli.STAGES, "repro", "compose", "serve", "models", "promote", "rollback"):
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


@pytest.fixture
def without_versions(command_line, project):
    """A project whose MLflow has no model yet."""
    command_line.invoke(cli.app, ["compose", f"tracking.uri=sqlite:///{project}/mlflow.db"])
    return project


@pytest.mark.usefixtures("without_versions")
@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["models"], 0, "has no versions yet: `cartelera repro`"),
        (["promote", "--reason", "why not"], 1, "has no versions yet: `cartelera repro`"),
        (["promote", "3", "--reason", "why not"], 1, "has no versions yet"),
        (["promote", "--reason", " "], 1, "A reason is needed"),
        (["rollback", "--reason", "why not"], 1, "no former champion"),
    ],
)
def test_before_anything_is_registered_the_answer_says_what_to_do(
    words, status, said, command_line, caplog
):
    with caplog.at_level("INFO"):
        result = command_line.invoke(cli.app, words)

    assert result.exit_code == status
    assert said in caplog.text


@pytest.mark.parametrize(
    "words",
    [
        ["promote"],
        ["rollback"],
        ["promote", "v2", "--reason", "x"],
        ["promote", "0", "--reason", "x"],
    ],
)
def test_a_promotion_without_reason_or_number_is_refused(words, command_line, project):
    assert command_line.invoke(cli.app, words).exit_code == 2
    assert [path.name for path in project.iterdir()] == ["conf"]
