"""The compose file: what it must say to be safe, and that its parts fit together."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
OURS = ("bucket", "mlflow", "pipeline", "service")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    return compose["services"]


def test_every_secret_is_asked_for_and_none_is_given():
    text = COMPOSE.read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", text))
    assert text.count("${") == len(re.findall(r"\$\{\w+:\?", text))
    assert set(re.findall(r"^(\w+)=(.*)$", (DEPLOY / ".env.example").read_text(), re.M)) == {
        (name, "") for name in asked
    }


def test_passwords_stay_out_of_command_lines(services: dict[str, Any]):
    assert not [name for name in services if "${" in str(services[name].get("command"))]


def test_only_loopback_is_listened_on(services: dict[str, Any]):
    ports = [port for each in services.values() for port in each.get("ports", [])]
    assert sorted(ports) == ["127.0.0.1:3000:3000", "127.0.0.1:5000:5000"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_rights(services: dict[str, Any], name: str):
    service = services[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_service_takes_its_key_from_outside_and_none_is_given(services: dict[str, Any]):
    assert services["service"]["environment"]["CARTELERA_API_KEY"] is None
    assert "#CARTELERA_API_KEY=\n" in (DEPLOY / ".env.example").read_text()


@pytest.mark.parametrize("name", ["mlflow", "pipeline", "service"])
def test_our_long_running_containers_have_bounds(services: dict[str, Any], name: str):
    assert {"mem_limit", "pids_limit"} <= services[name].keys()


def test_what_is_waited_for_can_be_waited_for(services: dict[str, Any]):
    for each in services.values():
        for other, wanted in each.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in services[other], other
            if wanted["condition"] == "service_completed_successfully":
                assert services[other].get("restart") in (None, "on-failure"), other


def test_named_volumes_and_networks_are_declared(compose: dict[str, Any], services: dict[str, Any]):
    mounts = [
        mount.split(":")[0] for each in services.values() for mount in each.get("volumes", [])
    ]
    assert {mount for mount in mounts if not mount.startswith(".")} == compose["volumes"].keys()
    for mount in mounts:
        assert not mount.startswith(".") or (DEPLOY / mount).is_file(), mount
    used = {network for each in services.values() for network in each["networks"]}
    assert used == compose["networks"].keys()


def test_foreign_images_have_a_version(services: dict[str, Any]):
    images = {each["image"] for each in services.values()}
    foreign = {image for image in images if not image.startswith("cartelera")}
    assert foreign
    assert not [image for image in foreign if not re.search(r":v?\d", image)]


def test_mlflow_answers_to_the_name_the_pipeline_calls_it_by(services: dict[str, Any]):
    allowed = next(w for w in services["mlflow"]["command"] if w.startswith("--allowed-hosts="))
    called = services["pipeline"]["environment"]["MLFLOW_TRACKING_URI"].removeprefix("http://")
    assert called in allowed.split("=")[1].split(",")
    assert "*" not in allowed


def test_the_service_serves_what_the_pipeline_publishes(services: dict[str, Any]):
    published = services["pipeline"]["environment"]["CARTELERA_PUBLISHED"]
    assert services["service"]["environment"]["BENTO_PATH"] == published


def test_docker_compose_takes_it(tmp_path: Path):
    commands = (["docker", "compose"], ["docker-compose"])
    program = next((command for command in commands if takes_a_command(command)), None)
    if program is None:
        pytest.skip("no Docker Compose here (apt package docker-compose-v2 or docker-compose)")
    names = re.findall(r"^(\w+)=$", (DEPLOY / ".env.example").read_text(), re.MULTILINE)
    secrets = tmp_path / "env"
    secrets.write_text("".join(f"{name}=x\n" for name in names))
    command = [*program, "--env-file", str(secrets), "--file", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def takes_a_command(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run([*command, "version"], capture_output=True, check=False)
    return done.returncode == 0
