import errno
import re
import runpy
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cartelera import cli, config
from cartelera.errors import InputError
from cartelera.stages import compose

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


@pytest.mark.parametrize("command", ["repro", "compose", "serve", *cli.STAGES])
def test_the_example_in_the_help_of_a_command_is_taken(command, command_line):
    said = command_line.invoke(cli.app, [command, "--help"], env={"COLUMNS": "200"}).output

    (example,) = re.findall(rf"Example: cartelera {command} (.*\S)", said)
    config.compose(example.split(), REPOSITORY / "conf")


def test_the_commands_are_the_stages_of_the_pipeline():
    dvc = (REPOSITORY / "dvc.yaml").read_text()

    for stage in cli.STAGES:
        assert f"python -m cartelera.stages {stage}\n" in dvc


def test_compose_writes_what_the_overrides_say(command_line, project):
    result = command_line.invoke(cli.app, ["compose", "search=quick", "search.seed=5"])

    assert result.exit_code == 0
    assert "seed: 5" in (project / "params.yaml").read_text()


def test_a_link_in_place_of_the_data_folder_is_refused_in_words(command_line, project, caplog):
    (project / "elsewhere").mkdir()
    (project / "data").symlink_to("elsewhere")

    assert command_line.invoke(cli.app, ["repro"]).exit_code == 1

    assert "data is a symbolic link" in caplog.text
    assert "dvc cache dir" in caplog.text


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


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 1, "Free some and start again"),
        (shutil.Error([("a", "data/b", "No space left")]), 1, "data/b cannot be written: No space"),
        (PermissionError(errno.EACCES, "Permission denied", "data/raw"), 1, "data/raw: Permission"),
        (OSError(errno.EROFS, "Read-only file system", "data/raw"), 1, "yours to write to"),
        (KeyboardInterrupt(), 130, "Stopped"),
        (ModuleNotFoundError("no hydra", name="hydra"), 1, "pip install 'cartelera[pipeline]'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_the_programs_fault_is_told_without_a_traceback(
    error, status, said, command_line, project, monkeypatch, caplog
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(compose, "resolve", fail)

    result = command_line.invoke(cli.app, ["etl"])

    assert result.exit_code == status
    assert said in caplog.text
    assert "Traceback" not in caplog.text


def test_an_error_of_the_system_that_nobody_foresaw_keeps_its_traceback(
    command_line, project, monkeypatch
):
    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(compose, "resolve", fail)

    assert command_line.invoke(cli.app, ["etl"]).exception.errno == errno.EIO


def test_serving_before_anything_was_built_says_so(command_line, project, caplog):
    result = command_line.invoke(cli.app, ["serve"])

    assert result.exit_code == 1
    assert "cartelera repro" in caplog.text


def test_a_program_that_is_not_installed_is_named():
    with pytest.raises(InputError, match="dvc is not installed: `make install`"):
        cli._become(["dvc", "repro"], {"PATH": "/nowhere"})


@pytest.fixture
def built(project):
    """A project with something in the place of a built service."""
    (project / "data" / "bento").mkdir(parents=True)
    (project / "data" / "bento" / "bento.yaml").touch()
    return project


@pytest.mark.usefixtures("built")
def test_a_port_that_is_taken_is_named_before_anything_starts(command_line, monkeypatch, caplog):
    monkeypatch.setattr(cli, "_become", lambda *_: pytest.fail("it started"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = command_line.invoke(cli.app, ["serve", f"serve.port={port}"])

    assert result.exit_code == 1
    assert f"serve.port={port} cannot be listened on: Address already in use" in caplog.text


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("host", ["0.0.0.0", "'::'", "192.0.2.1"])
def test_nothing_is_opened_to_the_network_without_a_key(command_line, monkeypatch, caplog, host):
    monkeypatch.setattr(cli, "_become", lambda *_: pytest.fail("it started"))
    monkeypatch.delenv("CARTELERA_API_KEY", raising=False)

    result = command_line.invoke(cli.app, ["serve", f"serve.host={host}"])

    assert result.exit_code == 1
    assert "CARTELERA_API_KEY" in caplog.text
    assert "serve.open=true" in caplog.text


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("key", "overrides"), [("k" * 32, []), (None, ["serve.open=true"])], ids=["key", "meant"]
)
def test_the_network_is_opened_with_a_key_or_by_wish(command_line, monkeypatch, key, overrides):
    started = []
    monkeypatch.setattr(cli, "_become", lambda command, _: started.append(command))
    monkeypatch.setattr(cli, "_require_free", lambda *_: None)
    if key:
        monkeypatch.setenv("CARTELERA_API_KEY", key)

    result = command_line.invoke(cli.app, ["serve", "serve.host=0.0.0.0", *overrides])

    assert result.exit_code == 0
    assert started


@pytest.mark.usefixtures("built")
def test_a_host_that_is_not_this_machine_is_named(command_line, caplog):
    overrides = ["serve.host=192.0.2.1", "serve.port=47249", "serve.open=true"]
    result = command_line.invoke(cli.app, ["serve", *overrides])

    assert result.exit_code == 1
    assert "serve.host=192.0.2.1" in caplog.text


def test_a_program_takes_the_place_of_the_command_line():
    script = "import os; from cartelera import cli; print(os.getpid(), flush=True); "
    script += "cli._become(['sh', '-c', 'echo $$; exit 7'], dict(os.environ))"

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert len(set(ended.stdout.split())) == 1
    assert ended.returncode == 7


@pytest.fixture
def without_versions(command_line, project, new_store):
    """A project whose MLflow has no model yet."""
    command_line.invoke(cli.app, ["compose", f"tracking.uri={new_store(project)}"])
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


def test_a_file_in_place_of_the_data_folder_is_told(command_line, project, caplog):
    (project / "data").write_text("")

    assert command_line.invoke(cli.app, ["acquire"]).exit_code == 1
    assert "data: File exists. A file stands where a folder belongs" in caplog.text


def test_a_damaged_table_is_told_with_the_way_out(command_line, project, caplog):
    tables = [project / "data" / "clean" / f"{name}.parquet" for name in ("titles", "ratings")]
    tables[0].parent.mkdir(parents=True)
    for table in tables:
        table.write_bytes(b"PAR1")

    assert command_line.invoke(cli.app, ["split"]).exit_code == 1
    assert "ratings.parquet" in caplog.text
    assert "`cartelera repro` makes it again." in caplog.text


def test_a_damaged_report_is_told_with_the_way_out(command_line, project, caplog):
    for name in ("titles.parquet", "ratings.parquet", "received_ratings.parquet"):
        (project / "data" / "clean").mkdir(parents=True, exist_ok=True)
        (project / "data" / "clean" / name).touch()
    for path in ("reports/etl.json", "features/scores.csv", "model/champion/registered.json"):
        (project / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (project / "data" / path).write_text("[]")
    (project / "data" / "model" / "champion" / "shipped").mkdir()

    assert command_line.invoke(cli.app, ["package"]).exit_code == 1
    assert "etl.json holds no JSON object. `cartelera repro` makes it again." in caplog.text


@pytest.mark.parametrize("arguments", [[], ["nope"], ["etl", "eda"]])
def test_what_is_no_stage_is_told(arguments, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["stages", *arguments])

    with pytest.raises(SystemExit, match="Name a stage"):
        runpy.run_module("cartelera.stages", run_name="__main__")
